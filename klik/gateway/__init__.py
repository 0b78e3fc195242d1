"""One address for the four services: which path is whose, and what passes requests on here."""
