"""Random syntax trees, without places, that some text can have produced."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

from hypothesis import strategies as st

from dmc.base.source import Span
from dmc.syntax import ast

PLACE = Span("random.dmc", 0, 0)

_WORDS = [
    "a",
    "b2",
    "_x",
    "Port",
    "call",
    "free",
    "in",
    "where",
    "of",
    "when",
    "state",
    "read",
    "all",
    "rest",
    "any",
    "exists",
    "forall",
    "dmc",
    "violated",
    "hold",
]
names = st.sampled_from(_WORDS)
fields_names = st.sampled_from([*_WORDS, "set", "thread", "on", "driver", "static", "always"])
texts = st.text("abc {}.,;/*'é#", max_size=8)


def without_places(node: Any) -> Any:
    """The same tree with every span replaced by one."""
    if isinstance(node, tuple):
        return tuple(without_places(entry) for entry in node)
    if isinstance(node, Span):
        return PLACE
    if is_dataclass(node) and not isinstance(node, type):
        return replace(node, **{f.name: without_places(getattr(node, f.name)) for f in fields(node)})
    return node


def _identifier(text: str) -> ast.Identifier:
    return ast.Identifier(text, PLACE)


def _build(cls: type, **parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    # Not `st.builds`: its representation unfolds the whole grammar again and again.
    @st.composite
    def node(draw: st.DrawFn) -> Any:
        return cls(span=PLACE, **{name: draw(part) for name, part in parts.items()})

    return node()


def _tuples(parts: st.SearchStrategy[Any], least: int = 0, most: int = 3) -> st.SearchStrategy[Any]:
    @st.composite
    def several(draw: st.DrawFn) -> tuple[Any, ...]:
        return tuple(draw(parts) for _ in range(draw(st.integers(least, most))))

    return several()


identifiers = names.map(_identifier)
type_words = st.sampled_from(["int", "Txn", "unsigned int", "bool", "state"]).map(_identifier)
types = _build(ast.TypeName, name=type_words, stars=st.integers(0, 2))
plain_names = _build(ast.Name, text=names)
strings = _build(ast.String, value=texts)
numbers = st.one_of(
    st.integers(0, 2**40).map(lambda n: ast.Number(n, str(n), PLACE)),
    st.integers(0, 2**40).map(lambda n: ast.Number(n, hex(n), PLACE)),
    st.sampled_from([ast.Number(99, "'c'", PLACE), ast.Number(10, r"'\n'", PLACE)]),
)
releases = st.sampled_from(["17.5", "25.2.3"]).map(lambda text: ast.Name(text, PLACE))
atoms = st.one_of(
    plain_names,
    numbers,
    strings,
    _build(ast.BoolLiteral, value=st.booleans()),
    _build(ast.Null),
    _build(ast.SizeOf, type=types),
)
_OPERATORS = [
    "||",
    "&&",
    "|",
    "^",
    "&",
    "==",
    "!=",
    "<",
    ">",
    "<=",
    ">=",
    "<<",
    ">>",
    "+",
    "-",
    "*",
    "/",
    "%",
]


def _ranges(ends: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return _build(ast.RangeValue, low=ends, high=ends)


def _values(expressions: st.SearchStrategy[Any], least: int = 1) -> st.SearchStrategy[Any]:
    ends = expressions | releases
    open_ranges = _build(ast.RangeValue, low=ends, high=st.none()) | _build(
        ast.RangeValue, low=st.none(), high=ends
    )
    return _tuples(expressions | releases | _ranges(ends) | open_ranges, least)


def _quantifiers(ends: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    kinds = st.sampled_from(["job", "port", "thread", "int"]).map(
        lambda text: ast.TypeName(_identifier(text), 0, PLACE)
    )
    return _tuples(
        _build(ast.Quantifier, type=kinds, name=identifiers, range=st.none() | _ranges(ends)), 1, 2
    )


def _compound(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    arguments = inner | _build(ast.TupleValue, items=_tuples(inner))
    return st.one_of(
        _build(ast.Binary, operator=st.sampled_from(_OPERATORS), left=inner, right=inner),
        _build(ast.Unary, operator=st.sampled_from("!-&*~"), operand=inner),
        _build(ast.Conditional, condition=inner, then=inner, otherwise=inner),
        _build(ast.Member, object=inner, name=fields_names.map(_identifier), arrow=st.booleans()),
        _build(ast.Index, object=inner, index=inner),
        _build(ast.Call, function=inner, arguments=_tuples(arguments)),
        _build(ast.Membership, operand=inner, values=_values(inner)),
        _build(ast.Choose, values=_values(inner)),
        _build(
            ast.Quantified,
            kind=st.sampled_from(["forall", "exists"]),
            quantifiers=_quantifiers(inner),
            body=inner,
        ),
    )


expressions = st.recursive(atoms, _compound, max_leaves=6)


def _variables(declared: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        _variable(declared, st.none() | expressions, st.none()), _variable(declared, expressions, expressions)
    )


def _variable(
    declared: st.SearchStrategy[Any], size: st.SearchStrategy[Any], second: st.SearchStrategy[Any]
) -> st.SearchStrategy[Any]:
    return _build(
        ast.Variable,
        storage=st.sampled_from(["", "", "atomic", "list", "set"]),
        type=types,
        name=declared,
        size=size,
        second=second,
        range=st.none() | _ranges(plain_names | numbers),
        where=st.none() | expressions,
        initial=st.none() | expressions,
    )


variables = _variables(identifiers)
targets = st.one_of(
    plain_names,
    _build(ast.Member, object=expressions, name=identifiers, arrow=st.booleans()),
    _build(ast.Unary, operator=st.just("*"), operand=plain_names),
)
calls = _build(
    ast.Call, function=targets.filter(lambda t: not isinstance(t, ast.Unary)), arguments=_tuples(expressions)
)
_one = st.just(ast.Number(1, "1", PLACE))
_operators = st.sampled_from(["=", "+=", "-=", "|=", "&="])
_no, _yes = st.just(False), st.just(True)
assignments = st.one_of(
    _build(ast.Assignment, target=targets, operator=_operators, value=expressions, postfix=_no),
    _build(ast.Assignment, target=targets, operator=st.sampled_from(["+=", "-="]), value=_one, postfix=_yes),
)
call_statements = _build(ast.CallStatement, call=calls)
declarations = _build(ast.Declaration, variable=variables)
patterns = expressions | _build(ast.Binding, type=identifiers, name=identifiers)
simple_statements = st.one_of(
    assignments,
    call_statements,
    declarations,
    _build(ast.Return, value=st.none() | expressions),
    _build(ast.Break),
    _build(ast.Continue),
    _build(ast.Receive, patterns=_tuples(patterns)),
    _build(ast.Await, condition=expressions),
    _build(ast.Assert, condition=expressions, text=st.none() | strings),
    _build(ast.Assume, condition=expressions),
    _build(ast.ReachableMark, name=identifiers),
)


def _blocks(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return _build(ast.Block, statements=_tuples(inner))


@st.composite
def _switches(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> ast.Switch:
    bodies = draw(st.lists(_tuples(inner, 1, 2), max_size=3))
    cases = []
    for body in bodies:
        default = draw(st.booleans())
        labels = draw(_tuples(expressions, 0 if default else 1, 2))
        cases.append(ast.Case(labels, default, body, PLACE))
    return ast.Switch(draw(expressions), tuple(cases), PLACE)


def _nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    blocks = _blocks(inner)
    moves = st.none() | assignments | call_statements
    return st.one_of(
        blocks,
        _build(ast.If, condition=expressions, then=inner, otherwise=st.none()),
        _build(ast.If, condition=expressions, then=blocks | simple_statements, otherwise=inner),
        _build(ast.While, condition=expressions, body=inner),
        _build(
            ast.For, initial=moves | declarations, condition=st.none() | expressions, step=moves, body=inner
        ),
        _build(ast.ForEach, type=types, name=identifiers, list=expressions, body=inner),
        _build(ast.Upto, count=plain_names | numbers.filter(lambda n: n.text[0] != "'"), body=inner),
        _build(ast.Either, blocks=_tuples(blocks, 1)),
        _build(ast.AnyOrder, body=blocks),
        _build(ast.Atomic, body=blocks),
        _build(ast.Spawn, name=identifiers, body=blocks),
        _switches(inner),
    )


statements = st.recursive(simple_statements, _nested, max_leaves=4)
bodies = _blocks(statements)
parameter = _build(ast.Parameter, type=types, name=identifiers)
parameters = _tuples(parameter)
settings = _build(ast.Setting, name=identifiers, values=_values(expressions))
allowances = _build(ast.Allow, rule=identifiers, reason=strings)
functions = _build(ast.Function, result=types, name=identifiers, parameters=parameters, body=bodies)
structs = _build(
    ast.Struct,
    name=identifiers,
    fields=_tuples(
        _variables(fields_names.map(_identifier))
        | _build(ast.FunctionField, result=types, name=identifiers, parameters=parameters)
    ),
)
declared = st.one_of(
    _build(ast.Const, type=types, name=identifiers, value=expressions),
    _build(ast.Enum, name=identifiers, members=_tuples(identifiers, 1)),
    structs,
    variables,
    functions,
    settings,
)
events = st.one_of(
    _build(
        ast.Event,
        kind=st.sampled_from(["call", "return"]),
        name=identifiers,
        arguments=_tuples(identifiers),
        result=st.none() | identifiers,
        subject=st.none() | identifiers,
    ),
    _build(
        ast.Event,
        kind=st.sampled_from(
            ["alloc", "free", "read", "write", "lock", "unlock", "state", "lost", "fault", "submit", "settle"]
        ),
        name=identifiers,
        arguments=st.just(()),
        result=st.none(),
        subject=st.none() | identifiers,
    ),
    _build(
        ast.Event,
        kind=st.sampled_from(["race", "hang", "quiescence"]),
        name=st.none(),
        arguments=st.just(()),
        result=st.none(),
        subject=st.none(),
    ),
)
rules = _build(
    ast.Rule,
    id=identifiers,
    slug=st.none() | identifiers,
    quantifiers=st.just(()) | _quantifiers(plain_names),
    text=strings,
    items=_tuples(
        st.one_of(
            _build(ast.Needs, names=_tuples(identifiers, 1)),
            _build(ast.Trigger, events=_tuples(events, 1)),
            _build(ast.Acyclic, name=identifiers),
            _build(
                ast.CanReach,
                target=expressions,
                when=st.none() | expressions,
                without=st.none() | st.just(_identifier("process")) | identifiers,
            ),
            _build(ast.Under, setting=settings, fault=st.none(), rules=_tuples(identifiers, 1)),
            _build(
                ast.Under,
                setting=st.none(),
                fault=_build(ast.Fault, names=_tuples(identifiers, 1), count=st.none() | plain_names),
                rules=_tuples(identifiers, 1),
            ),
            variables,
            _build(ast.Handler, events=_tuples(events, 1), body=bodies),
        )
    ),
)
actors = st.one_of(
    _build(
        ast.Actor,
        kind=st.sampled_from(["process", "thread"]),
        name=identifiers,
        count=st.none() | expressions,
        number=st.none() | parameter,
        body=bodies,
    ),
    _build(
        ast.Actor,
        kind=st.just("peer"),
        name=st.just(_identifier("peer")),
        count=st.none(),
        number=st.none(),
        body=bodies,
    ),
)
scenarios = _build(
    ast.Scenario,
    name=identifiers,
    items=_tuples(
        st.one_of(
            settings,
            variables,
            actors,
            allowances,
            _build(ast.Fault, names=_tuples(identifiers, 1), count=st.none() | plain_names),
            _build(ast.QuiescentWhen, condition=expressions),
        )
    ),
)
expectations = _build(
    ast.Expect,
    scenario=st.none() | identifiers,
    lines=_tuples(
        st.one_of(
            _build(
                ast.ExpectLine,
                properties=_tuples(identifiers, 1),
                verdict=st.sampled_from(["violated", "vacuous", "bounded", "inconclusive"]),
                function=st.none() | identifiers,
                runtimes=_values(expressions, 0),
                condition=st.none() | expressions,
            ),
            _build(ast.ExpectAll, verdict=st.sampled_from(["hold", "proved"])),
            _build(ast.ExpectRest),
        )
    ),
)
axes = st.one_of(
    _build(ast.Axis, name=identifiers, type=identifiers, range=st.none(), members=st.just(())),
    _build(
        ast.Axis, name=identifiers, type=st.none(), range=_ranges(plain_names | numbers), members=st.just(())
    ),
    _build(ast.Axis, name=identifiers, type=st.none(), range=st.none(), members=_tuples(identifiers, 1)),
)
items = st.one_of(
    declared,
    axes,
    allowances,
    rules,
    scenarios,
    expectations,
    _build(ast.Import, path=strings),
    _build(ast.Driver, name=identifiers, items=_tuples(declared)),
    _build(ast.Runtime, name=identifiers, base=plain_names | numbers, settings=_tuples(settings)),
    _build(ast.Invariant, name=identifiers, condition=expressions),
    _build(ast.Reachable, name=identifiers, condition=expressions),
)
files = _build(ast.File, path=st.just("random.dmc"), items=_tuples(items))
