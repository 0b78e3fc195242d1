"""Other programs that intake asks."""
