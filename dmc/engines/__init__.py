"""Ways to decide a transition system."""
