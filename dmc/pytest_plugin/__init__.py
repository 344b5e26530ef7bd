"""Models with expectations as tests of pytest, and fixtures for tests that check models."""
