"""The key `coverage` of a result."""

from __future__ import annotations

from typing import Any

from dmc.results.coverage import ModelCoverage


def coverage_document(found: ModelCoverage) -> dict[str, Any]:
    """One model."""
    return {
        "model": found.model,
        "runs": found.runs,
        "complete": found.complete,
        "cuts": list(found.cuts),
        "callbacks": list(found.callbacks),
        "calls": [{"callback": s.callback, "state": s.state, "runs": s.runs} for s in found.situations],
        "lines": [{"line": c.line, "executed": c.executed, "runs": c.runs} for c in found.lines],
        "never_executed": list(found.never),
        "reproduce": found.reproduce,
    }
