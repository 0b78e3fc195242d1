"""From a queued alert to the record of how it ended."""
