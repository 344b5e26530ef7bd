"""What the engines ask of a system before, beside and after the search itself."""
