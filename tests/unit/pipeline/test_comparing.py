"""Two results: what became of each verdict."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dmc.base.exceptions import UsageError
from dmc.cli.main import main
from dmc.pipeline.comparing import compare_results
from dmc.results.comparison import Change


def prop(verdict: str, **changes: Any) -> dict[str, Any]:
    plain = {"id": "MEM001", "name": "use_after_free", "verdict": verdict, "functions": [], "expected": None}
    return {**plain, "as_expected": verdict != "violated", "message": "m", "trace": None, **changes}


def write(path: Path, *props: dict[str, Any], runtime: str = "otp23") -> str:
    run = {
        "model": "a.dmc",
        "scenario": "s",
        "runtime": runtime,
        "locking": "port",
        "async_threads": 1,
        "schedulers": 1,
        "axes": {},
        "properties": list(props),
    }
    path.write_text(json.dumps({"schema": "dmc.result/1", "runs": [run]}), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        (prop("proved"), prop("proved"), None),
        (prop("proved"), prop("violated"), Change.BROKEN),
        (prop("vacuous"), prop("violated"), Change.BROKEN),
        (prop("violated"), prop("bounded"), Change.FIXED),
        (prop("proved"), prop("bounded"), Change.WEAKER),
        (prop("proved"), prop("vacuous"), Change.WEAKER),
        (prop("inconclusive"), prop("proved"), Change.STRONGER),
        (prop("violated", functions=["f"]), prop("violated", functions=["g"]), Change.ELSEWHERE),
        (prop("proved"), prop("proved", expected="violated", as_expected=False), Change.EXPECTATION),
    ],
)
def test_what_became_of_a_verdict(
    tmp_path: Path, old: dict[str, Any], new: dict[str, Any], change: Change | None
) -> None:
    found = compare_results(write(tmp_path / "old.json", old), write(tmp_path / "new.json", new))

    assert [d.change for d in found.differences] == ([change] if change else [])
    assert found.exit == (1 if change else 0)


def test_what_is_new_changes_nothing_and_what_is_lost_does(tmp_path: Path) -> None:
    one = write(tmp_path / "one.json", prop("proved"))
    two = write(tmp_path / "two.json", prop("proved"), prop("proved", id="MEM002"))

    assert compare_results(one, two).exit == 0
    lost = compare_results(two, one)
    assert ([d.change for d in lost.differences], lost.exit) == ([Change.REMOVED], 1)


def test_no_run_in_common_is_no_comparison(tmp_path: Path) -> None:
    old = write(tmp_path / "old.json", prop("proved"))
    new = write(tmp_path / "new.json", prop("proved"), runtime="r15")
    found = compare_results(old, new)

    assert (found.compared, len(found.only_old), len(found.only_new), found.exit) == (0, 1, 1, 1)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"schema": "other"}', '{"schema": "dmc.result/1"}'])
def test_what_is_no_result_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "bad.json").write_text(content, encoding="utf-8")
    good = write(tmp_path / "good.json", prop("proved"))

    with pytest.raises(UsageError, match="is no result of dmc"):
        compare_results(str(tmp_path / "bad.json"), good)


def test_the_command_says_how_to_see_a_new_violation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = write(tmp_path / "old.json", prop("proved"))
    new = write(tmp_path / "new.json", prop("violated", functions=["work"], message="In step 3 it is used."))

    assert main(["compare", old, new]) == 1
    text = capsys.readouterr().out
    assert "MEM001 use_after_free: proved -> violated in work, not as expected" in text
    assert f"dmc replay {new} --property MEM001 --run 1" in text
    assert main(["compare", old, new, "--format", "json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert [d["change"] for d in document["differences"]] == ["broken"]
    assert main(["compare", old]) == 2
