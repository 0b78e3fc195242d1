"""From the log to facts, pages and cubes, again and again the same."""
