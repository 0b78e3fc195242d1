"""intake: takes a consultation in over HTTP and keeps it."""
