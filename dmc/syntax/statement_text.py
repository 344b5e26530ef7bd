"""Statements as lines: K&R braces, and what stands on one line in the source stays on one if it fits."""

from __future__ import annotations

from dmc.base.source import Span
from dmc.syntax import ast
from dmc.syntax.expression_text import (
    declared,
    expression,
    pattern,
    range_value,
    target,
)
from dmc.syntax.layout import INDENT, LIMIT, Cell, Page, Position, end_of, start_of

JUMPS = (ast.Break, ast.Continue, ast.Return)


def variable_cells(node: ast.Variable, end: str = ";") -> list[Cell]:
    """A variable as columns: type, name, what follows the name."""
    storage = f"{node.storage} " if node.storage else ""
    name = node.name.text
    name += "".join(f"[{expression(size)}]" for size in (node.size, node.second) if size is not None)
    clauses = []
    if node.range is not None:
        clauses.append(f"in {range_value(node.range)}")
    if node.where is not None:
        clauses.append(f"where {expression(node.where)}")
    if node.initial is not None:
        clauses.append(f"= {expression(node.initial)}")
    cells = [Cell(storage + node.type.name.text, "*" * node.type.stars, "")]
    if clauses:
        return [*cells, Cell(name), Cell(" ".join(clauses) + end)]
    return [*cells, Cell(name + end)]


def on_one_line(cells: list[Cell]) -> str:
    """Columns without padding."""
    text = ""
    for cell in cells[:-1]:
        text += cell.left + (" " if cell.joint == "" else "") + cell.right + cell.joint
    return text + cells[-1].left


def is_written_on_one_line(span: Span) -> bool:
    """Whether the source has this on one line; a tree without places counts as one."""
    return span.line == span.end_line


def inner(span: Span) -> tuple[Position, Position]:
    """The two ends of what stands between the braces of a block."""
    return (span.line, span.column + 1), (span.end_line, span.end_column - 1)


class StatementWriter:
    """Writes statements to a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._chains = 0

    # --- blocks

    def block_after(self, head: str, node: ast.Block, start: Position, kind: str = "") -> None:
        """A head and its block, on one line or on several."""
        text = self.block_text(node)
        if text is not None and self.fits(f"{head} {text}", start, end_of(node.span)):
            cells = [Cell(head), Cell(text)] if kind else [Cell(f"{head} {text}".lstrip())]
            self.page.add(cells, start, end_of(node.span), kind)
            return
        opening, closing = inner(node.span)
        self.page.add(f"{head} {{".lstrip(), start, opening)
        self.statements(node.statements)
        self.page.close("}", closing, end_of(node.span))

    def fits(self, text: str, start: Position, end: Position) -> bool:
        """Whether a line is short enough and has no comment in it."""
        return self.page.indent + len(text) <= LIMIT and not self.page.has_comment(start, end)

    def block_text(self, node: ast.Block) -> str | None:
        """A block as part of a line, if it may be one."""
        if not is_written_on_one_line(node.span):
            return None
        texts = [self.inline(statement) for statement in node.statements]
        known = [text for text in texts if text is not None]
        if len(known) < len(texts):
            return None
        return f"{{ {' '.join(known)} }}" if known else "{}"

    def statements(self, nodes: tuple[ast.Statement, ...]) -> None:
        """Statements one below the other, one level deeper."""
        self.page.open()
        for node in nodes:
            self.statement(node)

    # --- one statement

    def statement(self, node: ast.Statement) -> None:
        """One statement on lines of its own."""
        start, end = start_of(node.span), end_of(node.span)
        match node:
            case ast.Block():
                self.block_after("", node, start)
            case ast.Assignment() if node.operator == "=":
                cells = [Cell(target(node.target)), Cell(f"= {expression(node.value)};")]
                self.page.add(cells, start, end, "assignment")
            case ast.If():
                self._if(node)
            case ast.Switch():
                self._switch(node)
            case ast.Either():
                self._either(node)
            case ast.AnyOrder() | ast.Atomic() | ast.Spawn():
                self.block_after(_block_head(node), node.body, start)
            case ast.While() | ast.For() | ast.ForEach() | ast.Upto():
                self._body_after(_loop_head(node), node.body, start, _head_end(node))
            case _:
                self.page.add(_simple(node) + ";", start, end)

    def inline(self, node: ast.Statement) -> str | None:
        """A statement as part of a line, if it may be one."""
        if not is_written_on_one_line(node.span):
            return None
        match node:
            case ast.Block():
                return self.block_text(node)
            case ast.If():
                return (
                    None
                    if node.otherwise
                    else self._inline_after(f"if ({expression(node.condition)})", node.then)
                )
            case ast.Switch():
                return None
            case ast.Either():
                texts = [self.block_text(block) for block in node.blocks]
                known = [text for text in texts if text is not None]
                return "either " + " or ".join(known) if len(known) == len(texts) else None
            case ast.AnyOrder() | ast.Atomic() | ast.Spawn():
                return self._inline_after(_block_head(node), node.body)
            case ast.While() | ast.For() | ast.ForEach() | ast.Upto():
                return self._inline_after(_loop_head(node), node.body)
            case _:
                return _simple(node) + ";"

    def _inline_after(self, head: str, body: ast.Statement) -> str | None:
        text = self.inline(body)
        return None if text is None else f"{head} {text}"

    def _body_after(
        self, head: str, body: ast.Statement, start: Position, head_end: Position, kind: str = ""
    ) -> None:
        """A head and a body of any form: a block, a short statement behind it, or one below it."""
        if isinstance(body, ast.Block):
            self.block_after(head, body, start)
            return
        text = self.inline(body) if body.span.line == start[0] or kind else None
        if text is not None and self.fits(f"{head} {text}", start, end_of(body.span)):
            cells = [Cell(head), Cell(text)] if kind else [Cell(f"{head} {text}")]
            self.page.add(cells, start, end_of(body.span), kind)
            return
        self._below(head, body, start, head_end)

    def _below(self, head: str, body: ast.Statement, start: Position, head_end: Position) -> None:
        self.page.add(head, start, head_end)
        self.page.open()
        self.statement(body)
        self.page.indent -= INDENT

    # --- if

    def _if(self, node: ast.If) -> None:
        self._chains += 1
        kind = f"else {self._chains}"
        self._branch("", node, start_of(node.span), kind)

    def _branch(self, lead: str, node: ast.If, start: Position, kind: str) -> None:
        """One `if` of a chain; `lead` is what its line begins with."""
        head = f"{lead}if ({expression(node.condition)})"
        then, otherwise = node.then, node.otherwise
        if otherwise is None:
            self._body_after(head, then, start, end_of(node.condition.span))
            return
        if isinstance(then, ast.If | ast.While | ast.For | ast.ForEach | ast.Upto) and _ends_open(then):
            then = ast.Block((then,), Span(then.span.path, 0, 0, 1, 0))
        text = self.inline(then) if not isinstance(then, ast.Block) else None
        if text is not None and self.fits(f"{head} {text}", start, end_of(then.span)):
            self.page.add([Cell(head), Cell(text)], start, end_of(then.span), kind)
            self._otherwise("else", otherwise, end_of(then.span), kind)
        elif isinstance(then, ast.Block):
            opening, closing = inner(then.span)
            self.page.add(f"{head} {{", start, opening)
            self.statements(then.statements)
            self._closing_else(otherwise, closing, kind)
        else:
            self._below(head, then, start, end_of(node.condition.span))
            self._otherwise("else", otherwise, end_of(then.span), kind)

    def _otherwise(self, head: str, node: ast.Statement, start: Position, kind: str) -> None:
        """The rest of a chain, on a line that begins with `else`."""
        if isinstance(node, ast.If):
            self._branch(head + " ", node, start, kind)
        elif isinstance(node, ast.Block):
            self._else_block(head, node, start)
        else:
            self._body_after(head, node, start, start, kind)

    def _closing_else(self, node: ast.Statement, closing: Position, kind: str) -> None:
        """The rest of a chain behind the closing brace of a branch."""
        self.page.leave(closing, start_of(node.span))
        self._otherwise("} else", node, closing, f"{kind} closing")

    def _else_block(self, head: str, node: ast.Block, start: Position) -> None:
        if not node.statements and not self.page.has_comment(start, end_of(node.span)):
            self.page.add(f"{head} {{}}", start, end_of(node.span))
            return
        opening, closing = inner(node.span)
        self.page.add(f"{head} {{", start, opening)
        self.statements(node.statements)
        self.page.close("}", closing, end_of(node.span))

    # --- switch, either

    def _switch(self, node: ast.Switch) -> None:
        start, end = start_of(node.span), end_of(node.span)
        self.page.add(f"switch ({expression(node.value)}) {{", start, end_of(node.value.span))
        self.page.open()
        self.page.indent -= INDENT
        for case in node.cases:
            self._case(case)
        self.page.indent += INDENT
        self.page.close("}", (end[0], end[1] - 1), end)

    def _case(self, node: ast.Case) -> None:
        labels = ["default:"] * node.default + [f"case {expression(value)}:" for value in node.values]
        ends = [start_of(node.span)] * node.default + [end_of(value.span) for value in node.values]
        start = start_of(node.span)
        for label, end in zip(labels[:-1], ends[:-1], strict=True):
            self.page.add(label, start, end)
            start = end
        last = ends[-1]
        texts = self._case_texts(node, last)
        if texts is not None and self.fits(" ".join([labels[-1], *texts]), start, end_of(node.span)):
            self.page.add([Cell(text) for text in [labels[-1], *texts]], start, end_of(node.span), "case")
            return
        self.page.add(labels[-1], start, last)
        self.page.open()
        for statement in node.body:
            self.statement(statement)
        self.page.indent -= INDENT

    def _case_texts(self, node: ast.Case, label: Position) -> list[str] | None:
        """The body of a case as columns behind its label: the statements, and the final jump."""
        if not node.body or label[0] != node.span.end_line:
            return None
        texts = [self.inline(statement) for statement in node.body]
        known = [text for text in texts if text is not None]
        if len(known) < len(texts):
            return None
        if isinstance(node.body[-1], JUMPS):
            return [" ".join(known[:-1]), known[-1]]
        return [" ".join(known)]

    def _either(self, node: ast.Either) -> None:
        start, end = start_of(node.span), end_of(node.span)
        text = self.inline(node)
        if text is not None and self.fits(text, start, end):
            self.page.add(text, start, end)
            return
        head = "either {"
        for block in node.blocks:
            opening, closing = inner(block.span)
            self.page.add(head, start, opening)
            self.statements(block.statements)
            if block is not node.blocks[-1]:
                self.page.leave(closing, closing)
            head, start = "} or {", closing
        self.page.close("}", start, end)


def _ends_open(node: ast.Statement) -> bool:
    """Whether an `else` behind this statement would belong to an `if` inside it."""
    match node:
        case ast.If():
            return node.otherwise is None or _ends_open(node.otherwise)
        case ast.While() | ast.For() | ast.ForEach() | ast.Upto():
            return _ends_open(node.body)
        case _:
            return False


def _block_head(node: ast.AnyOrder | ast.Atomic | ast.Spawn) -> str:
    match node:
        case ast.AnyOrder():
            return "any_order"
        case ast.Atomic():
            return "atomic"
        case ast.Spawn():
            return f"spawn {node.name.text}"


def _loop_head(node: ast.While | ast.For | ast.ForEach | ast.Upto) -> str:
    match node:
        case ast.While():
            return f"while ({expression(node.condition)})"
        case ast.For():
            initial = _simple(node.initial) if node.initial is not None else ""
            condition = f" {expression(node.condition)}" if node.condition is not None else ""
            step = f" {_simple(node.step)}" if node.step is not None else ""
            return f"for ({initial};{condition};{step})"
        case ast.ForEach():
            return f"for ({declared(node.type, node.name)} : {expression(node.list)})"
        case ast.Upto():
            return f"upto {expression(node.count)}"


def _head_end(node: ast.While | ast.For | ast.ForEach | ast.Upto) -> Position:
    """Where the last part of a head ends: its brackets and signs stand on the same line."""
    match node:
        case ast.While():
            return end_of(node.condition.span)
        case ast.For():
            parts = [part for part in (node.initial, node.condition, node.step) if part is not None]
            return end_of(parts[-1].span) if parts else start_of(node.span)
        case ast.ForEach():
            return end_of(node.list.span)
        case ast.Upto():
            return end_of(node.count.span)


def _simple(node: ast.Statement) -> str:
    """A statement without its `;`."""
    match node:
        case ast.Declaration():
            return on_one_line(variable_cells(node.variable, ""))
        case ast.Assignment():
            place = target(node.target)
            if node.postfix:
                return place + node.operator[0] * 2
            return f"{place} {node.operator} {expression(node.value)}"
        case ast.CallStatement():
            return target(node.call)
        case ast.Return():
            return "return" if node.value is None else f"return {expression(node.value)}"
        case ast.Break():
            return "break"
        case ast.Continue():
            return "continue"
        case ast.Receive():
            patterns = ", ".join(pattern(entry) for entry in node.patterns)
            return f"receive {{ {patterns} }}" if patterns else "receive {}"
        case ast.Await():
            return f"await ({expression(node.condition)})"
        case ast.Assert():
            text = f', "{node.text.value}"' if node.text is not None else ""
            return f"assert({expression(node.condition)}{text})"
        case ast.Assume():
            return f"assume({expression(node.condition)})"
        case ast.ReachableMark():
            return f"reachable {node.name.text}"
        case _:
            raise TypeError(f"no text for {type(node).__name__}")
