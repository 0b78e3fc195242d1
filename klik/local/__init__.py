"""The whole system on this host, without Docker, and its demo."""
