"""HTTP: the app around every API, who may call what, and how we call each other."""
