"""Faults: what the whole system does when parts of it break."""
