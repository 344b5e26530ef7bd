"""Expressions of the model in the author's words, for labels of steps."""

from __future__ import annotations

from dmc.base.types import BoolType, EnumType
from dmc.model.model import (
    AddressOf,
    ApiCall,
    ApiMember,
    AtomValue,
    AxisValue,
    BinaryOp,
    ChooseValue,
    ConditionalOp,
    DriverValue,
    Expr,
    FieldUse,
    FunctionCall,
    FunctionValue,
    IndexUse,
    ListCall,
    Literal,
    NullValue,
    ProcessCall,
    SettingValue,
    SizeOfType,
    StringValue,
    UnaryOp,
    VariableUse,
)


def words(expr: Expr) -> str:
    """The expression as an author would write it; what has no short form is `...`."""
    match expr:
        case Literal(value=value, type=EnumType(members=members)) if 0 <= value < len(members):
            return members[value]
        case Literal(value=value, type=BoolType()):
            return "true" if value else "false"
        case Literal(value=value):
            return str(value)
        case NullValue():
            return "NULL"
        case AxisValue(axis=axis):
            return axis.name
        case SettingValue(name=name) | AtomValue(name=name):
            return name
        case VariableUse(variable=variable):
            return variable.name
        case FieldUse(object=base, field=field):
            return f"{words(base)}->{field.name}"
        case IndexUse(array=array, index=index):
            return f"{words(array)}[{words(index)}]"
        case ApiMember(variable=variable, member=member):
            return f"{variable.name}.{member}"
        case ChooseValue(values=((low, high),)):
            return f"choose({words(low)}..{words(high)})"
        case UnaryOp(operator=operator, operand=operand):
            return f"{operator}{words(operand)}"
        case BinaryOp(operator=operator, left=left, right=right):
            return f"{words(left)} {operator} {words(right)}"
        case ConditionalOp(condition=condition, then=then, otherwise=otherwise):
            return f"{words(condition)} ? {words(then)} : {words(otherwise)}"
        case FunctionCall(function=function, arguments=arguments):
            return f"{function.name}({', '.join(map(words, arguments))})"
        case ApiCall(function=name, arguments=arguments) | ProcessCall(function=name, arguments=arguments):
            return f"{name}({', '.join(map(words, arguments))})"
        case ListCall(function=name, list=use, argument=argument):
            return f"{name}({', '.join(map(words, (use,) if argument is None else (use, argument)))})"
        case DriverValue(driver=driver):
            return driver.name
        case StringValue(value=text):
            return f'"{text}"'
        case FunctionValue(function=function, api=api):
            return api or (function.name if function else "NULL")
        case AddressOf(place=place):
            return f"&{words(place)}"
        case SizeOfType(of=of):
            return f"sizeof({of})"
        case _:
            return "..."
