"""Consultations at rest: one sealed document each."""
