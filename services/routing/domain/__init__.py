"""Who has a case, why, and until when. Pure."""
