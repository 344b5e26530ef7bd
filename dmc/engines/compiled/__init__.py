"""The compiled engine: a system becomes C, and a search written in C runs it."""
