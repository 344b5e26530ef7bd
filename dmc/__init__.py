"""A model checker for the protocols of Erlang linked-in drivers."""

__version__ = "0.1.0"
