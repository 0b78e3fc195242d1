"""Consultations at rest: one document each, its private part encrypted."""
