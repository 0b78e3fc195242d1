"""Code that two or more services use, and no business rules."""
