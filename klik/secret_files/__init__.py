"""A deployment's files of secrets: who reads which, and how they are changed."""
