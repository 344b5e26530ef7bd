"""What is proved for all values, as text: the properties, the certificate, and what is left open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dmc.reporters.run_groups import name_run
from dmc.reporters.terminal import Paint, wrap
from dmc.results.proof import ForAllValues
from dmc.results.report import Run

_INDENT = "    "


def render_proofs(runs: Sequence[Run], width: int, paint: Paint) -> Iterator[str]:
    """A section for each run that a proof was looked for."""
    for run in runs:
        if run.proof is None:
            continue
        name = f" ({name_run(run, runs)})" if len(runs) > 1 else ""
        yield ""
        yield from wrap(f"for all values{name}", width, "  ")
        yield from _section(run.proof, width, paint)


def _section(proof: ForAllValues, width: int, paint: Paint) -> Iterator[str]:
    if proof.proved:
        first, *others = wrap(
            f"proved for all values: {', '.join(proof.proved)}", width, _INDENT, _INDENT * 2
        )
        yield first.replace("proved for all values", paint.good("proved for all values"), 1)
        yield from others
        text = f"by an invariant of {proof.controls} control states:"
        yield from wrap(text, width, _INDENT, _INDENT * 2)
        for line in proof.invariant:
            yield from wrap(line, width, _INDENT * 2, _INDENT * 3)
        questions = (
            f"{proof.initiation} of initiation, {proof.consecution} of consecution, {proof.safety} of safety"
        )
        yield from wrap(f"confirmed by another solver: {questions}", width, _INDENT, _INDENT * 2)
    reasons: dict[str, list[str]] = {}
    for claim, why in proof.open:
        reasons.setdefault(why, []).append(claim)
    for why, claims in reasons.items():
        yield from wrap(f"open: {', '.join(claims)}: {why}", width, _INDENT, _INDENT * 2)
