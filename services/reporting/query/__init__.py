"""From a query to its figures, and to files of them."""
