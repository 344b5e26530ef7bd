"""The types of the language, its model, and how the one comes from the syntax tree."""
