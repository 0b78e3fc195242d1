"""routing's page for people: who is in a satgas, who is away, who knows what."""
