"""What no message sets off: timers, held cases, changed rules."""
