"""The syntax tree as text, in the one layout that `dmc fmt` writes."""

from __future__ import annotations

from collections.abc import Iterable

from dmc.base.exceptions import ModelError
from dmc.base.source import SourceFile
from dmc.syntax import ast, limits
from dmc.syntax.expression_text import declared, expression, quantifiers, range_value, values
from dmc.syntax.layout import INDENT, Cell, Comment, Page, Position, comments_of, end_of, start_of
from dmc.syntax.parser import parse
from dmc.syntax.scanner import scan
from dmc.syntax.statement_text import (
    StatementWriter,
    is_written_on_one_line,
    on_one_line,
    variable_cells,
)


def unparse(file: ast.File, comments: Iterable[Comment] = ()) -> str:
    """The text of a file; with places in the tree, blank lines and short blocks stay as they were."""
    page = Page(comments)
    writer = _ItemWriter(page)
    for item in file.items:
        if item.span.line == 0 and isinstance(item, _LARGE):
            page.blank()
        writer.item(item)
    return page.text()


def format_source(source: SourceFile) -> str:
    """The formatted text of a model. Raises ModelError if it does not parse."""
    result = parse(source)
    if result.file is None:
        raise ModelError(result.diagnostics)
    return unparse(result.file, comments_of(scan(source, limits.MAX_LEXEMES)))


_LARGE = (ast.Driver, ast.Scenario, ast.Rule, ast.Runtime, ast.Expect, ast.Function, ast.Struct)

_Entry = (
    ast.Item
    | ast.FunctionField
    | ast.Fault
    | ast.Actor
    | ast.QuiescentWhen
    | ast.Needs
    | ast.Trigger
    | ast.Handler
    | ast.Acyclic
    | ast.CanReach
    | ast.Under
    | ast.ExpectLine
    | ast.ExpectAll
    | ast.ExpectRest
)


class _ItemWriter(StatementWriter):
    """Writes items, and what stands inside of them, to a page."""

    def item(self, node: _Entry) -> None:
        start, end = start_of(node.span), end_of(node.span)
        match node:
            case ast.Struct():
                self._struct(node)
            case ast.Enum():
                head = f"enum {node.name.text}"
                self._members(head, node.members, node, "enum")
            case ast.Axis() if node.members:
                self._members(f"axis {node.name.text}", node.members, node, "axis")
            case ast.Function():
                parameters = _parameters(node.parameters)
                head = f"{declared(node.result, node.name)}({parameters})"
                self.block_after(head, node.body, start, "function")
            case ast.Driver():
                self._group(f"driver {node.name.text}", node.items, node, end_of(node.name.span))
            case ast.Runtime():
                head = f"runtime {node.name.text} extends {expression(node.base)}"
                self._group(head, node.settings, node, end_of(node.base.span))
            case ast.Scenario():
                self._group(f"scenario {node.name.text}", node.items, node, end_of(node.name.span))
            case ast.Actor():
                self.block_after(_actor_head(node), node.body, start)
            case ast.Rule():
                self._rule(node)
            case ast.Handler():
                self.block_after(f"on {_events(node.events)}", node.body, start, "handler")
            case ast.Expect():
                self._expect(node)
            case _:
                cells, kind = _leaf(node)
                self.page.add(cells, start, end, kind)

    def _group(self, head: str, entries: tuple[_Entry, ...], node: _Entry, head_end: Position) -> None:
        """A head and entries in braces, one below the other."""
        start, end = start_of(node.span), end_of(node.span)
        if not entries and not self.page.has_comment(start, end):
            self.page.add(f"{head} {{}}", start, end)
            return
        self.page.add(f"{head} {{", start, head_end)
        self._entries(entries, "}", end)

    def _entries(self, entries: tuple[_Entry, ...], closing: str, end: Position) -> None:
        self.page.open()
        for entry in entries:
            self.item(entry)
        self.page.close(closing, (end[0], max(0, end[1] - len(closing))), end)

    def _struct(self, node: ast.Struct) -> None:
        head = f"struct {node.name.text}"
        start, end = start_of(node.span), end_of(node.span)
        fields = " ".join(_field_text(entry) for entry in node.fields)
        text = f"{{ {fields} }};" if fields else "{};"
        if is_written_on_one_line(node.span) and self.fits(f"{head} {text}", start, end):
            self.page.add([Cell(head), Cell(text)], start, end, "struct")
            return
        self.page.add(f"{head} {{", start, end_of(node.name.span))
        self._entries(node.fields, "};", end)

    def _members(
        self, head: str, members: tuple[ast.Identifier, ...], node: ast.Enum | ast.Axis, kind: str
    ) -> None:
        start, end = start_of(node.span), end_of(node.span)
        text = f"{{ {', '.join(member.text for member in members)} }};"
        if is_written_on_one_line(node.span) and self.fits(f"{head} {text}", start, end):
            self.page.add([Cell(head), Cell(text)], start, end, kind)
            return
        self.page.add(f"{head} {{", start, end_of(node.name.span))
        self.page.open()
        for member in members:
            comma = "," if member is not members[-1] else ""
            self.page.add(member.text + comma, start_of(member.span), end_of(member.span))
        self.page.close("};", (end[0], end[1] - 2), end)

    def _rule(self, node: ast.Rule) -> None:
        start, end = start_of(node.span), end_of(node.span)
        head = f"rule {node.id.text}" + (f" {node.slug.text}" if node.slug is not None else "")
        if node.quantifiers:
            head += f" for {quantifiers(node.quantifiers)}"
        last = node.quantifiers[-1].span if node.quantifiers else (node.slug or node.id).span
        self.page.add(head, start, end_of(last))
        self.page.indent += INDENT
        self.page.add(f'"{node.text.value}" {{', start_of(node.text.span), end_of(node.text.span))
        self.page.indent -= INDENT
        self._entries(node.items, "}", end)

    def _expect(self, node: ast.Expect) -> None:
        start, end = start_of(node.span), end_of(node.span)
        head = "expect" + (f" {node.scenario.text}" if node.scenario is not None else "")
        if len(node.lines) == 1 and is_written_on_one_line(node.span):
            text = f"{head} {{ {on_one_line(_leaf(node.lines[0])[0])} }}"
            if self.fits(text, start, end):
                self.page.add(text, start, end)
                return
        name_end = end_of(node.scenario.span) if node.scenario is not None else (start[0], start[1] + 6)
        self._group(head, node.lines, node, name_end)


def _leaf(node: _Entry) -> tuple[list[Cell], str]:
    """An entry that is one line, and the kind of the lines that it aligns with."""
    match node:
        case ast.Variable():
            return variable_cells(node), "variable"
        case ast.Const():
            type_ = Cell(f"const {node.type.name.text}", "*" * node.type.stars, "")
            return [type_, Cell(node.name.text), Cell(f"= {expression(node.value)};")], "const"
        case ast.Setting():
            return [Cell(node.name.text), Cell(f"= {values(node.values)};")], "setting"
        case ast.ExpectLine():
            return _expect_line(node), "expect"
        case _:
            return [Cell(_leaf_text(node) + ";")], ""


def _leaf_text(node: _Entry) -> str:
    match node:
        case ast.LanguageVersion():
            return f"dmc {node.version}"
        case ast.Import():
            return f'import "{node.path.value}"'
        case ast.Axis():
            kind = node.type.text if node.type is not None else ""
            return f"axis {node.name.text}: {range_value(node.range) if node.range is not None else kind}"
        case ast.Allow():
            return f'allow {node.rule.text} because "{node.reason.value}"'
        case ast.FunctionField():
            stars = f" {'*' * node.result.stars}"
            return f"{node.result.name.text}{stars}(*{node.name.text})({_parameters(node.parameters)})"
        case ast.Fault():
            count = f" upto {expression(node.count)}" if node.count is not None else ""
            return f"fault {_names(node.names)}{count}"
        case ast.QuiescentWhen():
            return f"quiescent when {expression(node.condition)}"
        case ast.Invariant():
            return f"invariant {node.name.text}: {expression(node.condition)}"
        case ast.Reachable():
            return f"reachable {node.name.text}: {expression(node.condition)}"
        case ast.Needs():
            return f"needs {_names(node.names)}"
        case ast.Trigger():
            return f"trigger {_events(node.events)}"
        case ast.Acyclic():
            return f"acyclic {node.name.text}"
        case ast.CanReach():
            return _can_reach(node)
        case ast.Under():
            return _under(node)
        case ast.ExpectAll():
            return f"all {node.verdict}"
        case ast.ExpectRest():
            return "rest any"
        case _:
            raise TypeError(f"no text for {type(node).__name__}")


def _can_reach(node: ast.CanReach) -> str:
    when = f" when {expression(node.when)}" if node.when is not None else ""
    without = f" without {node.without.text}" if node.without is not None else ""
    return f"can_reach {expression(node.target)}{when}{without}"


def _under(node: ast.Under) -> str:
    if node.setting is not None:
        environment = f"{node.setting.name.text} = {values(node.setting.values)}"
    else:
        assert node.fault is not None
        environment = _leaf_text(node.fault)
    return f"under {environment}: {_names(node.rules)}"


def _field_text(node: ast.Variable | ast.FunctionField) -> str:
    return on_one_line(_leaf(node)[0])


def _parameters(nodes: tuple[ast.Parameter, ...]) -> str:
    return ", ".join(_parameter(node) for node in nodes)


def _parameter(node: ast.Parameter) -> str:
    clauses = [declared(node.type, node.name)]
    if node.range is not None:
        clauses.append(f"in {range_value(node.range)}")
    if node.where is not None:
        clauses.append(f"where {expression(node.where)}")
    return " ".join(clauses)


def _names(nodes: tuple[ast.Identifier, ...]) -> str:
    return ", ".join(node.text for node in nodes)


def _actor_head(node: ast.Actor) -> str:
    if node.kind == "peer":
        return "peer"
    count = f"[{expression(node.count)}]" if node.count is not None else ""
    number = f"({_parameters((node.number,))})" if node.number is not None else ""
    return f"{node.kind} {node.name.text}{count}{number}"


def _events(nodes: tuple[ast.Event, ...]) -> str:
    return ", ".join(_event(node) for node in nodes)


def _event(node: ast.Event) -> str:
    text = node.kind
    if node.name is not None:
        text += f" {node.name.text}"
    if node.arguments:
        text += f"({_names(node.arguments)})"
    if node.result is not None:
        text += f" = {node.result.text}"
    if node.subject is not None:
        text += f" of {node.subject.text}"
    return text


def _expect_line(node: ast.ExpectLine) -> list[Cell]:
    text = node.verdict
    if node.function is not None:
        text += f" in {node.function.text}"
    if node.runtimes:
        text += f" on {values(node.runtimes)}"
    if node.condition is not None:
        text += f" when {expression(node.condition)}"
    return [Cell(_names(node.properties)), Cell(text + ";")]
