"""What notify asks of other services."""
