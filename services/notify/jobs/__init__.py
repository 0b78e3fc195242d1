"""What no message sets off."""
