"""Ours beside what the same packages, and others, need for the same durable steps."""
