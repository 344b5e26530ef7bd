"""From a token that does not fit to a complaint that helps, and to a way to go on reading."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from dmc.base.diagnostic import Diagnostic, Label
from dmc.base.source import Span
from dmc.syntax.scanner import Kind, Lexeme
from dmc.syntax.words import C_REFUSED, LATER, RESERVED, TOP_LEVEL_ONLY


@dataclass(frozen=True)
class Situation:
    """A token that the parser cannot take, and what it could take instead.

    `accepts` asks for one sign, word or kind (`;`, `else`, `NAME`); `accepts_in_turn` whether some
    of them, and then the token at an index, would be taken.
    """

    tokens: Sequence[Lexeme]
    index: int
    accepts: Callable[[str], bool]
    accepts_in_turn: Callable[[Sequence[str], int], bool]

    @property
    def token(self) -> Lexeme:
        """The token that does not fit."""
        return self.tokens[self.index]

    @property
    def before(self) -> Lexeme | None:
        """The token before it."""
        return self.tokens[self.index - 1] if self.index > 0 else None

    @property
    def after(self) -> Lexeme | None:
        """The token after it."""
        return self.tokens[self.index + 1] if self.index + 1 < len(self.tokens) else None


@dataclass(frozen=True)
class Repair:
    """What to feed to the parser in place of the next `drop` tokens."""

    insert: tuple[str, ...] = ()
    drop: int = 0


@dataclass(frozen=True)
class Complaint:
    """The diagnostic, and the repair if the mistake is clear enough to read on without a gap."""

    diagnostic: Diagnostic
    repair: Repair | None = field(default=None)


def explain(situation: Situation) -> Complaint:
    """The most helpful complaint about a token that does not fit."""
    for attempt in _ATTEMPTS:
        complaint = attempt(situation)
        if complaint is not None:
            return complaint
    return _unexpected(situation)


def skip(tokens: Sequence[Lexeme], index: int) -> int:
    """The token to go on with after a gap that begins at `index`: behind the next `;` or block."""
    depth = 0
    while tokens[index].kind is not Kind.END:
        text = _sign(tokens[index])
        if text == "}" and depth == 0:
            return index
        if tokens[index].text in TOP_LEVEL_ONLY and tokens[index].span.column == 1:
            return index
        index += 1
        if text == "{":
            depth += 1
        elif text == "}":
            depth -= 1
            if depth == 0 and tokens[index].text not in ("else", "or", ";", ",", ")"):
                return index
        elif text == ";" and depth == 0:
            return index
    return index


def _sign(token: Lexeme) -> str:
    return token.text if token.kind is Kind.SIGN else ""


def _shown(token: Lexeme) -> str:
    return f"`{token.text}`" if len(token.text) <= 40 else f"`{token.text[:37]}...`"


# --- the attempts, in this order ----------------------------------------------------------------


def _end_of_file(at: Situation) -> Complaint | None:
    if at.token.kind is not Kind.END:
        return None
    opened = _innermost_open(at.tokens, at.index)
    if opened is None:
        message = "the file ends in the middle of " + _where(at)
        return Complaint(Diagnostic("E101", message, at.token.span, _wanted(at)))
    message = f"the file ends, and `{opened.text}` is still open"
    labels = (Label(opened.span, "opened here"),)
    return Complaint(Diagnostic("E101", message, at.token.span, labels=labels))


def _where(at: Situation) -> str:
    if at.accepts(";"):
        return "a statement: `;` is missing"
    return "a statement or item"


def _c_word(at: Situation) -> Complaint | None:
    token = at.token
    if token.kind is not Kind.WORD:
        return None
    if token.text in LATER:
        message = f"`{token.text}` is kept for later: it is not in this version"
        hint = "a rule with `on quiescence { assert(...); }` says what must hold at the end"
        return Complaint(Diagnostic("E120", message, token.span, hints=(hint,)))
    if token.text not in C_REFUSED:
        return None
    message, note, hint = C_REFUSED[token.text]
    repair = Repair(drop=1) if message.endswith("not needed") or token.text == "volatile" else None
    return Complaint(Diagnostic("E104", message, token.span, note, (hint,)), repair)


def _const_word(at: Situation) -> Complaint | None:
    token = at.token
    if token.text == "const" and token.kind is Kind.WORD:
        message, note = "`const` is not needed", "an object has no constant parts here"
        return Complaint(Diagnostic("E116", message, token.span, note, ("delete it",)), Repair(drop=1))
    return None


_CHANGING = frozenset({"=", "+=", "-=", "|=", "&=", "++", "--"})


def _assignment_as_value(at: Situation) -> Complaint | None:
    sign = _sign(at.token)
    if sign in ("++", "--") and at.accepts("if"):
        message = f"`{sign}` stands behind what it changes"
        hint = f"write `{at.after.text}{sign};`" if at.after else f"write `x{sign};`"
        return Complaint(Diagnostic("E110", message, at.token.span, hints=(hint,)))
    if sign not in _CHANGING or not (at.accepts("==") or at.accepts("(")):
        return None
    message = f"`{sign}` assigns, and an assignment has no value here"
    if sign != "=":
        hint = f"make it a statement of its own, before or after this one: `x{sign};`"
        return Complaint(Diagnostic("E110", message, at.token.span, hints=(hint.replace("=;", "= y;"),)))
    opened = _innermost_open(at.tokens, at.index)
    chained = opened is None or opened.text == "{"
    hint = "write one assignment after the other" if chained else "to compare, write `==`"
    repair = Repair(("==",), 1) if at.accepts("==") else None
    return Complaint(Diagnostic("E110", message, at.token.span, hints=(hint,)), repair)


def _reserved_as_name(at: Situation) -> Complaint | None:
    token, after = at.token, at.after
    if token.kind is not Kind.WORD or token.text not in RESERVED or not at.accepts("NAME") or after is None:
        return None
    if after.kind is not Kind.SIGN or after.text == "{":
        return None
    declared = at.before is not None and (at.before.kind is Kind.WORD or at.before.text == "*")
    if after.text in ("(", ":") and not declared:
        return None
    message = f"`{token.text}` is a word of the language and cannot be a name here"
    hint = f"choose another name, for example `{token.text}_`; only fields may have any name"
    return Complaint(Diagnostic("E103", message, token.span, hints=(hint,)), Repair(("NAME",), 1))


def _several_variables(at: Situation) -> Complaint | None:
    if _sign(at.token) != "," or not at.accepts(";") or at.after is None:
        return None
    start = at.index - 1
    while start > 0 and _sign(at.tokens[start - 1]) not in (";", "{", "}"):
        start -= 1
    first = at.tokens[start]
    second = at.tokens[start + 1]
    if first.kind is not Kind.WORD or not (second.kind is Kind.WORD or second.text == "*"):
        return None
    message = "a declaration declares one variable"
    hint = f"write `;` here, and begin the next one with `{first.text}`"
    return Complaint(Diagnostic("E117", message, at.token.span, hints=(hint,)))


def _fraction(at: Situation) -> Complaint | None:
    if at.token.kind is not Kind.RELEASE:
        return None
    message = "there are no fractions"
    hint = "a release such as `17.5` stands in a setting or after `on`"
    return Complaint(
        Diagnostic("E111", message, at.token.span, hints=(hint,)),
        Repair(("NAME",), 1) if at.accepts("NAME") else None,
    )


def _missing_semicolon(at: Situation) -> Complaint | None:
    token, before = at.token, at.before
    if before is None or not at.accepts_in_turn((";",), at.index):
        return None
    if token.span.line == before.span.end_line and token.kind is not Kind.WORD and _sign(token) not in "{}*":
        return None
    note = ""
    if _sign(before) == "}":
        note = "a struct and an enum end in `;`"
    return Complaint(Diagnostic("E102", "`;` is missing", _end_of(before), note), Repair((";",)))


def _end_of(token: Lexeme) -> Span:
    span = token.span
    return Span(span.path, span.end_line, span.end_column, span.end_line, span.end_column + 1)


def _missing_bracket(at: Situation) -> Complaint | None:
    if at.before is None:
        return None
    for signs in ((")",), ("]",), (")", ";")):
        if at.accepts_in_turn(signs, at.index):
            message = f"`{signs[0]}` is missing"
            opened = _innermost_open(at.tokens, at.index)
            labels = (Label(opened.span, "opened here"),) if opened is not None else ()
            return Complaint(Diagnostic("E119", message, _end_of(at.before), labels=labels), Repair(signs))
    return None


def _axis_with_a_value(at: Situation) -> Complaint | None:
    """`axis fixed = true;`, which mixes the declaration with a setting."""
    begin = at.index if at.token.text == "axis" else at.index - 2
    words = at.tokens[max(begin, 0) : begin + 3]
    if len(words) < 3 or words[0].text != "axis" or _sign(words[2]) != "=":
        return None
    name = words[1].text
    value = at.tokens[begin + 3].text
    hint = f"write `{name} = {value};`"
    if begin == at.index:
        note = "the axis itself is declared in the file, outside of scenarios"
        return Complaint(
            Diagnostic("E121", "a value is set without `axis`", words[0].span, note, (hint,)), Repair(drop=1)
        )
    declare = f"declare it first, if it is one of your own: `axis {name}: bool;`"
    return Complaint(
        Diagnostic("E121", "an axis is declared without a value", at.token.span, "", (hint, declare))
    )


def _missing_brace(at: Situation) -> Complaint | None:
    opened = _innermost_open(at.tokens, at.index)
    if at.token.text not in TOP_LEVEL_ONLY or at.token.kind is not Kind.WORD or opened is None:
        return None
    message = f"`{at.token.text}` begins an item of the file, and `{opened.text}` is still open"
    return Complaint(Diagnostic("E101", message, at.token.span, labels=(Label(opened.span, "opened here"),)))


def _stray_bracket(at: Situation) -> Complaint | None:
    sign = _sign(at.token)
    partner = {"}": "{", ")": "(", "]": "["}.get(sign)
    if partner is None:
        return None
    opened = _innermost_open(at.tokens, at.index)
    if opened is not None and opened.text == partner:
        return None
    message = f"`{sign}` closes nothing" if opened is None else f"`{sign}` does not close `{opened.text}`"
    labels = (Label(opened.span, "this is open"),) if opened is not None else ()
    repair = Repair(drop=1) if opened is None or sign != "}" else None
    return Complaint(Diagnostic("E119", message, at.token.span, labels=labels), repair)


def _stray_semicolon(at: Situation) -> Complaint | None:
    if _sign(at.token) != ";" or at.before is None:
        return None
    if at.before.text in (")", "else") and at.accepts("if"):
        hint = "a body that does nothing is written `{}`"
        diagnostic = Diagnostic("E118", "`;` alone is no statement", at.token.span, hints=(hint,))
        return Complaint(diagnostic, Repair(("{", "}"), 1))
    if at.accepts("if") or at.accepts_in_turn((), at.index + 1):
        diagnostic = Diagnostic("E118", "this `;` ends nothing", at.token.span, hints=("delete it",))
        return Complaint(diagnostic, Repair(drop=1))
    return None


def _unused_value(at: Situation) -> Complaint | None:
    if _sign(at.token) not in _OPERATORS or not at.accepts("+=") or at.accepts("=="):
        return None
    message = "this is no statement: it computes a value and does nothing with it"
    hint = "assign it, or call a function: `place = value;` or `f(value);`"
    return Complaint(Diagnostic("E112", message, at.token.span, hints=(hint,)))


_OPERATORS = frozenset(
    ["+", "-", "*", "/", "%", "<", ">", "<=", ">=", "==", "!=", "&&", "||", "&", "|", "^", "<<", ">>", "?"]
)

_ATTEMPTS: tuple[Callable[[Situation], Complaint | None], ...] = (
    _end_of_file,
    _c_word,
    _const_word,
    _assignment_as_value,
    _several_variables,
    _axis_with_a_value,
    _missing_brace,
    _stray_semicolon,
    _unused_value,
    _reserved_as_name,
    _fraction,
    _missing_semicolon,
    _stray_bracket,
    _missing_bracket,
)


# --- what could stand here ----------------------------------------------------------------------


def _unexpected(at: Situation) -> Complaint:
    return Complaint(Diagnostic("E100", f"{_shown(at.token)} does not fit here", at.token.span, _wanted(at)))


_SIGNS = (";", ",", ")", "]", "}", "{", "(", "=", ":", "..", "==")
_CLAUSES = ("because", "extends", "when", "violated", "hold", "any", "or", "case")


def _wanted(at: Situation) -> str:
    """A short list of what the parser could take."""
    kinds: list[str] = []
    if at.accepts("scenario"):
        kinds.append("an item such as `driver` or `scenario`")
    elif at.accepts("if"):
        kinds.append("a statement")
    elif at.accepts("sizeof"):
        kinds.append("a value")
    elif at.accepts("NAME"):
        kinds.append("a name")
    elif at.accepts("STRING"):
        kinds.append('a text in `"`')
    operator = at.accepts("==")
    signs = [s for s in (*_SIGNS, *_CLAUSES) if at.accepts(s) and not (operator and s in "==([{")]
    if kinds:
        signs = [s for s in signs if s not in "({=:"]
    wanted = kinds + [f"`{sign}`" for sign in signs] + (["an operator"] if operator else [])
    if not wanted or len(wanted) > 5:
        return ""
    return "expected " + (", ".join(wanted[:-1]) + " or " + wanted[-1] if len(wanted) > 1 else wanted[0])


_PARTNERS = {")": "(", "]": "[", "}": "{"}


def _innermost_open(tokens: Sequence[Lexeme], end: int) -> Lexeme | None:
    """The bracket before `end` that is still open; round ones do not outlive a `}`."""
    opened: list[Lexeme] = []
    for token in tokens[:end]:
        sign = _sign(token)
        if sign in ("(", "[", "{"):
            opened.append(token)
        elif sign == "}":
            while opened and opened[-1].text != "{":
                opened.pop()
            if opened:
                opened.pop()
        elif (sign in (")", "]") and opened and opened[-1].text == _PARTNERS[sign]) or (
            sign == ";" and opened and opened[-1].text == "["
        ):
            opened.pop()
    return opened[-1] if opened else None
