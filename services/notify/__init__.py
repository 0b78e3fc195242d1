"""notify: tells people, once, and records it."""
