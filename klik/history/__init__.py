"""What is derived from reporting's event log: made anew, told again, filled for measurements."""
