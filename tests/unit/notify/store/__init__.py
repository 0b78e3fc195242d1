"""Tests of how notify keeps what it knows."""
