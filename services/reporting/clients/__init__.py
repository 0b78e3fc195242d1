"""What reporting asks of other services."""
