"""Who is told of an event, whether, when, how, and what became of it. Pure."""
