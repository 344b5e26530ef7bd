"""What a process does to links and to the owner of a port."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dmc.ir.builder import conj, ne, neg
from dmc.ir.expr import Const, Expr, Place, Read
from dmc.ir.program import Choice, Node, Op
from dmc.ir.sort import Range
from dmc.ir.statement import Assign, If, Stmt
from dmc.lower.calls.arguments import values_of
from dmc.lower.code import After
from dmc.lower.scope import Scope, leave
from dmc.lower.words import words
from dmc.model import model
from dmc.runtime import links, lock_regime, port_lifecycle

if TYPE_CHECKING:
    from dmc.lower.processes import ProcessCode


def lowered(code: ProcessCode, expr: model.ProcessCall, scope: Scope, after: After) -> Node:
    """`link(p)`, `unlink(p)`, `port_connect(p, pid)`: `false` where there is no such port any more."""
    temp, inner = scope.temp(Range(0, 1))

    def with_values(values: tuple[Expr, ...], s: Scope) -> Node:
        following = leave(s, inner, after(Read(temp), inner))
        return _call(code, expr, values, temp, s, following)

    return values_of(code, expr.arguments, inner, with_values)


def _call(
    code: ProcessCode,
    expr: model.ProcessCall,
    values: tuple[Expr, ...],
    temp: Place,
    scope: Scope,
    following: Node,
) -> Node:
    world, port, site = code.world, values[0], scope.site(expr.span)
    me = Const(code.instance.number)
    is_there = conj([ne(port, 0), port_lifecycle.is_open(port)])
    true, false = _gives(temp, 1), _gives(temp, 0)
    if expr.function == "unlink":
        removed = If(ne(port, 0), links.unlink(world, port, me))
        return Op(words(expr), site, (removed, true), following)
    if expr.function == "link":
        done = Op(words(expr), site, (*links.link(world, port, me), true), following, guard=is_there)
    else:
        done = Op(
            words(expr),
            site,
            (*links.connect(world, port, values[1]), true),
            following,
            guard=conj([is_there, lock_regime.is_free(world, port)]),
            blocking=True,
            waits=lock_regime.lock_name(world),
        )
    gone = Op(words(expr), site, (false,), following, guard=neg(is_there))
    return Choice([done, gone], site, name=f"{expr.function} of {code.instance.name}")


def _gives(place: Place, value: int) -> Stmt:
    return Assign(place, Const(value))
