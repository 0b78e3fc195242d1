"""Measurements, on real processes and private nodes: `python -m bench --help`."""
