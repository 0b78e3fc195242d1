"""The live stream: which figures changed, for whoever listens, whichever replica changed them."""
