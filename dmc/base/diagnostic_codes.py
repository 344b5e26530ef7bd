"""The registry of diagnostic codes: one entry for each, in order, never reused.

E1xx is the text itself, E2xx names, E3xx types and calls, E4xx scenarios and rules, E5xx releases,
E6xx expectations.
"""

from __future__ import annotations

from dataclasses import dataclass

from dmc.base.model_codes import MODEL_CODES


@dataclass(frozen=True)
class CodeInfo:
    """What a code stands for; `explanation` is what `dmc explain CODE` shows."""

    code: str
    title: str
    explanation: str


_ENTRIES: tuple[CodeInfo, ...] = (
    # --- E1xx: the text, and files --------------------------------------------------------------
    CodeInfo(
        "E100",
        "unexpected text",
        "The text does not fit the grammar at this place. The note says what could stand here. What follows"
        " is still read, from the next statement or item on, so that one run shows all such places.",
    ),
    CodeInfo(
        "E101",
        "a bracket is left open",
        "A `{`, `(` or `[` has no partner before the file ends or the next item begins. The second place"
        " shown is the bracket that is open. Indentation helps to find where its partner belongs.",
    ),
    CodeInfo(
        "E102",
        "`;` is missing",
        "Statements, declarations and settings end in `;`, and so do `struct` and `enum` after their `}`. The"
        " place is the end of what should have ended.",
    ),
    CodeInfo(
        "E103",
        "a reserved word as a name",
        "Words that begin an item or a statement cannot name a variable, a function or a type. A field may"
        " have any name: `d->thread` is fine.",
    ),
    CodeInfo(
        "E104",
        "a C word that the language does not have",
        "`auto do double extern float goto inline register signed static typedef union volatile` are refused"
        " by name. Some are not needed, because place and use say what they would; the others hide steps or"
        " types. The hint says what to write.",
    ),
    CodeInfo(
        "E105",
        "a preprocessor line",
        "There is no preprocessor. `import` stands for `#include`, `const` for `#define`, and an `axis` for"
        " `#if`: it keeps both variants in one file and checks both.",
    ),
    CodeInfo(
        "E106",
        "a cast",
        "Casts do not exist. The type of an allocation comes from `sizeof`, and callbacks and jobs declare"
        " the types that they expect; a pointer of another type is then a finding, not undefined behaviour.",
    ),
    CodeInfo(
        "E107",
        "a character that has no meaning",
        "Outside of comments and strings a model consists of ASCII letters, digits and the signs of C. Often"
        " the character was copied from a typeset text, such as a curly quote or a long dash.",
    ),
    CodeInfo(
        "E108",
        "a string or a character without an end",
        "A string begins and ends with `\"` on one line; a character is a letter or an escape between `'`.",
    ),
    CodeInfo(
        "E109",
        "a comment without an end",
        "A comment that begins with `/*` goes on until `*/`. Comments do not nest.",
    ),
    CodeInfo(
        "E110",
        "an assignment where a value is expected",
        "Assignments, `++` and `--` are statements and have no value, so they cannot stand in a condition, an"
        " argument or another assignment. Each is a step of its own. To compare, write `==`.",
    ),
    CodeInfo(
        "E111",
        "a number that is not read",
        "Numbers are decimal or hexadecimal integers or characters. There are no fractions, no octal numbers"
        " and no suffixes such as `u` or `L`. Releases such as `17.5` stand in settings and after `on` only.",
    ),
    CodeInfo(
        "E112",
        "a value is computed and not used",
        "An expression alone is no statement. Statements are declarations, assignments, calls and those that"
        " begin with a word.",
    ),
    CodeInfo(
        "E113",
        "nested too deeply",
        "Statements and expressions may be nested some hundred levels deep, chains of `else if` and of"
        " operators included. No driver comes near; generated text can be split into functions.",
    ),
    CodeInfo(
        "E114",
        "a version of the language that is not known",
        "`dmc 1;` says which version of the language a file is written in. A later dmc reads earlier ones;"
        " an earlier one cannot read later versions.",
    ),
    CodeInfo(
        "E115",
        "the version is not at the beginning",
        "`dmc 1;` stands before everything else in its file, once.",
    ),
    CodeInfo(
        "E116",
        "a type that is written as in C, with words that are not needed",
        "The name of a struct or an enum is its type, without `struct` or `enum` before it. There is no"
        " `const` in types, and a function without parameters has an empty list.",
    ),
    CodeInfo(
        "E117",
        "several variables in one declaration",
        "A declaration declares one variable, so that each has its own line, type and place.",
    ),
    CodeInfo(
        "E118",
        "an empty statement",
        "A `;` alone is no statement: after `if (...)` or `while (...)` it is a mistake more often than not."
        " A body that does nothing is written `{}`. A function, a driver and a scenario end without `;`.",
    ),
    CodeInfo(
        "E119",
        "a closing bracket is missing or has no partner",
        "A `)` or `]` is missing, or a closing bracket was never opened. The place is where the text stops"
        " making sense; the mistake may be a little before it.",
    ),
    CodeInfo(
        "E120",
        "a word that is kept for later",
        "`always eventually until leads_to fair` are kept free for temporal properties, which this version"
        " does not have. A monitor with `on quiescence` says most of what they would.",
    ),
    CodeInfo(
        "E121",
        "an axis is declared where its value is to be set",
        "`axis NAME: TYPE;` stands in the file, outside of scenarios, and says which values there can be."
        " `NAME = VALUES;`, in a scenario or above all of them, says which of them are run.",
    ),
    CodeInfo(
        "E130",
        "there is no such file",
        "The path does not exist. Paths of imports are relative to the file that imports.",
    ),
    CodeInfo("E131", "not a file", "The path names a directory or something else that has no text."),
    CodeInfo(
        "E132",
        "not a text in UTF-8",
        "Models are UTF-8 text. The place is the first byte that is not.",
    ),
    CodeInfo(
        "E133",
        "the file is too large",
        "A model has at most a million characters. A file beyond that is no model, or one that should be"
        " split with `import`.",
    ),
    CodeInfo(
        "E134",
        "the file cannot be read",
        "The file exists, but the system does not let it be read. The message says why.",
    ),
    CodeInfo(
        "E140",
        "an imported file cannot be found",
        '`import "x.dmc";` names a file relative to the one that imports it.',
    ),
    CodeInfo(
        "E141",
        "files import each other",
        "A file imports itself, directly or through others. Move what both need into a third file.",
    ),
    # --- E2xx to E6xx: the model -----------------------------------------------------------------
    *(CodeInfo(*entry) for entry in MODEL_CODES),
)

CODES: dict[str, CodeInfo] = {entry.code: entry for entry in _ENTRIES}
