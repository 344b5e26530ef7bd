"""The text of a model."""

from __future__ import annotations

import examples
import pytest
from resolving import model_of

from dmc.model.printer import print_model

HANDOVER = """\
model bdb.dmc
  file atomic holder: int = 0
  scenario handover
    thread contender[2]
      atomic
        await (holder == 0)
        holder = 1
      reachable inside
      assert (holder == 1)
      holder = 0
  reachable inside: marked
"""


def test_a_small_model():
    assert print_model(model_of(examples.HANDOVER)) == HANDOVER


@pytest.mark.parametrize("name", examples.ALL)
def test_the_same_text_gives_the_same_print(name: str):
    first, second = (print_model(model_of(examples.ALL[name], imports=examples.IMPORTS)) for _ in range(2))
    assert first == second


def test_parts():
    text = print_model(model_of(examples.BARRIER))
    assert "  axis barrier: barrier { key_null, key_same, one_per_thread }\n" in text
    assert "      driver_async(d->port, ((barrier == key_same) ? &key : NULL), run, t, driver_free)\n" in text
    assert "    MEM001 violated in run when ((barrier == key_null) && (async_threads > 1))\n" in text
    counted = print_model(model_of(examples.COUNTED, imports=examples.IMPORTS))
    assert "    process rival spawned by owner with p\n      exit(p, choose(normal, kill))\n" in counted
