"""What terms compute is what numbers compute, at every point of the region that a way leads to."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest

from dmc.engines.symbolic.linear import Constraint, Linear, number, variable
from dmc.engines.symbolic.project import project
from dmc.engines.symbolic.region import Region, Way, ways
from dmc.engines.symbolic.solver import Solver
from dmc.engines.symbolic.subsume import Group
from dmc.engines.symbolic.term import Term, Undecided, linear
from dmc.ir.evaluate import quotient, remainder, shift_left, shift_right

LOW, HIGH = -6, 7
BOX = Region(((LOW, HIGH), (LOW, HIGH)), (), (0, 0))
X, Y = Term(variable(0)), Term(variable(1))

SOLVER = Solver()


def points(way: Way) -> list[tuple[int, ...]]:
    """All points of a way whose own variables are few."""
    ranges = [range(low, high + 1) for low, high in way.bounds]
    return [p for p in product(*ranges) if all(c.holds(p) for c in way.conditions)]


def check(compute: Callable[[int, int], int]) -> None:
    """On each way the term is the number, and the ways share out the points of the box."""
    seen: dict[tuple[int, int], int] = {}
    for result, way in ways(SOLVER, BOX, lambda: compute(X, Y)):  # type: ignore[arg-type]
        for point in points(way):
            one = (point[0], point[1])
            assert linear(result).at(point) == compute(*one), one
            seen[one] = linear(result).at(point)
    assert seen.keys() == set(product(range(LOW, HIGH + 1), repeat=2))


@pytest.mark.parametrize("divisor", [1, 2, 3, -3, 4])
@pytest.mark.parametrize("operation", [quotient, remainder])
def test_division(operation: Callable[[int, int], int], divisor: int) -> None:
    check(lambda x, y: operation(x + y, divisor))


@pytest.mark.parametrize("mask", [0, 1, 2, 3, 5, 6, -1, -2, -5])
def test_bits(mask: int) -> None:
    check(lambda x, y: x & mask)
    check(lambda x, y: x | mask)
    check(lambda x, y: x ^ mask)
    check(lambda x, y: mask & x)


@pytest.mark.parametrize("count", [0, 1, 2, 64, -1])
def test_shifts(count: int) -> None:
    check(lambda x, y: shift_left(x, count))
    check(lambda x, y: shift_right(x, count))


def test_a_shift_by_something_unknown_is_one_way_for_each() -> None:
    check(lambda x, y: shift_left(3, y))


def test_comparisons_and_their_truth_values() -> None:
    check(lambda x, y: 1 if x < y else 2 if x == y + 1 else 3)
    check(lambda x, y: (1 if x <= 2 and y > 1 else 0) + (1 if x != y or x >= 3 else 0))
    check(lambda x, y: 1 if (x < 0) == (y < 0) else 0)


def test_a_position_gets_to_be_known() -> None:
    table = [3, 1, 4, 1, 5, 9, 2, 6]
    check(lambda x, y: table[x & 7])


def test_bits_of_two_unknown_values_are_not_decided() -> None:
    with pytest.raises(Undecided):
        list(ways(SOLVER, BOX, lambda: X & Y))


def test_too_many_values_are_not_looked_at() -> None:
    wide = Region(((0, 10**6),), (), (0,))
    with pytest.raises(Undecided):
        list(ways(SOLVER, wide, lambda: range(10**7)[X]))  # type: ignore[call-overload]


# --- regions ------------------------------------------------------------------------------------------


REGIONS = [
    (),
    (Constraint("<=", Linear(((0, 1), (1, 1)), -3)),),
    (Constraint("==", Linear(((0, 1), (1, -2)), 0)),),
    (Constraint("!=", Linear(((0, 1), (1, -1)), 0)),),
    (Constraint("<=", Linear(((0, 2), (1, -3)), 1)), Constraint("<=", Linear(((0, -1), (1, 1)), -2))),
]
CELLS = [
    (Term(variable(0)),),
    (Term(variable(0)), Term(Linear(((0, 1), (1, 1)), 2))),
    (Term(Linear(((0, 3),), 1)), Term(variable(1))),
    (Term(Linear(((0, -1), (1, 2)), 0)),),
    (7, Term(Linear(((0, 2), (1, 2)), 0)), Term(variable(0))),
]


def values(cells: tuple[int | Term, ...], region: Region) -> set[tuple[int, ...]]:
    way = Way(region.bounds, region.conditions, region.point)
    return {tuple(linear(cell).at(p) for cell in cells) for p in points(way)}


@pytest.mark.parametrize("conditions", REGIONS)
@pytest.mark.parametrize("cells", CELLS)
def test_a_projection_has_the_same_values(
    cells: tuple[int | Term, ...], conditions: tuple[Constraint, ...]
) -> None:
    point = next(p for p in points(Way(BOX.bounds, conditions)))
    region = Region(BOX.bounds, conditions, point)
    projected, within = project(cells, region)
    assert values(projected, within) == values(cells, region)
    assert project(projected, within) == (projected, within) or values(*project(projected, within)) == values(
        cells, region
    )


@pytest.mark.parametrize("mine", REGIONS)
@pytest.mark.parametrize("other", REGIONS)
def test_a_state_within_others_is_within_them_and_no_other_is(
    mine: tuple[Constraint, ...], other: tuple[Constraint, ...]
) -> None:
    cells = (Term(variable(0)), Term(variable(1)))
    states = []
    for conditions in (mine, other):
        point = next(p for p in points(Way(BOX.bounds, conditions)))
        states.append(project(cells, Region(BOX.bounds, conditions, point)))
    group = Group(SOLVER, (0, 1))
    group.add(5, *states[1])
    assert group.covering(*states[0]) == ((5,) if values(*states[0]) <= values(*states[1]) else ())


def test_two_states_can_cover_a_third_together() -> None:
    group = Group(SOLVER, (0,))
    group.add(1, (Term(variable(0)),), Region(((0, 5),), (), (0,)))
    group.add(2, (Term(variable(0)),), Region(((6, 9),), (), (6,)))
    assert group.covering((Term(variable(0)),), Region(((3, 7),), (), (4,))) == (1, 2)
    assert group.covering((Term(variable(0)),), Region(((3, 10),), (), (4,))) == ()
    assert group.covering((9,), Region()) == (2,)
    assert group.covering((10,), Region()) == ()


def test_the_least_value() -> None:
    conditions = (Constraint("<=", Linear(((0, -3), (1, -1)), 11)),)
    point = SOLVER.model(BOX.bounds, conditions)
    assert point is not None
    least, at = SOLVER.least(Linear(((0, 1), (1, 1)), 0), BOX.bounds, conditions, point)
    assert least == min(sum(p) for p in points(Way(BOX.bounds, conditions)))
    assert sum(at) == least
    assert SOLVER.model(BOX.bounds, (Constraint("<=", number(1)), Constraint("<=", variable(0)))) is None
