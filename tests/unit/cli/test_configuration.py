"""Defaults from a file: which file, which keys, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.fake_pipeline import FakePipeline

from dmc.cli.main import main

Capture = pytest.CaptureFixture[str]


def test_what_is_configured_is_a_default(pipeline: FakePipeline, model: str) -> None:
    """A command line wins; what another command has no option for is not its business."""
    Path("dmc.toml").write_text(
        'max-states = "2M"\njobs = 3\nstrict = true\n'
        '[check]\nruntime = ["r12smp", "otp23"]\nproperty = ["MEM001", "HNG001"]\naxis = ["fixed=true"]\n'
    )
    main(["check", model])
    main(["check", model, "--runtime", "r15", "--max-states", "7"])
    main(["test", model])
    main(["simulate", model])

    checked, given, tested, _ = pipeline.requests
    assert (checked.runtimes, checked.properties, checked.axes) == (
        "r12smp,otp23",
        ("MEM001", "HNG001"),
        {"fixed": "true"},
    )
    assert (checked.limits.states, checked.jobs, checked.strict) == (2_000_000, 3, True)
    assert (given.runtimes, given.limits.states) == ("r15", 7)
    assert (tested.runtimes, tested.limits.states) == (None, 2_000_000)


def test_the_nearest_file_wins_and_can_be_left_aside(
    pipeline: FakePipeline, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("pyproject.toml").write_text("[tool.dmc]\nmax-states = 1\n")
    below = Path("below")
    below.mkdir()
    (below / "pyproject.toml").write_text('[project]\nname = "has no table of ours"\n')
    monkeypatch.chdir(below)
    main(["check", f"../{model}"])
    Path("dmc.toml").write_text("max-states = 2\n")
    main(["check", f"../{model}"])
    main(["--isolated", "check", f"../{model}"])

    assert [request.limits.states for request in pipeline.requests] == [1, 2, None]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("max-state = 1", "has no key `max-state`: did you mean `max-states`?"),
        ('runtime = "otp23"', "has no key `runtime`; what is run is set for a command, as in [check]"),
        ('[check]\nruntimes = "otp23"', "[check] has no option `runtimes`: did you mean `runtime`?"),
        ("[test]\nstrictly = true", "[test] has no option `strictly`: did you mean `strict`?"),
        ('[pytest]\nfile = ["a"]', "[pytest] has no key `file`: did you mean `files`?"),
        ("max-states = {}", "`max-states` is a word, a number, true or false, or a list of words"),
        ("check = 3", "check is a table of the options of `dmc check`"),
        ("max-states", "cannot be read"),
        ('max-states = "many"', "a positive number such as"),
    ],
)
def test_what_has_no_meaning_is_refused(
    pipeline: FakePipeline, model: str, capsys: Capture, text: str, said: str
) -> None:
    """In one line, with the near miss and exit code 2, whichever command runs."""
    Path("dmc.toml").write_text(text)

    assert main(["check", model]) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.count("\n") == 1
    assert pipeline.requests == []
