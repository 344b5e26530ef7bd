"""The whole way from files to a report. The only package that knows every stage."""

from __future__ import annotations

from dmc.pipeline.bisecting import bisect
from dmc.pipeline.checking import check, test
from dmc.pipeline.claims import claims
from dmc.pipeline.comparing import compare_results
from dmc.pipeline.coverage import coverage
from dmc.pipeline.diffing import diff
from dmc.pipeline.golden import check_golden, golden_document, golden_path, write_golden
from dmc.pipeline.inspecting import applicable_rules, dump, explain, rules
from dmc.pipeline.matrix import matrix
from dmc.pipeline.planning import Plan, PlannedRun, plan
from dmc.pipeline.replaying import replay, simulate
from dmc.pipeline.request import Progress, Request, RuleInfo
from dmc.pipeline.why import why
from dmc.pipeline.why_not import why_not

__all__ = [
    "Plan",
    "PlannedRun",
    "Progress",
    "Request",
    "RuleInfo",
    "applicable_rules",
    "bisect",
    "check",
    "check_golden",
    "claims",
    "compare_results",
    "coverage",
    "diff",
    "dump",
    "explain",
    "golden_document",
    "golden_path",
    "matrix",
    "plan",
    "replay",
    "rules",
    "simulate",
    "test",
    "why",
    "why_not",
    "write_golden",
]
