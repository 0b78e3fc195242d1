"""The audit: verified, searched, and what operators do written into it."""
