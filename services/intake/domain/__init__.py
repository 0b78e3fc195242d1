"""What a consultation is, what may be done about it and what follows. Pure."""
