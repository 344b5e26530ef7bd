"""Explicit search in plain Python: slow, short, the yardstick."""
