"""The dashboard at `/`: a page, what it is made of, and the one reply that it shows."""
