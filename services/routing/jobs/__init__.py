"""What no message sets off; the guard on a case's version keeps each effect single."""
