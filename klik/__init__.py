"""Klik Desa Idaman: everything that the command line, the services and the tests share."""
