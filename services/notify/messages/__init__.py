"""From the facts of an alert to its text, in both languages and for each channel."""
