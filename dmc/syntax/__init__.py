"""Text and its syntax tree, both ways."""
