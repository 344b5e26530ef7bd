"""The transition system: it knows no word of Erlang."""
