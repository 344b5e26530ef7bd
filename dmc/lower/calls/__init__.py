"""The calls of the driver API and of the language: a module, with its table `CALLS`, for each mechanism."""
