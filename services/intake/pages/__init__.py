"""Pages for who asks, for officers, and for who follows a link: by the API's rules."""
