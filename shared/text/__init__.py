"""What people read and write: languages, characters, telephone numbers, addresses."""
