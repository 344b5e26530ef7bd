"""Declarations, in three passes, as none is forward: names, then types and signatures, then bodies."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial

from dmc.base.types import BOOL, INT, EnumType, FunctionType, StructType
from dmc.driver_api.callbacks import CALLBACKS
from dmc.driver_api.registry import NOT_MODELLED, api_function
from dmc.model import model
from dmc.model.callback_signatures import check_callbacks
from dmc.model.constants import fold
from dmc.model.environment import Env, declare
from dmc.model.names import constant_value
from dmc.model.scope import Constant, Enumerators, NamedType, Scope
from dmc.model.settings import KNOWN_SETTINGS, driver_flags
from dmc.model.statements import function_body
from dmc.model.type_names import type_of
from dmc.model.values import fixed_range
from dmc.model.variables import variable_of
from dmc.syntax import ast

Declared = ast.Const | ast.Enum | ast.Struct | ast.Variable | ast.Function | ast.Axis | ast.Driver
MAX_AXIS = 1000


@dataclass
class Declarations:
    """What one level of names holds, in the order of the text."""

    structs: list[model.Struct] = field(default_factory=list)
    axes: list[model.Axis] = field(default_factory=list)
    variables: list[model.Variable] = field(default_factory=list)
    functions: list[model.Function] = field(default_factory=list)
    drivers: list[model.Driver] = field(default_factory=list)


Step = Callable[[], None]


def declare_all(items: Iterable[ast.Item], env: Env) -> Declarations:
    """All declarations of a file and its imports, with their bodies."""
    declared = Declarations()
    later = _Later()
    for item in items:
        _file_item(item, env, declared, later)
    later.run()
    return declared


@dataclass
class _Later:
    """What has to wait until all names, and then until all types are known."""

    axes: list[Step] = field(default_factory=list)
    types: list[Step] = field(default_factory=list)
    variables: list[Step] = field(default_factory=list)
    checks: list[Step] = field(default_factory=list)
    bodies: list[Step] = field(default_factory=list)

    def run(self) -> None:
        for step in (*self.axes, *self.types, *self.variables, *self.checks, *self.bodies):
            step()


def _file_item(item: ast.Item, env: Env, declared: Declarations, later: _Later) -> None:
    match item:
        case ast.Axis():
            _axis(item, env, declared, later)
        case ast.Driver():
            _driver(item, env, declared, later)
        case ast.Const() | ast.Enum() | ast.Struct() | ast.Variable() | ast.Function():
            _common_item(item, env, declared, later, None)
        case _:
            pass


def _common_item(
    item: ast.Const | ast.Enum | ast.Struct | ast.Variable | ast.Function,
    env: Env,
    declared: Declarations,
    later: _Later,
    driver: model.Driver | None,
) -> None:
    """An item that can stand in a file and in a driver."""
    match item:
        case ast.Const():
            symbol = Constant(item, env.scope)
            declare(env, item.name.text, symbol, item.name.span)
            later.checks.append(partial(_touch, symbol, env))
        case ast.Enum():
            _enum(item, env)
        case ast.Struct():
            declared.structs.append(_struct(item, env, later, driver))
        case ast.Variable():
            storage = model.Storage.DRIVER if driver is not None else model.Storage.FILE
            variable = model.Variable(item.name.text, INT, storage, item.name.span)
            declare(env, variable.name, variable, item.name.span)
            declared.variables.append(variable)
            later.variables.append(partial(_complete, variable, item, env))
        case ast.Function():
            declared.functions.append(_function(item, env, later, driver))


def _touch(symbol: Constant, env: Env) -> None:
    """Fold a constant, so that a mistake in it is told even if nobody uses it."""
    constant_value(symbol, env)


def _complete(variable: model.Variable, item: ast.Variable, env: Env) -> None:
    """Give a variable, known by name until now, its type, range and initial value."""
    found = variable_of(item, variable.storage, env)
    variable.type, variable.atomic = found.type, found.atomic
    variable.low, variable.high, variable.initial = found.low, found.high, found.initial
    variable.sizes, variable.capacity, variable.where = found.sizes, found.capacity, found.where


# --- types --------------------------------------------------------------------------------------


def _enum(item: ast.Enum, env: Env) -> None:
    name = item.name.text
    kind = EnumType(name, tuple(dict.fromkeys(member.text for member in item.members)))
    if not item.members:
        env.report("E408", f"the enum `{name}` has no members", item.name.span)
    declare(env, name, NamedType(kind, item.name.span), item.name.span)
    enter_members(item.members, kind, env)


def enter_members(members: tuple[ast.Identifier, ...], kind: EnumType, env: Env) -> None:
    """Declare the members of an enum or of an axis."""
    for member in members:
        position = kind.members.index(member.text)
        declare(env, member.text, Enumerators(((kind, position),), member.span), member.span)


def _struct(item: ast.Struct, env: Env, later: _Later, driver: model.Driver | None) -> model.Struct:
    kind = _struct_type(item.name.text, env, driver)
    struct = model.Struct(kind.name, (), item.name.span)
    env.world.structs[kind] = struct
    declare(env, item.name.text, NamedType(kind, item.name.span), item.name.span)
    later.types.append(partial(_fields, struct, item, env))
    later.variables.append(partial(_field_values, struct, item, env))
    return struct


def _struct_type(name: str, env: Env, driver: model.Driver | None) -> StructType:
    """Two drivers may have a struct of one name; the second is known by its driver, too."""
    plain = StructType(name)
    if plain not in env.world.structs:
        return plain
    owner = driver.name if driver is not None else "file"
    candidate, number = StructType(f"{owner}.{name}"), 2
    while candidate in env.world.structs:
        candidate, number = StructType(f"{owner}.{name}.{number}"), number + 1
    return candidate


def _fields(struct: model.Struct, item: ast.Struct, env: Env) -> None:
    """The fields by name and type; their ranges and initial values follow when all types are known."""
    fields: list[model.Variable] = []
    for one in item.fields:
        known = next((f for f in fields if f.name == one.name.text), None)
        if known is not None:
            hints = ("give one of them another name",)
            env.report("E205", f"`{known.name}` is declared twice", one.name.span, "", hints)
        fields.append(model.Variable(one.name.text, INT, model.Storage.FIELD, one.name.span))
    struct.fields = tuple(fields)
    if not fields:
        env.report("E408", f"the struct `{struct.name}` has no fields", struct.span)


def _field_values(struct: model.Struct, item: ast.Struct, env: Env) -> None:
    for variable, one in zip(struct.fields, item.fields, strict=True):
        if isinstance(one, ast.Variable):
            _complete(variable, one, env)
        else:
            parameters = tuple(type_of(p.type, env) for p in one.parameters)
            variable.type = FunctionType(type_of(one.result, env), parameters)


def _axis(item: ast.Axis, env: Env, declared: Declarations, later: _Later) -> None:
    name = item.name.text
    axis = model.Axis(name, INT, (), item.name.span)
    declare(env, name, axis, item.name.span)
    declared.axes.append(axis)
    if name in KNOWN_SETTINGS:
        note = "every run has a value of that already"
        env.report("E205", f"`{name}` is the name of a setting", item.name.span, note, ("name it otherwise",))
    if item.members:
        kind = EnumType(name, tuple(dict.fromkeys(member.text for member in item.members)))
        axis.type, axis.values = kind, kind.members
        enter_members(item.members, kind, env)
    elif item.type is not None:
        later.axes.append(partial(_axis_of_type, axis, item.type, env))
    elif item.range is not None:
        later.axes.append(partial(_axis_of_range, axis, item.range, env))
    else:
        env.report("E408", f"the axis `{name}` has no values", item.name.span)


def _axis_of_type(axis: model.Axis, written: ast.Identifier | None, env: Env) -> None:
    if written is None:
        return
    named = env.scope.find_type(written.text)
    if written.text == "bool":
        axis.type, axis.values = BOOL, ("false", "true")
    elif named is not None and isinstance(named.type, EnumType):
        axis.type, axis.values = named.type, named.type.members
    else:
        hints = ("write `bool`, a range `1..3`, names in braces, or the name of an enum",)
        env.report("E201", f"an axis cannot run over `{written.text}`", written.span, "", hints)


def _axis_of_range(axis: model.Axis, written: ast.RangeValue | None, env: Env) -> None:
    bounds = fixed_range(written, env) if written is not None else None
    if bounds is None or written is None:
        return
    low, high = fold(bounds[0]), fold(bounds[1])
    if low is None or high is None:
        env.report("E313", "the ends of an axis must be constant", written.span)
    elif high.value - low.value >= MAX_AXIS:
        env.report(
            "E315", f"an axis of {high.value - low.value + 1} values", written.span, f"at most {MAX_AXIS}"
        )
    else:
        axis.values = tuple(str(value) for value in range(low.value, high.value + 1))


# --- functions and drivers ----------------------------------------------------------------------


def _function(item: ast.Function, env: Env, later: _Later, driver: model.Driver | None) -> model.Function:
    name = item.name.text
    callback = name if driver is not None and name in CALLBACKS else ""
    empty = model.Block((), item.body.span)
    function = model.Function(name, INT, (), empty, item.name.span, callback)
    if api_function(name) is not None or name in NOT_MODELLED:
        note = "it would never be clear which of the two a call means"
        env.report("E205", f"`{name}` is a function of the driver API", item.name.span, note)
    declare(env, name, function, item.name.span)
    scope = Scope(env.scope)
    later.types.append(partial(_signature, function, item, replace(env, scope=scope)))
    later.bodies.append(partial(_body, function, item, replace(env, scope=scope, function=function)))
    return function


def _signature(function: model.Function, item: ast.Function, env: Env) -> None:
    function.result = type_of(item.result, env)
    parameters = []
    for parameter in item.parameters:
        written = ast.Variable(
            "",
            parameter.type,
            parameter.name,
            None,
            None,
            parameter.range,
            parameter.where,
            None,
            parameter.span,
        )
        variable = variable_of(written, model.Storage.PARAMETER, env)
        declare(env, variable.name, variable, parameter.name.span)
        parameters.append(variable)
    function.parameters = tuple(parameters)


def _body(function: model.Function, item: ast.Function, env: Env) -> None:
    function.body = function_body(item.body, function, env)


def _driver(item: ast.Driver, env: Env, declared: Declarations, later: _Later) -> None:
    driver = model.Driver(item.name.text, (), (), (), {}, item.name.span)
    declare(env, driver.name, driver, item.name.span)
    declared.drivers.append(driver)
    env.world.drivers.append(driver)
    inside = replace(env, scope=Scope(env.scope))
    own = Declarations()
    flags: list[str] = []
    for one in item.items:
        if isinstance(one, ast.Setting):
            flags += driver_flags(one, inside)
        else:
            _common_item(one, inside, own, later, driver)
    declared.structs += own.structs
    driver.flags = tuple(dict.fromkeys(flags))
    driver.variables, driver.functions = tuple(own.variables), tuple(own.functions)
    driver.callbacks = {f.callback: f for f in own.functions if f.callback}
    later.checks.append(partial(check_callbacks, driver, inside))
