"""Text to syntax tree. The one module that knows lark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Tree
from lark.lexer import PatternStr
from lark.parsers.lalr_analysis import Shift

from dmc.base.diagnostic import Diagnostic
from dmc.base.source import SourceFile, Span
from dmc.syntax import ast, limits
from dmc.syntax.builder import Builder
from dmc.syntax.grammar_cache import load_grammar
from dmc.syntax.scanner import Kind, Lexeme, scan
from dmc.syntax.syntax_errors import Repair, Situation, explain, skip
from dmc.syntax.tokens import tokenize
from dmc.syntax.words import C_REFUSED, LATER, RESERVED, TOP_LEVEL_ONLY

LANGUAGE_VERSIONS = (1,)


@dataclass(frozen=True)
class ParseResult:
    """The tree, or None if there was an error, and every complaint in the order of the text."""

    file: ast.File | None
    diagnostics: tuple[Diagnostic, ...]


def parse(source: SourceFile) -> ParseResult:
    """Parse one text; bad input of any kind becomes diagnostics, never an exception."""
    too_large = limits.check_size(source)
    if too_large is not None:
        return ParseResult(None, (too_large,))
    lexemes = scan(source, limits.MAX_LEXEMES)
    too_long = limits.check_length(lexemes)
    if too_long is not None:
        return ParseResult(None, (too_long,))
    scanned = tokenize(lexemes)
    run = _Run(scanned.tokens, scanned.doubtful_lines)
    tree = run.parse()
    problems = scanned.diagnostics + run.diagnostics
    file: ast.File | None = None
    if tree is not None:
        builder = Builder(source.path)
        file = _build(tree, builder, scanned.tokens, source)
        known = {problem.span.line for problem in problems}
        problems += [problem for problem in builder.problems if problem.span.line not in known]
        problems += _check_versions(file) + limits.check_depth(file)
    problems.sort(key=lambda problem: (problem.span.line, problem.span.column))
    return ParseResult(None if problems else file, tuple(problems[: limits.MAX_ERRORS]))


def _check_versions(file: ast.File) -> list[Diagnostic]:
    problems = []
    for index, item in enumerate(file.items):
        if not isinstance(item, ast.LanguageVersion):
            continue
        if index > 0:
            problems.append(Diagnostic("E115", "the language version stands first in its file", item.span))
        elif item.version not in LANGUAGE_VERSIONS:
            known = ", ".join(str(version) for version in LANGUAGE_VERSIONS)
            message = f"version {item.version} of the language is not known here"
            problems.append(Diagnostic("E114", message, item.span, f"this dmc reads version {known}"))
    return problems


# --- the run of the automaton -------------------------------------------------------------------


@lru_cache(maxsize=1)
def _grammar() -> Lark:
    text = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return load_grammar(text)


@lru_cache(maxsize=1)
def _terminals() -> dict[str, str]:
    """For each fixed text of the grammar, the name of its terminal."""
    return {t.pattern.value: t.name for t in _grammar().terminals if isinstance(t.pattern, PatternStr)}


_BY_KIND = {
    Kind.NUMBER: "NUMBER",
    Kind.RELEASE: "RELEASE",
    Kind.CHARACTER: "CHARACTER",
    Kind.STRING: "STRING",
    Kind.END: "$END",
}


class _Run:
    """One run over the tokens: feeds the automaton, and goes on after an error."""

    def __init__(self, tokens: list[Lexeme], doubtful_lines: frozenset[int]) -> None:
        self.diagnostics: list[Diagnostic] = []
        self._tokens = tokens
        self._doubtful = set(doubtful_lines)
        self._parser = _grammar().parse_interactive()
        self._state = self._parser.parser_state
        self._gave_up_at = -1
        self._failures = 0
        self._table: dict[Any, dict[str, Any]] = self._state.parse_conf.parse_table.states

    def parse(self) -> Tree[Token] | None:
        """The parse tree, holes where errors were, or None if no tree could be made."""
        index = 0
        result: Any = None
        while index < len(self._tokens):
            if len(self._state.state_stack) > limits.MAX_STACK:
                self.diagnostics.append(limits.too_deep(self._tokens[index].span))
                return None
            terminal = self._terminal(index, self._state.state_stack)
            if terminal is None:
                failed = self._tokens[index].kind is Kind.END
                index = self._recover(index)
                self._failures += 1
                if failed or self._failures > limits.MAX_FAILURES or self._is_full():
                    return None
                continue
            result = self._feed(terminal, index)
            index += 1
        return result if isinstance(result, Tree) else None

    def _is_full(self) -> bool:
        return len(self.diagnostics) >= limits.MAX_ERRORS

    def _feed(self, terminal: str, index: int) -> Any:
        span = self._tokens[index].span
        token = Token(
            terminal,
            self._tokens[index].text,
            start_pos=index,
            line=span.line,
            column=span.column,
            end_line=span.end_line,
            end_column=span.end_column,
            end_pos=index + 1,
        )
        return self._state.feed_token(token, is_end=terminal == "$END")

    def _terminal(self, index: int, stack: Sequence[Any]) -> str | None:
        """The terminal as which the automaton would take a token now, if any."""
        for candidate in _candidates(self._tokens, index):
            if self._accepts(stack, candidate):
                return candidate
        return None

    def _accepts(self, stack: Sequence[Any], terminal: str) -> bool:
        return self._after(stack, terminal) is not None

    def _after(self, stack: Sequence[Any], terminal: str) -> tuple[int, list[Any]] | None:
        """The stack after a terminal, as the length kept of `stack` and what lies on top of it."""
        kept = len(stack)
        top: list[Any] = []
        while True:
            state = top[-1] if top else stack[kept - 1]
            action = self._table[state].get(terminal)
            if action is None:
                return None
            if action[0] is Shift:
                return kept, [*top, action[1]]
            size = len(action[1].expansion)
            from_top = min(size, len(top))
            if from_top:
                del top[-from_top:]
            kept -= size - from_top
            state = top[-1] if top else stack[kept - 1]
            if terminal == "$END" and action[1].origin.name == "start":
                return kept, top
            top.append(self._table[state][action[1].origin.name][1])

    # --- after an error

    def _recover(self, index: int) -> int:
        """Report the token at `index`, repair or skip; the index to go on with."""
        situation = Situation(self._tokens, index, self._accepted, self._accepted_in_turn)
        complaint = explain(situation)
        line = self._tokens[index].span.line
        before = self._tokens[index - 1].span.end_line if index > 0 else line
        if line not in self._doubtful and before not in self._doubtful:
            self.diagnostics.append(complaint.diagnostic)
        self._doubtful.add(line)
        if complaint.repair is not None:
            return self._repair(complaint.repair, index)
        return self._panic(index)

    def _accepted(self, terminal: str) -> bool:
        return self._accepts(self._state.state_stack, _terminals().get(terminal, terminal))

    def _accepted_in_turn(self, texts: Sequence[str], index: int) -> bool:
        """Whether the automaton would take these signs or words, then the token at `index`."""
        stack: list[Any] = list(self._state.state_stack)
        for text in texts:
            after = self._after(stack, _terminals().get(text, text))
            if after is None:
                return False
            stack = stack[: after[0]] + after[1]
        return self._terminal(index, stack) is not None

    def _repair(self, repair: Repair, index: int) -> int:
        for text in repair.insert:
            self._feed(_terminals().get(text, text), index)
        return index + repair.drop

    def _panic(self, index: int) -> int:
        """Give up what is being parsed, up to the innermost list that can have a hole."""
        values = self._state.value_stack
        states = self._state.state_stack
        to_top = self._tokens[index].text in TOP_LEVEL_ONLY
        while len(states) > 1 and (to_top or not self._accepts(states, "ERROR")):
            states.pop()
            values.pop()
        if index == self._gave_up_at:
            return index + 1
        self._gave_up_at = index
        if to_top:
            return index
        self._feed("ERROR", index)
        return skip(self._tokens, index)


def _candidates(tokens: list[Lexeme], index: int) -> Iterator[str]:
    """The terminals that a token may be, the more special first."""
    token = tokens[index]
    if token.kind in _BY_KIND:
        yield _BY_KIND[token.kind]
    elif token.kind is Kind.SIGN:
        yield _terminals()[token.text]
    elif token.text in C_REFUSED or token.text in LATER:
        yield "FIELD_WORD"
    else:
        terminal = _terminals().get(token.text)
        if terminal is not None and _word_in_place(tokens, index):
            yield terminal
        yield "FIELD_WORD" if token.text in RESERVED else "NAME"


def _word_in_place(tokens: list[Lexeme], index: int) -> bool:
    """Whether what follows lets a word be the one of the language that it looks like."""
    following = [token.text for token in tokens[index + 1 : index + 4]]
    word = tokens[index].text
    if word == "dmc":
        return tokens[index + 1].kind is Kind.NUMBER
    if word == "all":
        return following[:1] in (["hold"], ["proved"])
    if word == "rest":
        return following[:1] == ["any"]
    if word == "in":
        return following[:1] not in ([","], ["}"], [";"], [")"])
    if word in ("forall", "exists"):
        return (
            following[:1] == ["("]
            and tokens[index + 2].kind is Kind.WORD
            and (following[2] == "*" or tokens[index + 3].kind is Kind.WORD)
        )
    return True


# --- the tree -----------------------------------------------------------------------------------


def _build(tree: Tree[Token], builder: Builder, tokens: list[Lexeme], source: SourceFile) -> ast.File:
    """Convert bottom-up with a stack of our own, so that no input exhausts Python's."""
    done: list[Any] = []
    work: list[tuple[Any, bool]] = [(tree, False)]
    while work:
        node, ready = work.pop()
        if not isinstance(node, Tree):
            done.append(tokens[node.start_pos or 0] if isinstance(node, Token) else node)
        elif not ready:
            work.append((node, True))
            work.extend((child, False) for child in reversed(node.children))
        else:
            count = len(node.children)
            children = done[len(done) - count :]
            del done[len(done) - count :]
            done.append(getattr(builder, node.data)(_span(node, source), children))
    file: ast.File = done.pop()
    return file


def _span(tree: Tree[Token], source: SourceFile) -> Span:
    meta = tree.meta
    if meta.empty:
        return Span(source.path, 1, 1, 1, 1)
    return Span(source.path, meta.line, meta.column, meta.end_line, meta.end_column)
