"""routing: gives each consultation to an officer of the satgas of its kecamatan."""
