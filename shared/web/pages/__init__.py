"""Pages for people, of all services: one design, both languages, one strict policy."""
