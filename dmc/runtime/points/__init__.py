"""The variation points, one module per mechanism, each only a table."""
