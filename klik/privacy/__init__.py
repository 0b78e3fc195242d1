"""Personal data: erased on request and after its time, and its keys rotated."""
