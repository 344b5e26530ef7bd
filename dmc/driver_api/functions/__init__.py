"""The entries, one module for each family; each has `FUNCTIONS`."""
