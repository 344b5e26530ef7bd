"""`--prove`: what holds of a run for all values, as a claim beside the verdicts of its search."""

from __future__ import annotations

from dmc.base.exceptions import InternalError
from dmc.engines.interface import REDUCTIONS
from dmc.ir.data import has_data
from dmc.lower.lowering import Lowered
from dmc.pipeline.request import Request
from dmc.results.proof import ForAllValues
from dmc.results.report import PropertyResult
from dmc.results.verdict import Verdict

ASKED = frozenset({Verdict.PROVED, Verdict.BOUNDED, Verdict.INCONCLUSIVE})
"""Of what is violated there is nothing to prove, and what was never tested is not worth a proof."""


def prove(lowered: Lowered, results: tuple[PropertyResult, ...], request: Request) -> ForAllValues:
    """Look for an invariant. One that contradicts a violation found is a fault of the tool."""
    asked = [result for result in results if result.verdict in ASKED]
    if not has_data(lowered.system):
        why = "the model chooses from no large range: its search is of all values already"
        return ForAllValues(open=tuple((result.id, why) for result in asked))
    from dmc.engines.symbolic.proving import prove as by_invariant

    reductions = REDUCTIONS if request.reductions is None else frozenset(request.reductions)
    found = by_invariant(lowered.system, reductions, request.prove_seconds)
    for result in results:
        if result.verdict is Verdict.VIOLATED and result.id in found.proved:
            raise InternalError("prove", f"{result.id} is violated, and was proved for all values")
    reasons = dict(found.open)
    other = "it is judged in another environment"
    return ForAllValues(
        proved=tuple(result.id for result in asked if result.id in found.proved),
        open=tuple((r.id, reasons.get(r.id, other)) for r in asked if r.id not in found.proved),
        invariant=found.invariant,
        controls=found.controls,
        initiation=found.checked[0],
        consecution=found.checked[1],
        safety=found.checked[2],
        seconds=round(found.seconds, 3),
    )
