"""What is kept in the user's cache from one run to the next."""
