"""Which releases are searched, where a verdict turns, and what turns it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from dmc import pipeline
from dmc.base.exceptions import UsageError
from dmc.pipeline.eras import eras
from dmc.pipeline.loading import load
from dmc.pipeline.request import Request
from dmc.reporters.json import render, schema
from dmc.reporters.text_bisect import render_bisection
from dmc.results.bisection import turning_points
from dmc.results.report import Report
from dmc.runtime.presets import select
from dmc.runtime.profile import Refusal, builds_of, resolve
from dmc.runtime.proposals import READ_POINTS
from dmc.runtime.release import known_names, parse_name

ROOT = Path(__file__).parents[3]
LOST = str(ROOT / "tests/data/matrix/lost_job_data.dmc")
SEEDS = ROOT / "models/seeds/2008-stop-and-async"


def bisect(path: str, identifier: str, **changes: object) -> Report:
    request = replace(Request((path,), jobs=2), **changes)  # type: ignore[arg-type]
    return pipeline.bisect(request, identifier)[0]


def turns(report: Report) -> set[tuple[str, str, bool, frozenset[str]]]:
    """Build, release, whether it is violated from there, and the points of all causes."""
    assert report.bisection is not None
    return {
        (line.build, after.first, bool(after.violated), frozenset(points(flip)))
        for line, _, after, flip in turning_points(report, report.bisection)
    }


def points(flip: object) -> list[str]:
    causes = getattr(flip, "causes", ())
    return [change.point for cause in causes if cause.forward and cause.back for change in cause.changes]


def test_nothing_changes_within_an_era_and_something_does_between_two() -> None:
    model = load(LOST).model
    assert model is not None
    found = eras(model)
    singles = {end for text in known_names() if (n := parse_name(text)) for end in (n.first, n.last)}
    for era in found:
        for one in (r for r in singles if era.first <= r <= era.last and era.build in builds_of(r)):
            first, other = resolve(era.first, era.build), resolve(one, era.build)
            assert not isinstance(first, Refusal)
            assert not isinstance(other, Refusal)
            assert all(first.value(p) is other.value(p) for p in READ_POINTS), (era, one)
    assert {str(e.first) for e in found} >= {"R11B-3", "R13A", "R14B03", "R15A"}
    assert len({(e.build, e.first) for e in found}) == len(found)


def test_the_release_that_brings_a_leak_and_the_one_that_ends_it() -> None:
    report = bisect(LOST, "MEM003", axes={"freed": "by_runtime"}, async_threads="1", schedulers="1")

    assert report.exit == 0
    assert turns(report) == {
        ("non-SMP", "R11B-3", True, frozenset({"dead_port_completion"})),
        ("non-SMP", "R13A", False, frozenset({"dead_port_completion"})),
        ("SMP", "R11B-3", True, frozenset({"dead_port_completion", "dead_port_async_free_lock"})),
        ("SMP", "R13A", False, frozenset({"dead_port_completion"})),
    }
    document = json.loads(render(report))
    Draft202012Validator(schema()).validate(document)
    smp = next(line for line in document["bisection"]["lines"] if line["build"] == "SMP")
    assert (smp["first_bad"], smp["first_good"]) == ("R11B-3", "R13A")
    assert [s["last"] for s in smp["stretches"]] == ["R11B-2", "R12B-6", "25.3"]
    text = render_bisection(report, {}, 80, False)
    assert "first bad release: R11B-3" in text
    assert "OTP-7784" in text
    assert max(map(len, text.replace(str(LOST), "m.dmc").splitlines())) <= 80


def test_a_verdict_that_never_turns_is_an_answer_and_a_range_is_kept_to() -> None:
    report = bisect(LOST, "leak", axes={"freed": "by_nobody"}, runtimes="r13smp..otp21")

    assert report.bisection is not None
    (line,) = report.bisection.lines
    assert (line.first_bad, line.first_good, line.turns) == ("R13B04", "", ())
    assert (line.stretches[0].first, line.stretches[-1].last) == ("R13B04", "21.3")
    assert "its verdict turns on no release" in render_bisection(report, {}, 80, False)


def test_what_is_never_put_to_the_test_is_exit_4_and_a_family_is_refused() -> None:
    assert bisect(LOST, "BIN001", runtimes="otp21..otp23").exit == 4
    with pytest.raises(UsageError, match="one property"):
        bisect(LOST, "MEM")
    with pytest.raises(UsageError, match="no property is called"):
        bisect(LOST, "MEM999")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "identifier", "release", "point"),
    [
        ("async_free_leak", "MEM003", "R13A", "dead_port_completion"),
        ("barrier", "HNG001", "R15A", "worker_takes_port_lock"),
        ("cancel", "HNG001", "R14B03", "cancel"),
    ],
)
def test_the_designs_of_2008(model: str, identifier: str, release: str, point: str) -> None:
    """The first good release of each, and the change of the runtime behind it."""
    report = bisect(str(SEEDS / f"{model}.dmc"), identifier)

    good = {
        (at, point in why) for build, at, violated, why in turns(report) if not violated and build == "SMP"
    }
    assert good == {(release, True)}


def test_a_selection_of_one_release_has_one_era() -> None:
    model = load(LOST).model
    assert model is not None
    within = select("R13B03/smp")
    assert not isinstance(within, Refusal)

    assert [era.name for era in eras(model, within)] == ["R13B03/smp"]
