"""A model as a file of tests: one for each property in each run, and one for what only all runs can say.

The first test of a run searches it, the others read what it found; with pytest-xdist each worker searches
what it is given, so `--dist loadfile` (or `loadgroup`) keeps the tests of a file together.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dmc import pipeline
from dmc.pipeline import Plan, PlannedRun, Request
from dmc.reporters.cases import Case, Status, case_of, case_text
from dmc.results.exit_code import vacuous_everywhere
from dmc.results.report import Report, Run

ALONE = "nothing else"
NEVER_TESTED = "put to the test"


class Violated(Exception):
    """A property is not as expected; the text is all there is to say of it."""


class ModelFile(pytest.File):
    """A `.dmc` file. Collecting it reads it, and searches nothing."""

    plan: Plan
    found: dict[int, Run]

    def collect(self) -> Iterator[pytest.Item]:
        """Nothing for a file without expectations; one test that fails for a file with errors."""
        self.found = {}
        self.plan = pipeline.plan(Request((self._shown_path(),)))
        if self.plan.has_errors:
            yield Errors.from_parent(self, name="model")
            return
        if not self.plan.expectations:
            return
        for number, run in enumerate(self.plan.runs):
            title = self._title(run)
            for identifier in run.properties:
                yield Property.from_parent(
                    self, name=f"{identifier}[{title}]", number=number, identifier=identifier
                )
            yield Others.from_parent(self, name=f"{ALONE}[{title}]", number=number)
        yield Vacuity.from_parent(self, name=NEVER_TESTED)

    def run(self, number: int) -> Run:
        """The run, searched once in this process."""
        if number not in self.found:
            self.found[number] = self.plan.runs[number].search(Request((self._shown_path(),)))
        return self.found[number]

    def _shown_path(self) -> str:
        """As a person would write it, so that a report has no more than that."""
        here = Path.cwd()
        return str(self.path.relative_to(here)) if self.path.is_relative_to(here) else str(self.path)

    def _title(self, run: PlannedRun) -> str:
        """The values in which runs of a file can differ; all of them always, for stable names."""
        own = run.coordinates
        plain = [own.pop(name) for name in ("scenario", "runtime", "locking")]
        counts = [f"{own.pop('async_threads')}+{own.pop('schedulers')}"]
        return "-".join([*plain, *counts, *(f"{name}={value}" for name, value in own.items())])


class _Item(pytest.Item):
    """What all tests of a model have in common."""

    parent: ModelFile

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.add_marker("dmc")
        if self.config.pluginmanager.hasplugin("xdist"):  # who else would not know the marker
            self.add_marker(pytest.mark.xdist_group(name=str(self.path)))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The text of a finding by itself: where in Python it was raised is nobody's business."""
        if isinstance(excinfo.value, Violated):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]:
        """The file, the line of its first expectation, the name of the test."""
        places = self.parent.plan.expectations
        own = [place.line for place in places if Path(place.path).resolve() == self.path.resolve()]
        return self.path, (own[0] - 1 if own else None), self.name

    def settle(self, case: Case) -> None:
        """What the case comes to, as pytest has it."""
        match case.status:
            case Status.FAILED | Status.UNDECIDED:
                raise Violated(case_text(case, self.parent.plan.sources))
            case Status.SKIPPED:
                pytest.skip(case.reason)
            case Status.PASSED:
                pass

    def note(self, run: Run) -> None:
        """What was searched, for JUnit and other reports."""
        facts = {"instance": run.instance, "engine": run.engine, "states": run.states}
        facts |= {"complete": run.complete, "cut_by": ", ".join(name for name, _ in run.cut_by)}
        self.user_properties += [(name, str(value)) for name, value in facts.items()]


class Property(_Item):
    """One property in one run."""

    def __init__(self, number: int, identifier: str, **given: Any) -> None:
        super().__init__(**given)
        self.number = number
        self.identifier = identifier

    def runtest(self) -> None:
        """As the model expects it, or not."""
        run = self.parent.run(self.number)
        self.note(run)
        result = next((r for r in run.properties if r.id == self.identifier), None)
        if result is None:
            pytest.skip("the search has no verdict on it")
        self.user_properties.append(("verdict", result.verdict.value))
        self.settle(case_of(run, result))


class Others(_Item):
    """What is found in a run beside the properties that have a test of their own."""

    def __init__(self, number: int, **given: Any) -> None:
        super().__init__(**given)
        self.number = number

    def runtest(self) -> None:
        """Rules that do not apply are violated all the same, or the run cannot be searched."""
        run = self.parent.run(self.number)
        self.note(run)
        if run.not_applicable:
            pytest.skip(run.not_applicable)
        named = set(self.parent.plan.runs[self.number].properties)
        for result in run.properties:
            case = case_of(run, result)
            if result.id not in named and case.failing:
                self.settle(case)


class Vacuity(_Item):
    """What no run of the file has put to the test."""

    def runtest(self) -> None:
        """As exit code 4 of `dmc test`."""
        runs = [self.parent.run(number) for number in range(len(self.parent.plan.runs))]
        searched = [run for run in runs if not run.not_applicable]
        if not searched:
            pytest.skip("the model can run on none of its runtimes")
        names = sorted(identifier for _, identifier in vacuous_everywhere(searched))
        if names:
            raise Violated(f"vacuous in all runs of the file, so nothing was verified: {', '.join(names)}")


class Errors(_Item):
    """A model that cannot be run."""

    def runtest(self) -> None:
        """Its diagnostics, as every command shows them."""
        from dmc.reporters.terminal import Paint
        from dmc.reporters.text_diagnostic import render_diagnostics

        plan = self.parent.plan
        report = Report((), plan.diagnostics, 2)
        lines = render_diagnostics(report.diagnostics, plan.sources, 100, Paint(False))
        raise Violated("\n".join(lines))
