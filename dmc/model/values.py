"""`choose(...)`, `e in { ... }`, `forall` and `exists`."""

from __future__ import annotations

from dmc.base.types import BOOL, EnumType, ErlangType, IntType, Type
from dmc.model import model
from dmc.model.checked import is_fixed, tested
from dmc.model.constants import fold
from dmc.model.conversions import as_integer, convert, unify
from dmc.model.environment import UNKNOWN, Env, Place, declare
from dmc.model.type_names import type_of
from dmc.model.vocabulary import SUBJECTS, SUBJECTS_NOT_YET
from dmc.syntax import ast

MAX_RANGE = 1024
"""How many numbers a quantifier looks at, one by one."""

Ranged = model.Expr | tuple[model.Expr, model.Expr]


def choose(node: ast.Choose, env: Env, expected: Type | None) -> model.Expr:
    """Any one of the values."""
    if env.place not in (Place.CODE, Place.PROCESS, Place.THREAD):
        return env.refuse("E409", f"{env.place.value} cannot choose", node.span)
    if not node.values:
        return env.refuse("E408", "a choice of nothing", node.span, "no run would go on from here")
    whole = _whole_type(node, env)
    if whole is not None:
        return whole
    values = tuple(_ranged(value, env, expected) for value in node.values)
    kind = _type_of_first(values)
    if kind == UNKNOWN or any(_ends(value)[0].type == UNKNOWN for value in values):
        return model.Literal(0, UNKNOWN, node.span)
    converted = _converted(values, kind, env)
    if converted is None:
        return model.Literal(0, UNKNOWN, node.span)
    return model.ChooseValue(converted, kind, node.span)


def _whole_type(node: ast.Choose, env: Env) -> model.Expr | None:
    """`choose(bool)` and `choose(Op)`."""
    only = node.values[0]
    if len(node.values) > 1 or not isinstance(only, ast.Name):
        return None
    if only.text == "bool":
        truths = tuple(model.Literal(value, BOOL, only.span) for value in (0, 1))
        return model.ChooseValue(truths, BOOL, node.span)
    named = env.scope.find_type(only.text)
    if named is None or not isinstance(named.type, EnumType):
        return None
    members = tuple(model.Literal(i, named.type, only.span) for i in range(len(named.type.members)))
    return model.ChooseValue(members, named.type, node.span)


def membership(node: ast.Membership, env: Env) -> model.Expr:
    """Whether a value is one of several."""
    operand = env.expression(node.operand)
    if not node.values:
        return env.refuse("E408", "nothing is in an empty set", node.span)
    values = tuple(_ranged(value, env, operand.type) for value in node.values)
    if UNKNOWN in (operand.type, *(end.type for value in values for end in _ends(value))):
        return model.Literal(0, BOOL, node.span)
    converted: list[Ranged] = []
    for value in values:
        found = tuple(unify(operand, end) for end in _ends(value))
        if None in found:
            message = f"a `{operand.type}` cannot be compared with a `{_ends(value)[0].type}`"
            return env.refuse("E302", message, _ends(value)[0].span)
        ends = [pair[1] for pair in found if pair is not None]
        converted.append((ends[0], ends[1]) if isinstance(value, tuple) else ends[0])
    if any(isinstance(end.type, IntType) for value in converted for end in _ends(value)):
        operand = as_integer(operand)
    return model.InValues(operand, tuple(converted), BOOL, node.span)


def fixed_range(node: ast.RangeValue, env: Env) -> tuple[model.Expr, model.Expr] | None:
    """`a..b` with both ends given, fixed for a run and not empty."""
    if node.low is None or node.high is None:
        env.report("E314", "both ends of this range must be given", node.span)
        return None
    ends = [as_integer(env.expression(end)) for end in (node.low, node.high)]
    for end in ends:
        if end.type == UNKNOWN:
            return None
        if not isinstance(end.type, IntType) or not is_fixed(end):
            env.report("E313", "the end of a range must be a number that is fixed for a run", end.span)
            return None
    low, high = fold(ends[0]), fold(ends[1])
    if low is not None and high is not None and low.value > high.value:
        env.report("E314", f"the range {low.value}..{high.value} is empty", node.span)
        return None
    return ends[0], ends[1]


def _ranged(value: ast.Expr | ast.RangeValue, env: Env, expected: Type | None) -> Ranged:
    if isinstance(value, ast.RangeValue):
        return fixed_range(value, env) or model.Literal(0, UNKNOWN, value.span)
    return env.expression(value, expected)


def _ends(value: Ranged) -> tuple[model.Expr, ...]:
    return value if isinstance(value, tuple) else (value,)


def _type_of_first(values: tuple[Ranged, ...]) -> Type:
    """The type of the choice: that of its first value, of all numbers the widest."""
    first, *rest = (end for value in values for end in _ends(value))
    found = first
    for end in rest:
        pair = unify(found, end)
        found = pair[0] if pair is not None else found
    return found.type


def _converted(values: tuple[Ranged, ...], kind: Type, env: Env) -> tuple[Ranged, ...] | None:
    found: list[Ranged] = []
    for value in values:
        ends = []
        for end in _ends(value):
            converted = convert(end, kind)
            if converted is None:
                message = f"the choice is between a `{kind}` and a `{end.type}`"
                env.report("E302", message, end.span)
                return None
            ends.append(converted)
        found.append((ends[0], ends[1]) if isinstance(value, tuple) else ends[0])
    return tuple(found)


def quantified(node: ast.Quantified, env: Env) -> model.Expr:
    """`forall` and `exists`, in properties."""
    if env.place not in (Place.PROPERTY, Place.RULE) and not env.one_step:
        return env.refuse("E409", f"`{node.kind}` is for properties, not for {env.place.value}", node.span)
    inner = env.inner()
    variables = [quantifier(one, inner) for one in node.quantifiers]
    if env.place not in (Place.PROPERTY, Place.RULE) and any(bounds is None for _, bounds in variables):
        note = "code goes over numbers; a property or a rule goes over ports, jobs and objects"
        return env.refuse("E409", f"this `{node.kind}` is for properties, not for code", node.span, note)
    body = tested(node.body, inner)
    known = tuple((variable, bounds) for variable, bounds in variables)
    return model.QuantifiedOp(node.kind, known, body, BOOL, node.span)


def quantifier(node: ast.Quantifier, env: Env) -> tuple[model.Variable, tuple[model.Expr, model.Expr] | None]:
    """Declare `job j` or `int i in 0..3`."""
    kind = subject_type(node.type, env)
    ranged = isinstance(kind, IntType) or (isinstance(kind, ErlangType) and kind != ErlangType("lock"))
    if not ranged and kind != UNKNOWN and not (env.place is Place.RULE and kind == ErlangType("lock")):
        env.report("E690", f"`{kind}` cannot be ranged over in this version", node.type.span)
        kind = UNKNOWN
    bounds = fixed_range(node.range, env) if node.range is not None else None
    if isinstance(kind, IntType) and node.range is None:
        hints = (f"write `{kind} {node.name.text} in 0..3`",)
        env.report("E314", "a number needs a range here", node.span, "", hints)
    if node.range is not None and not isinstance(kind, IntType) and kind != UNKNOWN:
        env.report("E302", f"a range is for numbers, and this is a `{kind}`", node.range.span)
    low, high = (fold(end) for end in bounds) if bounds is not None else (None, None)
    if low is not None and high is not None and high.value - low.value >= MAX_RANGE:
        number = high.value - low.value + 1
        env.report("E315", f"a range of {number} numbers", node.span, f"at most {MAX_RANGE}")
    variable = model.Variable(node.name.text, kind, model.Storage.BOUND, node.name.span)
    if bounds is not None:
        variable.low, variable.high = bounds
    declare(env, node.name.text, variable, node.name.span)
    return variable, bounds


def subject_type(written: ast.TypeName, env: Env) -> Type:
    """What a rule or a quantifier ranges over."""
    name = written.name.text
    if written.stars == 0 and name in SUBJECTS:
        return ErlangType(name)
    if written.stars == 0 and name in SUBJECTS_NOT_YET:
        env.report("E690", f"`{name}` is not in this version", written.span)
        return UNKNOWN
    return type_of(written, env)
