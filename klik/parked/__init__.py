"""Messages put aside: what an operator sees of them (`view.py`), does to them (`lot.py`), and what
is kept of that (`audit.py`)."""
