"""Marking, resetting and renumbering of objects."""

from __future__ import annotations

import random

import pytest

from dmc.engines.reference.collect import collector
from dmc.ir.expr import TRUE
from dmc.ir.layout import Layout, lay_out
from dmc.ir.sort import DEAD, Range, Ref
from dmc.ir.system import (
    FieldDecl,
    Kind,
    ListVariable,
    Point,
    Pool,
    RegisterDecl,
    System,
    ThreadType,
    Variable,
)

NODE = Kind("node", (FieldDecl("next", Ref("nodes")), FieldDecl("value", Range(0, 9))))
WEAK = Kind("weak", (FieldDecl("to", Ref("others")),), owned=False)
OTHER = Kind("other", ())
LIVE_NODE, LIVE_WEAK, LIVE_OTHER = 2, 3, 2


def layout() -> Layout:
    return lay_out(
        System(
            variables=(Variable("g", Ref("nodes")),),
            lists=(ListVariable("l", Ref("nodes"), 2),),
            pools=(Pool("nodes", 4, (NODE, WEAK)), Pool("others", 2, (OTHER,))),
            threads=(ThreadType("t", 1, "p", (RegisterDecl("r", Ref("others")),), (Point("p"),), ()),),
            ends=TRUE,
        )
    )


def state(**cells: int) -> list[int]:
    ((_, plain),) = layout().initial_states()
    names = [
        name.replace("#", "").replace(".", "_").replace("[", "").replace("]", "")
        for name in layout().cell_names()
    ]
    for name, value in cells.items():
        plain[names.index(name)] = value
    return plain


def test_what_nothing_leads_to_is_reset_and_owned_objects_are_lost() -> None:
    s = state(nodes1_kind=LIVE_NODE, nodes2_kind=DEAD, nodes3_kind=LIVE_WEAK, others2_kind=LIVE_OTHER, t_r=2)
    assert collector(layout(), renumber=False)(s) == [("nodes", 1, "node")]
    assert s == state(others2_kind=LIVE_OTHER, t_r=2)


def test_tombstones_stay_while_they_are_referred_to_and_lead_nowhere() -> None:
    s = state(g=1, nodes1_kind=DEAD, nodes1_0=2, nodes2_kind=LIVE_NODE)
    assert collector(layout(), renumber=False)(s) == [("nodes", 2, "node")]
    assert s == state(g=1, nodes1_kind=DEAD, nodes1_0=2)


def test_objects_are_kept_through_lists_and_fields() -> None:
    s = state(
        l_length=1,
        l0=2,
        nodes2_kind=LIVE_NODE,
        nodes2_0=3,
        nodes3_kind=LIVE_WEAK,
        nodes3_0=1,
        others1_kind=LIVE_OTHER,
    )
    before = list(s)
    assert collector(layout(), renumber=False)(s) == []
    assert s == before


def test_renumbering_follows_the_walk_from_the_roots() -> None:
    s = state(
        l_length=1, l0=4, nodes4_kind=LIVE_NODE, nodes4_0=2, nodes4_1=7, nodes2_kind=LIVE_NODE, nodes2_0=4
    )
    collector(layout(), renumber=True)(s)
    assert s == state(
        l_length=1, l0=1, nodes1_kind=LIVE_NODE, nodes1_0=2, nodes1_1=7, nodes2_kind=LIVE_NODE, nodes2_0=1
    )


@pytest.mark.parametrize("seed", range(30))
def test_renamed_states_become_equal(seed: int) -> None:
    random_source = random.Random(seed)
    edges = [random_source.randrange(5) for _ in range(6)]
    values = [random_source.randrange(10) for _ in range(4)]

    def renamed(order: list[int]) -> list[int]:
        place = [0, *order]
        cells = {"g": place[edges[0]], "l_length": 1, "l0": place[edges[1]]}
        for k in range(4):
            cells[f"nodes{order[k]}_kind"] = LIVE_NODE
            cells[f"nodes{order[k]}_0"] = place[edges[2 + k]]
            cells[f"nodes{order[k]}_1"] = values[k]
        s = state(**cells)
        collector(layout(), renumber=True)(s)
        return s

    orders = [random_source.sample([1, 2, 3, 4], 4) for _ in range(4)]
    assert len({tuple(renamed(order)) for order in orders}) == 1
