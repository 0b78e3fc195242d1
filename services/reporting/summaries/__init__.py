"""Tells the numbers of a week and of a month once they are over, as an event."""
