"""Keys in settings and files: how they are written, and followed while they change."""
