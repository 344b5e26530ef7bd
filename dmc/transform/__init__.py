"""Passes from system to system."""
