"""Stands in for `dmc.pipeline`: remembers what it was asked, and answers with a report made by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from support import sample_reports

from dmc.base.source import SourceFile
from dmc.pipeline.request import Request
from dmc.results.report import Report

Progress = Callable[[str, int, int, int, int], None] | None
Answer = tuple[Report, dict[str, SourceFile]]


@dataclass(frozen=True)
class RuleInfo:
    id: str
    slug: str
    text: str
    needs: tuple[str, ...]
    page: str
    advisory: bool


RULES = (
    RuleInfo(
        "MEM001", "use_after_free", "nothing touches an object after it was freed", (), "# MEM001", False
    ),
    RuleInfo("ASY001", "one_completion", "a job completes once", ("driver_async",), "# ASY001", False),
    RuleInfo("BLK001", "short_callbacks", "callbacks return soon", (), "# BLK001", True),
)


class FakePipeline(ModuleType):
    """A module, as far as an import can tell."""

    Request = Request
    RuleInfo = RuleInfo

    def __init__(self) -> None:
        super().__init__("dmc.pipeline")
        self.report = sample_reports.single()
        self.sources = dict(sample_reports.SOURCES)
        self.error: BaseException | None = None
        self.requests: list[Request] = []
        self.asked: list[tuple[object, ...]] = []

    @property
    def request(self) -> Request:
        """The only request."""
        (request,) = self.requests
        return request

    def check(self, request: Request, progress: Progress) -> Answer:
        return self._answer(request)

    def test(self, request: Request, progress: Progress) -> Answer:
        return self._answer(request)

    def matrix(self, request: Request, progress: Progress) -> Answer:
        return self._answer(request)

    def simulate(self, request: Request, seed: int, steps: int) -> Answer:
        self.asked.append((seed, steps))
        return self._answer(request)

    def replay(self, path: str, property_id: str | None, run: int | None) -> Answer:
        self.asked.append((path, property_id, run))
        return self.report, self.sources

    def golden_path(self, path: str) -> Path:
        return Path(path).with_suffix(".traces.json")

    def coverage(self, request: Request, progress: Progress) -> Answer:
        return self._answer(request)

    def dump(self, path: str, stage: str, request: Request) -> str:
        self.asked.append((path, stage))
        self._answer(request)
        return f"{stage} of {path}"

    def rules(self) -> tuple[RuleInfo, ...]:
        return RULES

    def applicable_rules(self, path: str) -> dict[str, str]:
        return {"ASY001": f"uses driver_async ({path}:3)"}

    def explain(self, name: str) -> str | None:
        return next((rule.page for rule in RULES if name in (rule.id, rule.slug)), None)

    def _answer(self, request: Request) -> Answer:
        self.requests.append(request)
        if self.error is not None:
            raise self.error
        return self.report, self.sources
