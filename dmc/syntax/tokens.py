"""From lexemes to the tokens of the grammar: what is no token is reported and taken out."""

from __future__ import annotations

from dataclasses import dataclass

from dmc.base.diagnostic import Diagnostic
from dmc.base.source import Span
from dmc.syntax.scanner import Kind, Lexeme
from dmc.syntax.words import INTEGER_WORDS


@dataclass(frozen=True)
class Tokens:
    """The tokens of one text, END included, and the complaints about what was taken out."""

    tokens: list[Lexeme]
    diagnostics: list[Diagnostic]
    doubtful_lines: frozenset[int]
    """Lines where a replaced token makes a later complaint of the parser likely to be nonsense."""


def tokenize(lexemes: list[Lexeme]) -> Tokens:
    """Drop comments, replace broken literals, join `unsigned int`, take out casts."""
    diagnostics: list[Diagnostic] = []
    doubtful: set[int] = set()
    tokens: list[Lexeme] = []
    for lexeme in lexemes:
        problem = _lexical_problem(lexeme)
        if problem is not None:
            diagnostics.append(problem)
            if lexeme.kind is not Kind.DIRECTIVE:
                doubtful.add(lexeme.span.line)
            if lexeme.kind is Kind.BAD_COMMENT:
                doubtful.add(lexemes[-1].span.line)
        token = _as_token(lexeme)
        if token is not None:
            tokens.append(token)
    tokens = _join_integer_words(tokens)
    tokens, casts = _without_casts(tokens)
    tokens, words = _without_type_words(tokens)
    return Tokens(tokens, diagnostics + casts + words, frozenset(doubtful))


def _lexical_problem(lexeme: Lexeme) -> Diagnostic | None:
    text, span = lexeme.text, lexeme.span
    if lexeme.kind is Kind.JUNK:
        return Diagnostic("E107", f"{_printable(text)} has no meaning here", span)
    if lexeme.kind is Kind.DIRECTIVE:
        return _directive(lexeme)
    if lexeme.kind is Kind.BAD_STRING:
        return Diagnostic("E108", 'this string has no end: `"` is missing', span, "a string ends on its line")
    if lexeme.kind is Kind.BAD_CHARACTER:
        hint = ('a string stands between `"`',) if len(text) > 3 else ()
        return Diagnostic("E108", "this is no character: write one, as in `'c'`", span, hints=hint)
    if lexeme.kind is Kind.BAD_COMMENT:
        start = Span(span.path, span.line, span.column, span.line, span.column + 2)
        return Diagnostic("E109", "this comment has no end: `*/` is missing", start)
    if lexeme.kind is Kind.BAD_NUMBER:
        return _bad_number(lexeme)
    return None


def _printable(text: str) -> str:
    shown = text if len(text) <= 8 else text[:8]
    name = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in shown)
    return f"`{name}`" if len(text) <= 8 else f"`{name}...`"


def _directive(lexeme: Lexeme) -> Diagnostic:
    words = lexeme.text[1:].split(maxsplit=1)
    name = words[0] if words else ""
    hints = {
        "include": 'the API is known already; for a file of yours, write `import "other.dmc";`',
        "define": "for a constant, write `const int NAME = value;`; for a macro, write a function",
        "undef": "constants are written `const int NAME = value;`",
    }
    default = "for two variants, write `axis name: bool;` and `if (name)`"
    span = lexeme.span
    first = Span(span.path, span.line, span.column, span.line, span.column + len(lexeme.text.split("\n")[0]))
    return Diagnostic("E105", "there is no preprocessor", first, hints=(hints.get(name, default),))


def _bad_number(lexeme: Lexeme) -> Diagnostic:
    text = lexeme.text
    digits = text.rstrip("uUlL")
    if digits != text and (digits.isdecimal() or digits[:2] in ("0x", "0X")):
        hint = f"write `{digits}`"
        return Diagnostic("E111", "a number has no suffix here", lexeme.span, hints=(hint,))
    if text.isdecimal() and text.startswith("0") and len(text) < 40:
        hint = f"write `0x{int(text, 8):x}`" if not set(text) & set("89") else f"write `{int(text)}`"
        return Diagnostic("E111", "octal numbers are not read", lexeme.span, hints=(hint,))
    if len(text) >= 32 and text.isalnum():
        return Diagnostic("E111", "this number is larger than any integer of C", lexeme.span)
    return Diagnostic("E111", f"`{text[:40]}` is no number", lexeme.span)


_REPLACEMENTS = {
    Kind.BAD_STRING: (Kind.STRING, '""'),
    Kind.BAD_CHARACTER: (Kind.CHARACTER, "'?'"),
    Kind.BAD_NUMBER: (Kind.NUMBER, "0"),
}


def _as_token(lexeme: Lexeme) -> Lexeme | None:
    if lexeme.kind in (Kind.COMMENT, Kind.JUNK, Kind.DIRECTIVE, Kind.BAD_COMMENT):
        return None
    if lexeme.kind in _REPLACEMENTS:
        kind, text = _REPLACEMENTS[lexeme.kind]
        return Lexeme(kind, text, lexeme.offset, lexeme.own_line, lexeme.span)
    return lexeme


def _join_integer_words(tokens: list[Lexeme]) -> list[Lexeme]:
    """`unsigned long int` is one type, hence one token."""
    joined: list[Lexeme] = []
    for token in tokens:
        if token.text in INTEGER_WORDS and joined and joined[-1].text.split(" ")[-1] in _INTEGER_PREFIXES:
            first = joined.pop()
            text = f"{first.text} {token.text}"
            token = Lexeme(Kind.WORD, text, first.offset, first.own_line, join_spans(first.span, token.span))
        joined.append(token)
    return joined


_INTEGER_PREFIXES = frozenset({"unsigned", "long", "short"})


def join_spans(first: Span, last: Span) -> Span:
    """From the beginning of one span to the end of another."""
    return Span(first.path, first.line, first.column, last.end_line, last.end_column)


def _without_casts(tokens: list[Lexeme]) -> tuple[list[Lexeme], list[Diagnostic]]:
    kept: list[Lexeme] = []
    casts: list[Diagnostic] = []
    index = 0
    while index < len(tokens):
        end = _cast_end(tokens, index)
        if end == index:
            kept.append(tokens[index])
            index += 1
            continue
        text = "".join(token.text for token in tokens[index:end])
        span = join_spans(tokens[index].span, tokens[end - 1].span)
        casts.append(
            Diagnostic("E106", "casts are not needed", span, "the types say it", (f"delete `{text}`",))
        )
        index = end
    return kept, casts


_BEFORE_CAST = frozenset({"return", "else", "case"})
_OPERAND_KINDS = frozenset({Kind.WORD, Kind.NUMBER, Kind.STRING, Kind.CHARACTER})
_PLAIN_TYPES = INTEGER_WORDS | {"void", "bool", "size_t", "float", "double"}


def _cast_end(tokens: list[Lexeme], start: int) -> int:
    """The index after a cast that begins at `start`, or `start` if none does."""
    if tokens[start].text != "(" or tokens[start].kind is not Kind.SIGN:
        return start
    before = tokens[start - 1] if start > 0 else None
    if before is not None and before.kind is Kind.WORD and before.text not in _BEFORE_CAST:
        return start
    if before is not None and before.text == "]":
        return start
    end = start + 1
    if tokens[end].text in ("struct", "const"):
        end += 1
    if tokens[end].kind is not Kind.WORD:
        return start
    name = tokens[end].text
    end += 1
    stars = 0
    while tokens[end].text == "*":
        end += 1
        stars += 1
    if tokens[end].text != ")" or tokens[end].kind is not Kind.SIGN:
        return start
    end += 1
    follower = tokens[end]
    called = before is not None and before.text == ")"
    certain = stars > 0 or (not called and name.split(" ")[0] in _PLAIN_TYPES)
    operand = follower.kind in _OPERAND_KINDS and follower.text not in ("in", "or")
    return end if operand or (certain and follower.text in ("(", "&", "*", "-", "!", "~")) else start


def _without_type_words(tokens: list[Lexeme]) -> tuple[list[Lexeme], list[Diagnostic]]:
    """Take out the `struct` of `struct Txn *t` and the `void` of `f(void)`."""
    kept: list[Lexeme] = []
    problems: list[Diagnostic] = []
    padded = [None, *tokens, None, None]
    for index, token in enumerate(tokens):
        before, first, second = padded[index], padded[index + 2], padded[index + 3]
        message = None
        if token.text in ("struct", "enum") and not (before and before.text in (".", "->")):
            if (
                first
                and first.kind is Kind.WORD
                and second
                and (second.kind is Kind.WORD or second.text == "*")
            ) or (before and before.text == "(" and first and first.kind is Kind.WORD):
                message = f"`{token.text}` is not needed: the name `{first.text}` alone is the type"
        elif token.text == "void" and before and before.text == "(" and first and first.text == ")":
            message = "a list without parameters is empty: write `()`"
        if message is None or token.kind is not Kind.WORD:
            kept.append(token)
        else:
            problems.append(Diagnostic("E116", message, token.span, hints=(f"delete `{token.text}`",)))
    return kept, problems
