"""A town to break: the whole system, its faults, its load and what must come out of it."""
