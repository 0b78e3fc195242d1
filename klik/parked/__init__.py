"""Messages put aside: `view.py` shows them, `lot.py` moves them, `audit.py` keeps who did what."""
