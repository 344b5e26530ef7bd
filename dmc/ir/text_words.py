"""The words of the text form, which the printer and the parser share."""

from __future__ import annotations

import re

_WORDS = (
    "dmc_ir variable list pool thread initial ends property",
    "bool range enum ref integer unset size kind owned field capacity length times start",
    "register point rest frame role step mover blocking spurious guard waits holder party",
    "access write atomic frees lifetime protected triggers condition in obliged reaches without",
    "not and or if then else self instance full at exists forall count item",
    "choose push remove new kill goto check fault cut drop violate cover collect emit",
)

KEYWORDS = frozenset(word for line in _WORDS for word in line.split())
"""A name that is one of these is written in quotes."""

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")

OPERATORS = frozenset(["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&", "|", "^", "<<", ">>"])
OPERATORS |= {"and", "or"}
