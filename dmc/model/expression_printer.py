"""Expressions of the model as text, with all parentheses: what was bound to what, not what was written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from dmc.base.types import BoolType, EnumType
from dmc.model import model

_Uses = (
    model.VariableUse | model.FieldUse | model.IndexUse | model.ApiMember | model.Attribute | model.AddressOf
)
_Operations = (
    model.UnaryOp
    | model.BinaryOp
    | model.ConditionalOp
    | model.ChooseValue
    | model.InValues
    | model.QuantifiedOp
)
_Calls = model.FunctionCall | model.IndirectCall | model.ApiCall | model.ProcessCall | model.ListCall


def expression_text(node: model.Expr) -> str:
    """The expression on one line."""
    match node:
        case (
            model.VariableUse()
            | model.FieldUse()
            | model.IndexUse()
            | model.ApiMember()
            | model.Attribute()
            | model.AddressOf()
        ):
            return _use(node)
        case (
            model.UnaryOp()
            | model.BinaryOp()
            | model.ConditionalOp()
            | model.ChooseValue()
            | model.InValues()
            | model.QuantifiedOp()
        ):
            return _operation(node)
        case (
            model.FunctionCall()
            | model.IndirectCall()
            | model.ApiCall()
            | model.ProcessCall()
            | model.ListCall()
        ):
            return _call(node)
        case _:
            return _constant(node)


def range_text(value: model.Expr | tuple[model.Expr, model.Expr]) -> str:
    """One value or a range."""
    if isinstance(value, tuple):
        return f"{expression_text(value[0])}..{expression_text(value[1])}"
    return expression_text(value)


_Constants = (
    model.Literal
    | model.NullValue
    | model.AxisValue
    | model.SettingValue
    | model.DriverValue
    | model.ProcessValue
    | model.AtomValue
    | model.TermValue
    | model.StringValue
    | model.FunctionValue
    | model.SizeOfType
    | model.StateName
)


def _constant(node: _Constants) -> str:
    match node:
        case model.Literal():
            return _literal(node)
        case model.NullValue():
            return "NULL"
        case model.AxisValue():
            return node.axis.name
        case model.SettingValue() | model.AtomValue() | model.StateName():
            return node.name
        case model.DriverValue():
            return node.driver.name
        case model.ProcessValue():
            return node.process.name
        case model.TermValue():
            return f"{{ {_arguments(node.elements)} }}"
        case model.StringValue():
            return f'"{node.value}"'
        case model.FunctionValue():
            return node.function.name if node.function is not None else node.api
        case model.SizeOfType():
            return f"sizeof({node.of})"
        case _:
            assert_never(node)


def _literal(node: model.Literal) -> str:
    match node.type:
        case EnumType() as kind:
            return kind.members[node.value]
        case BoolType():
            return "true" if node.value else "false"
        case _:
            return str(node.value)


def _use(node: _Uses) -> str:
    match node:
        case model.VariableUse():
            return node.variable.name
        case model.FieldUse():
            return f"{expression_text(node.object)}->{node.field.name}"
        case model.IndexUse():
            return f"{expression_text(node.array)}[{expression_text(node.index)}]"
        case model.ApiMember():
            return f"{node.variable.name}.{node.member}"
        case model.Attribute():
            return f"{expression_text(node.subject)}.{node.name}"
        case model.AddressOf():
            return f"&{expression_text(node.place)}"
        case _:
            assert_never(node)


def _operation(node: _Operations) -> str:
    match node:
        case model.UnaryOp():
            return f"{node.operator}{expression_text(node.operand)}"
        case model.BinaryOp():
            return f"({expression_text(node.left)} {node.operator} {expression_text(node.right)})"
        case model.ConditionalOp():
            branches = f"{expression_text(node.then)} : {expression_text(node.otherwise)}"
            return f"({expression_text(node.condition)} ? {branches})"
        case model.ChooseValue():
            return f"choose({', '.join(map(range_text, node.values))})"
        case model.InValues():
            return f"({expression_text(node.operand)} in {{ {', '.join(map(range_text, node.values))} }})"
        case model.QuantifiedOp():
            return f"{node.kind} ({_quantifiers(node)}) {expression_text(node.body)}"
        case _:
            assert_never(node)


def _quantifiers(node: model.QuantifiedOp) -> str:
    return ", ".join(
        f"{variable.type} {variable.name}{f' in {range_text(bounds)}' if bounds is not None else ''}"
        for variable, bounds in node.variables
    )


def _call(node: _Calls) -> str:
    if isinstance(node, model.ListCall):
        argument = (node.argument,) if node.argument is not None else ()
        return f"{node.function}({_arguments((node.list, *argument))})"
    arguments = _arguments(node.arguments)
    match node:
        case model.FunctionCall():
            return f"{node.function.name}({arguments})"
        case model.IndirectCall():
            targets = ", ".join(target.name for target in node.targets)
            return f"{expression_text(node.pointer)}({arguments}) to {{ {targets} }}"
        case model.ApiCall() | model.ProcessCall():
            return f"{node.function}({arguments})"
        case _:
            assert_never(node)


def _arguments(arguments: Iterable[model.Expr]) -> str:
    return ", ".join(map(expression_text, arguments))
