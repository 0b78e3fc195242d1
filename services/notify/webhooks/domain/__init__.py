"""What a subscription gets, where it may go and who may see it. Pure."""
