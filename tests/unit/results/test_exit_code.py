"""The exit codes of the contract, one row for each rule."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.sample_reports import at, prop, run

from dmc.base.diagnostic import Diagnostic, Severity
from dmc.results.exit_code import exit_code, reasons, worst
from dmc.results.report import PropertyResult, Run
from dmc.results.verdict import Verdict

PROVED = prop("ASY001", "one_completion")
BOUNDED = prop("ASY001", "one_completion", Verdict.BOUNDED)
VACUOUS = prop("LCK004", "lock_order", Verdict.VACUOUS)
UNUSED = prop("BIN001", "released", Verdict.NOT_APPLICABLE)
OPEN = prop("MEM001", "use_after_free", Verdict.INCONCLUSIVE)
SURPRISE = prop("MEM001", "use_after_free", Verdict.VIOLATED, as_expected=False)
FORGOTTEN = prop("MEM001", "use_after_free", Verdict.VIOLATED)
KNOWN = prop("MEM001", "use_after_free", Verdict.VIOLATED, expected="violated in run")
ELSEWHERE = replace(KNOWN, as_expected=False, functions=("stop",))
MISSING = prop("MEM001", "use_after_free", expected="violated", as_expected=False)
LOOSE = prop("MEM001", "use_after_free", Verdict.VIOLATED, expected="any")

FULL = {"cut_by": (("ops[2] was full", 3),)}
FAULT = {"cut_by": (("fault:use_after_free", 3),), "faults": (("use_after_free", ("MEM001",)),)}
OTHER_FAULT = {"cut_by": (("fault:double_free", 3),), "faults": (("double_free", ("MEM002",)),)}
STOPPED = {"complete": False, "stopped_by": "seconds"}
CELL = run(not_applicable="no `erl_drv_cond_wait`")


@pytest.mark.parametrize(
    ("runs", "plain", "strict"),
    [
        pytest.param([run(PROVED)], 0, 0, id="proved"),
        pytest.param([run(BOUNDED, **FULL)], 0, 3, id="bounded"),
        pytest.param([run(PROVED, UNUSED)], 0, 0, id="something is not applicable"),
        pytest.param([run(KNOWN)], 0, 0, id="violated as expected"),
        pytest.param([run(LOOSE)], 0, 0, id="anything was expected"),
        pytest.param([run(KNOWN, BOUNDED, **FAULT)], 0, 0, id="an expected fault is no cut"),
        pytest.param([run(KNOWN, BOUNDED, **OTHER_FAULT)], 0, 3, id="another fault is a cut"),
        pytest.param([run(BOUNDED, **FAULT)], 0, 3, id="a fault that nobody expected is a cut"),
        pytest.param([run(SURPRISE)], 1, 1, id="violated, nothing expected"),
        pytest.param([run(FORGOTTEN)], 1, 1, id="violated, nothing expected, record says fine"),
        pytest.param([run(ELSEWHERE)], 1, 1, id="violated in another function"),
        pytest.param([run(MISSING)], 1, 1, id="expected violation missing"),
        pytest.param(
            [run(replace(BOUNDED, expected="violated", as_expected=False), **FULL)],
            1,
            1,
            id="missing though cut",
        ),
        pytest.param([run(OPEN, **STOPPED)], 3, 3, id="stopped"),
        pytest.param(
            [run(replace(OPEN, expected="violated", as_expected=False), **STOPPED)], 3, 3, id="not yet"
        ),
        pytest.param(
            [run(replace(OPEN, expected="inconclusive"), PROVED, **STOPPED)], 0, 0, id="as inconclusive"
        ),
        pytest.param([run(**STOPPED)], 3, 3, id="stopped without a word"),
        pytest.param([run(PROVED, VACUOUS)], 4, 3, id="vacuous in the only run"),
        pytest.param(
            [run(PROVED, VACUOUS), run(replace(VACUOUS, verdict=Verdict.PROVED))], 0, 3, id="once vacuous"
        ),
        pytest.param(
            [run(PROVED, VACUOUS), run(replace(VACUOUS, verdict=Verdict.PROVED), model="other.dmc")],
            4,
            3,
            id="vacuous in all runs of one of two files",
        ),
        pytest.param(
            [run(PROVED, VACUOUS), run(PROVED, replace(UNUSED, id="LCK004"))], 4, 3, id="vacuous or unused"
        ),
        pytest.param([run(PROVED, replace(VACUOUS, expected="vacuous"))], 0, 0, id="vacuous as expected"),
        pytest.param([run(replace(VACUOUS, expected="vacuous"))], 0, 0, id="only vacuous, as expected"),
        pytest.param(
            [run(PROVED, replace(VACUOUS, expected="holds", as_expected=False))], 4, 3, id="not holding"
        ),
        pytest.param(
            [run(replace(VACUOUS, expected="violated", as_expected=False), PROVED)], 1, 1, id="never came"
        ),
        pytest.param([], 4, 4, id="no run"),
        pytest.param([run()], 4, 4, id="no property"),
        pytest.param([run(UNUSED)], 4, 4, id="nothing applies"),
        pytest.param([CELL], 2, 2, id="every cell lacks a function"),
        pytest.param([CELL, run(PROVED)], 0, 0, id="one cell lacks a function"),
        pytest.param([run(SURPRISE), run(OPEN, **STOPPED), run(VACUOUS)], 1, 1, id="1 before 3 before 4"),
        pytest.param([run(OPEN, **STOPPED), run(VACUOUS)], 3, 3, id="3 before 4"),
    ],
)
def test_a_table_of_runs_has_its_code(runs: list[Run], plain: int, strict: int) -> None:
    """Each rule of the contract, with and without `--strict`."""
    assert (plain, strict) == (exit_code(runs, (), strict=False), exit_code(runs, (), strict=True))


@pytest.mark.parametrize("result", [PROVED, SURPRISE, OPEN, VACUOUS])
def test_an_error_in_the_input_beats_every_verdict(result: PropertyResult) -> None:
    """2 > 1 > 3 > 4 > 0."""
    error = Diagnostic("E203", "nothing calls it", at(1))

    assert exit_code([run(result)], [error], strict=False) == 2


def test_a_warning_changes_no_code() -> None:
    """A cell that is not applicable comes with a warning."""
    warning = Diagnostic("E502", "it came later", at(1), severity=Severity.WARNING)

    assert exit_code([run(PROVED)], [warning], strict=True) == 0


@pytest.mark.parametrize(
    ("codes", "expected"),
    [([], 0), ([0, 4], 4), ([4, 3], 3), ([3, 1, 4], 1), ([1, 2], 2), ([2, 5, 1], 5)],
)
def test_the_worst_code_wins(codes: list[int], expected: int) -> None:
    """5 > 2 > 1 > 3 > 4 > 0."""
    assert expected == worst(codes)


def test_reasons_say_what_was_expected() -> None:
    """A reader of the last lines need not look for the verdict."""
    texts = [reason.text for reason in reasons([run(ELSEWHERE), run(SURPRISE)], (), strict=False)]

    assert texts == ["MEM001 is violated in stop, expected was: violated in run", "MEM001 is violated"]
