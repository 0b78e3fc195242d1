"""The four services; each is run with `python -m services.<name>`."""
