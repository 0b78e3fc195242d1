"""What is counted of a consultation, what may be asked, and what the answer says. Pure."""
