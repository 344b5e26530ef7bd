"""What is known of an expression before the run: axes, settings and literals, folded."""

from __future__ import annotations

from dmc.base.types import BoolType, EnumType
from dmc.ir.fold import fold_binary
from dmc.lower.run import RunChoice
from dmc.model.model import (
    ApiMember,
    Axis,
    AxisValue,
    BinaryOp,
    ConditionalOp,
    Expr,
    InValues,
    Literal,
    NullValue,
    SettingValue,
    UnaryOp,
)

OPERATORS = {"&&": "and", "||": "or"}


def constant(expr: Expr, run: RunChoice) -> int | None:
    """The value of the expression if it is the same in all states of the run."""
    match expr:
        case Literal(value=value):
            return value
        case NullValue():
            return 0
        case AxisValue(axis=axis):
            return axis_value(axis, run.axis(axis.name))
        case SettingValue(name=name):
            return setting_value(name, run)
        case ApiMember(member=member):
            return system_info(member, run)
        case UnaryOp(operator=operator, operand=operand):
            inner = constant(operand, run)
            return None if inner is None else (int(not inner) if operator == "!" else -inner)
        case BinaryOp(operator=operator, left=left, right=right):
            return _binary(operator, constant(left, run), constant(right, run))
        case ConditionalOp(condition=condition, then=then, otherwise=otherwise):
            test = constant(condition, run)
            return None if test is None else constant(then if test else otherwise, run)
        case InValues():
            return _membership(expr, run)
        case _:
            return None


def axis_value(axis: Axis, text: str) -> int:
    """The number that stands for a value of an axis."""
    match axis.type:
        case EnumType(members=members):
            return members.index(text)
        case BoolType():
            return int(text == "true")
        case _:
            return int(text)


def setting_value(name: str, run: RunChoice) -> int:
    """`async_threads`, `schedulers` and `locking` (0 port, 1 driver) of the run."""
    match name:
        case "async_threads":
            return run.async_threads
        case "schedulers":
            return run.schedulers
        case _:
            return int(run.locking == "driver")


def system_info(member: str, run: RunChoice) -> int | None:
    """A member of `ErlDrvSysInfo`."""
    match member:
        case "async_threads":
            return run.async_threads
        case "scheduler_threads":
            return run.schedulers
        case "smp_support":
            return int(run.profile.build.value == "smp")
        case "thread_support":
            return 1
        case _:
            return None


def _binary(operator: str, left: int | None, right: int | None) -> int | None:
    # What stands left of `&&` is evaluated whatever stands right of it.
    if operator == "&&" and left == 0:
        return 0
    if operator == "||" and left:
        return 1
    if left is None or right is None or (operator in ("/", "%") and right == 0):
        return None
    return fold_binary(OPERATORS.get(operator, operator), left, right)


def _membership(expr: InValues, run: RunChoice) -> int | None:
    operand = constant(expr.operand, run)
    if operand is None:
        return None
    for value in expr.values:
        if isinstance(value, tuple):
            low, high = constant(value[0], run), constant(value[1], run)
            if low is None or high is None:
                return None
            if low <= operand <= high:
                return 1
        else:
            single = constant(value, run)
            if single is None:
                return None
            if single == operand:
                return 1
    return 0
