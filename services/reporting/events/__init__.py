"""The append-only log: every event as it came."""
