"""The words of the language: which are reserved, which only mean something in one place."""

from __future__ import annotations

C_RESERVED = frozenset(
    [
        "break",
        "case",
        "const",
        "continue",
        "default",
        "else",
        "enum",
        "for",
        "if",
        "return",
        "sizeof",
        "struct",
        "switch",
        "while",
        "NULL",
        "true",
        "false",
    ]
)
ITEM_RESERVED = frozenset(
    [
        "allow",
        "axis",
        "driver",
        "expect",
        "fault",
        "import",
        "invariant",
        "needs",
        "on",
        "peer",
        "process",
        "quiescent",
        "rule",
        "runtime",
        "scenario",
        "thread",
    ]
)
STATEMENT_RESERVED = frozenset(
    [
        "any_order",
        "assert",
        "assume",
        "atomic",
        "await",
        "choose",
        "either",
        "list",
        "or",
        "reachable",
        "receive",
        "set",
        "spawn",
        "upto",
    ]
)
RESERVED = C_RESERVED | ITEM_RESERVED | STATEMENT_RESERVED

LATER = frozenset(["always", "eventually", "until", "leads_to", "fair"])
"""Kept free for temporal properties; refused as "not in this version"."""

TOP_LEVEL_ONLY = frozenset(["axis", "driver", "expect", "import", "invariant", "rule", "scenario"])
"""Words that begin an item of a file and nothing else: a place to start afresh after an error."""

INTEGER_WORDS = frozenset(["unsigned", "long", "short", "int", "char"])
"""Words that C writes one after another to name a single type."""

C_REFUSED: dict[str, tuple[str, str, str]] = {
    "auto": ("`auto` is not needed", "", "write the type of the variable"),
    "do": ("there is no `do` loop", "", "write `while (true) { ... if (!condition) break; }`"),
    "double": ("there are no fractions", "", "count in an integer type, for example `int` or `long`"),
    "extern": (
        "`extern` is not needed",
        "nothing is declared forward, and a file is read whole",
        'delete it; for names of another file, write `import "other.dmc";`',
    ),
    "float": ("there are no fractions", "", "count in an integer type, for example `int` or `long`"),
    "goto": (
        "there is no `goto`",
        "a jump hides which steps a callback takes",
        "move what stands behind the label into a helper, and write `return` where the jump was",
    ),
    "inline": ("`inline` is not needed", "it changes nothing that a driver can notice", "delete it"),
    "register": ("`register` is not needed", "it changes nothing that a driver can notice", "delete it"),
    "signed": ("`signed` is not needed", "`int` and `long` have a sign", "delete it, or write `int`"),
    "static": (
        "`static` is not needed",
        "a variable of a driver is one for all of its ports, as a C static is",
        "delete `static`; for one value per port, put it into the struct that `start` returns",
    ),
    "typedef": (
        "`typedef` is not needed",
        "the name of a struct or an enum is a type",
        "write `struct Name { ... };` and use `Name`",
    ),
    "union": (
        "there is no `union`",
        "one type for each object is what lets a mismatch be found",
        "write a `struct` with one field for each case",
    ),
    "volatile": (
        "there is no `volatile`",
        "in C it orders nothing between threads",
        "write `atomic int x;` for a C11 atomic, or delete it: a race on a plain field is then found",
    ),
}
"""For each C word that is refused by name: the message, the note under the caret, the hint."""
