"""Typed clients of Klik Desa's APIs, one package for each: intake, routing, notify, reporting."""
