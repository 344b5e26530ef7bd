"""The meaning of a model: from a run of it to a transition system."""
