"""What can be said of a property. Never a truth value."""

from __future__ import annotations

from enum import Enum


class Verdict(Enum):
    """The verdict of one property in one run."""

    PROVED = "proved"
    """The stated instance was searched completely and nothing was cut."""
    BOUNDED = "bounded"
    """No violation, but something was cut; it is named."""
    VIOLATED = "violated"
    VACUOUS = "vacuous"
    """It applies and the search was complete, but its trigger never happened."""
    NOT_APPLICABLE = "not-applicable"
    """The model does not use the feature."""
    INCONCLUSIVE = "inconclusive"
    """Time, memory, a limit or an interrupt came first."""
