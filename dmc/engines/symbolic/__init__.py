"""Explicit control, symbolic data: each state is a control state and a region of integers."""
