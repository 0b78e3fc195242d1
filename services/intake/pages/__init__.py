"""Pages for who asks, and who follows a link of ours: what the API does, by the API's rules."""
