"""Expressions, values and types as text, with as few brackets as keep their structure."""

from __future__ import annotations

from collections.abc import Iterable

from dmc.syntax import ast

_TOP, _CONDITIONAL, _OR, _RELATION, _SUM, _UNARY, _POSTFIX = 0, 1, 2, 8, 10, 12, 13

_LEVELS = {
    "||": _OR,
    "&&": 3,
    "|": 4,
    "^": 5,
    "&": 6,
    "==": 7,
    "!=": 7,
    "<": _RELATION,
    ">": _RELATION,
    "<=": _RELATION,
    ">=": _RELATION,
    "<<": 9,
    ">>": 9,
    "+": _SUM,
    "-": _SUM,
    "*": 11,
    "/": 11,
    "%": 11,
}


def expression(node: ast.Expr, least: int = _TOP) -> str:
    """The text of an expression; in brackets if it binds less tightly than `least`."""
    text, level = _text_and_level(node)
    return f"({text})" if level < least else text


def target(node: ast.Expr) -> str:
    """The text of a place that is assigned to or of a call that is a statement."""
    if isinstance(node, ast.Unary) and node.operator == "*":
        return "*" + target(node.operand)
    return expression(node, _POSTFIX)


def value(node: ast.Expr | ast.RangeValue) -> str:
    """One of the values of a setting, a choice or a set."""
    return range_value(node) if isinstance(node, ast.RangeValue) else expression(node)


def values(nodes: Iterable[ast.Expr | ast.RangeValue]) -> str:
    """Values with commas between them."""
    return ", ".join(value(node) for node in nodes)


def range_value(node: ast.RangeValue) -> str:
    """`low..high`, `low..` or `..high`."""
    low = "" if node.low is None else expression(node.low, _SUM)
    high = "" if node.high is None else expression(node.high, _SUM)
    return f"{low}..{high}"


def type_name(node: ast.TypeName) -> str:
    """A type as it stands alone: `Txn *`."""
    return node.name.text + (" " + "*" * node.stars if node.stars else "")


def declared(type_: ast.TypeName, name: ast.Identifier) -> str:
    """A type and the name declared with it: `Txn *t`."""
    return f"{type_.name.text} {'*' * type_.stars}{name.text}"


def quantifiers(nodes: Iterable[ast.Quantifier]) -> str:
    """`job j, int i in 0..3`."""
    parts = []
    for node in nodes:
        bounds = f" in {range_value(node.range)}" if node.range is not None else ""
        parts.append(declared(node.type, node.name) + bounds)
    return ", ".join(parts)


def pattern(node: ast.Expr | ast.Binding) -> str:
    """One pattern of a `receive`."""
    return f"{node.type.text} {node.name.text}" if isinstance(node, ast.Binding) else expression(node)


def _text_and_level(node: ast.Expr) -> tuple[str, int]:
    match node:
        case ast.Binary():
            level = _LEVELS[node.operator]
            release = _release_and_build(node)
            if release is not None:
                return release, level
            left, right = expression(node.left, level), expression(node.right, level + 1)
            return f"{left} {node.operator} {right}", level
        case ast.Unary():
            operand = expression(node.operand, _UNARY)
            glued = operand.startswith(node.operator) and node.operator in ("-", "&")
            return node.operator + (f"({operand})" if glued else operand), _UNARY
        case ast.Conditional():
            condition = expression(node.condition, _OR)
            return f"{condition} ? {expression(node.then)} : {expression(node.otherwise, 1)}", _CONDITIONAL
        case ast.Membership():
            return f"{expression(node.operand, _RELATION)} in {_members(node.values)}", _RELATION
        case ast.Quantified():
            return f"{node.kind} ({quantifiers(node.quantifiers)}) {expression(node.body)}", _TOP
        case ast.Member() | ast.Index() | ast.Call():
            return _postfix(node), _POSTFIX
        case _:
            return _atom(node), _POSTFIX


def _release_and_build(node: ast.Expr) -> str | None:
    """`R12B-5`, `R12B/smp` or `R12B-5/smp`, which parse as differences and quotients; None for all else."""
    match node:
        case ast.Name(text=text):
            return text if text[:1] == "R" and text[1:2].isdigit() else None
        case ast.Binary(operator="-", left=left, right=ast.Number() | ast.Binary() as right):
            head = _release_and_build(left)
            patch = right.text if isinstance(right, ast.Number) else _with_build(right)
            return f"{head}-{patch}" if head and "/" not in head and patch else None
        case ast.Binary(left=ast.Name() as left):
            return _with_build(node) if _release_and_build(left) else None
        case _:
            return None


def _with_build(node: ast.Binary) -> str | None:
    match node:
        case ast.Binary("/", ast.Name() | ast.Number() as left, ast.Name(text="smp" | "nosmp" as build)):
            return f"{left.text}/{build}"
        case _:
            return None


def _members(nodes: tuple[ast.Expr | ast.RangeValue, ...]) -> str:
    if len(nodes) == 1 and isinstance(nodes[0], ast.RangeValue):
        ends = (nodes[0].low, nodes[0].high)
        if not any(end is None or _is_release(end) for end in ends):
            return range_value(nodes[0])
    return f"{{ {values(nodes)} }}"


def _is_release(node: ast.Expr) -> bool:
    return isinstance(node, ast.Name) and node.text[0].isdigit()


def _postfix(node: ast.Member | ast.Index | ast.Call) -> str:
    match node:
        case ast.Member():
            return f"{expression(node.object, _POSTFIX)}{'->' if node.arrow else '.'}{node.name.text}"
        case ast.Index():
            return f"{expression(node.object, _POSTFIX)}[{expression(node.index)}]"
        case ast.Call():
            arguments = ", ".join(expression(argument) for argument in node.arguments)
            return f"{expression(node.function, _POSTFIX)}({arguments})"


def _atom(node: ast.Expr) -> str:
    match node:
        case ast.Name() | ast.Number():
            return node.text
        case ast.String():
            return f'"{node.value}"'
        case ast.BoolLiteral():
            return "true" if node.value else "false"
        case ast.Null():
            return "NULL"
        case ast.SizeOf():
            return f"sizeof({type_name(node.type)})"
        case ast.Choose():
            return f"choose({values(node.values)})"
        case ast.TupleValue():
            items = ", ".join(expression(item) for item in node.items)
            return f"{{ {items} }}" if items else "{}"
        case _:
            raise TypeError(f"no text for {type(node).__name__}")
