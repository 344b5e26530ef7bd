"""The driver API and the callbacks, as entries."""
