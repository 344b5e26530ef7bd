"""Each command: what it asks the pipeline for, what it prints, how it exits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import sample_reports
from support.fake_pipeline import FakePipeline

from dmc.base.diagnostic import Diagnostic
from dmc.base.exceptions import InternalError, ModelError, UsageError
from dmc.base.source import Span
from dmc.cli.main import COMMANDS, main
from dmc.cli.options import FORMATS, processors
from dmc.ir.outcome import Limits

Capture = pytest.CaptureFixture[str]


def test_check_asks_for_what_the_options_say(pipeline: FakePipeline, model: str, capsys: Capture) -> None:
    """Every option reaches the request."""
    line = (
        f"check {model} --scenario close --runtime r12smp,otp23 --locking driver,port --async-threads 1..3"
        " --schedulers 1,2 --axis fixed=true --property MEM001,ASY001 --property HNG001 --engine reference"
        " --reduce fusion --max-states 2M --max-depth 100 --max-seconds 1.5 --max-memory 4GiB --strict"
    )
    main(line.split())

    assert pipeline.request == pipeline.Request(
        paths=(model,),
        runtimes="r12smp,otp23",
        locking="driver,port",
        async_threads="1..3",
        schedulers="1,2",
        axes={"fixed": "true"},
        engine="reference",
        reductions=("fusion",),
        limits=Limits(states=2_000_000, depth=100, seconds=1.5, memory=4 * 2**30),
        properties=("MEM001", "ASY001", "HNG001"),
        strict=True,
        scenario="close",
    )


def test_check_without_options_leaves_all_to_the_model(pipeline: FakePipeline, model: str) -> None:
    """None means: as the model says, or all."""
    main(["check", model])

    assert (
        pipeline.request.runtimes,
        pipeline.request.locking,
        pipeline.request.async_threads,
        pipeline.request.reductions,
    ) == (None, None, None, None)
    assert Limits() == pipeline.request.limits


def test_no_reduction_is_not_all_of_them(pipeline: FakePipeline, model: str) -> None:
    """`--reduce none` is the empty list."""
    main(["check", model, "--reduce", "none"])

    assert pipeline.request.reductions == ()


@pytest.mark.parametrize("code", range(6))
def test_the_exit_code_is_that_of_the_report(pipeline: FakePipeline, model: str, code: int) -> None:
    """The command adds no opinion."""
    pipeline.report = sample_reports.Report((), (), code)

    assert code == main(["check", model])
    assert code == main(["test", model])


def test_how_many_runs_are_searched_at_a_time(pipeline: FakePipeline, model: str) -> None:
    """One in a check, which shows its searches; as many as there are processors where there is a table."""
    for command in ("check", "test", "matrix"):
        main([command, model])
        main([command, model, "--jobs", "3"])

    assert [request.jobs for request in pipeline.requests] == [1, 3, processors(), 3, processors(), 3]


def test_matrix_asks_for_what_the_options_say(pipeline: FakePipeline, model: str, capsys: Capture) -> None:
    """As in check; without a runtime it is for the pipeline to take all of them."""
    main(f"matrix {model} --locking port,driver --property HNG001 --axis fixed=true --jobs 1".split())

    assert pipeline.request == pipeline.Request(
        paths=(model,), locking="port,driver", properties=("HNG001",), axes={"fixed": "true"}
    )
    assert "exit 0" in capsys.readouterr().out


def test_json_is_the_only_thing_on_standard_output(
    pipeline: FakePipeline, model: str, capsys: Capture
) -> None:
    """One document."""
    main(["check", model, "--format", "json"])
    captured = capsys.readouterr()

    assert json.loads(captured.out)["schema"] == "dmc.result/1"
    assert captured.err == ""


def test_a_model_with_errors_is_a_report_too(pipeline: FakePipeline, model: str, capsys: Capture) -> None:
    """In the format that was asked for, with exit code 2."""
    error = ModelError([Diagnostic("E203", "nothing calls it", Span(model, 1, 8, 1, 11))])
    pipeline.error = error

    assert main(["check", model]) == 2
    assert "    1 | driver bdb { }\n      |        ^^^" in capsys.readouterr().out
    assert main(["check", model, "--format", "json"]) == 2
    assert json.loads(capsys.readouterr().out)["diagnostics"][0]["code"] == "E203"


def test_reports_are_written_beside_what_is_printed(
    pipeline: FakePipeline, model: str, capsys: Capture
) -> None:
    """One run feeds all readers; a file has no colours and eighty columns."""
    main(["check", model, "--report", "json=a.json", "--report", "text=a.txt"])

    assert Path("a.txt").read_text(encoding="utf-8") == capsys.readouterr().out
    assert json.loads(Path("a.json").read_text())["exit"] == 0


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_the_same_on_standard_output_and_in_a_file(
    pipeline: FakePipeline, model: str, capsys: Capture, name: str
) -> None:
    """Byte for byte; of several commands alike."""
    for command in ("check", "matrix", "test"):
        assert main([command, model, "--format", name, "--report", f"{name}=out"]) == 0
        assert Path("out").read_text(encoding="utf-8") == capsys.readouterr().out


def test_test_takes_directories(pipeline: FakePipeline, model: str, capsys: Capture) -> None:
    """All models below, in order, each once."""
    Path("deep/er").mkdir(parents=True)
    Path("deep/er/b.dmc").write_text("")
    Path("deep/a.dmc").write_text("")
    Path("deep/notes.txt").write_text("")

    assert main(["test", model, "deep", "deep/a.dmc"]) == 0
    assert (model, "deep/a.dmc", "deep/er/b.dmc") == pipeline.request.paths
    assert capsys.readouterr().out.splitlines()[-1] == "1 passed, 0 failed"


def test_simulate_prints_a_trace(pipeline: FakePipeline, model: str, capsys: Capture) -> None:
    """With the seed and the length that were given."""
    assert main(["simulate", model, "--seed", "7", "--steps", "20", "--runtime", "otp23"]) == 0
    assert pipeline.asked == [(7, 20)]
    assert ">>> 12" in capsys.readouterr().out


def test_replay_names_what_to_replay(pipeline: FakePipeline, model: str, capsys: Capture) -> None:
    """Property and run, counted from 1."""
    Path("r.json").write_text("{}")

    assert main(["replay", "r.json", "--property", "MEM001", "--run", "2"]) == 0
    assert pipeline.asked == [("r.json", "MEM001", 2)]
    assert "MEM001 use_after_free: violated" in capsys.readouterr().out


def test_dump_prints_a_stage(pipeline: FakePipeline, model: str, capsys: Capture) -> None:
    """And ends it with a newline."""
    assert main(["dump", model, "--stage", "ast"]) == 0
    assert f"ast of {model}\n" == capsys.readouterr().out


def test_a_model_with_errors_has_no_dump(pipeline: FakePipeline, model: str, capsys: Capture) -> None:
    """Standard output stays empty."""
    pipeline.error = ModelError([Diagnostic("E203", "nothing calls it", Span(model, 1, 8, 1, 11))])

    assert main(["dump", model]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "bdb.dmc:1:8  E203  nothing calls it" in captured.err


def test_rules_lists_the_catalogue(pipeline: FakePipeline, model: str, capsys: Capture) -> None:
    """All rules, or what applies to a file and why."""
    assert main(["rules"]) == 0
    everything = capsys.readouterr().out
    assert main(["rules", "--for", model]) == 0
    for_model = capsys.readouterr().out

    assert "MEM001  use_after_free\n        nothing touches an object after it was freed" in everything
    assert "asked for by --property" in everything
    assert "uses driver_async (bdb.dmc:3)" in for_model
    assert "3 rules: 1 apply to bdb.dmc, 2 do not" in for_model


def test_explain_takes_several_names(pipeline: FakePipeline, capsys: Capture) -> None:
    """As the last line of a list of diagnostics suggests."""
    assert main(["explain", "MEM001", "one_completion"]) == 0
    assert capsys.readouterr().out == "# MEM001\n\n# ASY001\n"


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (UsageError("no property `MEM9`"), 2, "dmc: no property `MEM9`\n"),
        (KeyboardInterrupt(), 3, "dmc: interrupted before there was a result\n"),
        (MemoryError(), 3, "dmc: out of memory"),
        (InternalError("replay", "step 3\nis not enabled"), 5, "no verdict: replay: step 3 is not enabled"),
        (ZeroDivisionError("by zero"), 5, "no verdict: ZeroDivisionError: by zero"),
        (RecursionError(), 5, "RecursionError"),
    ],
)
def test_whatever_happens_is_told_in_a_sentence(
    pipeline: FakePipeline, model: str, capsys: Capture, error: BaseException, code: int, text: str
) -> None:
    """No traceback, nothing on standard output, a code that says whose fault it is."""
    pipeline.error = error

    assert code == main(["check", model, "--format", "json"])
    captured = capsys.readouterr()
    assert text in captured.err
    assert len(captured.err.strip().splitlines()) == 1
    assert captured.out == ""


def test_a_fault_of_our_own_shows_its_place_on_demand(
    pipeline: FakePipeline, model: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For those who mend it."""
    monkeypatch.setenv("DMC_DEBUG", "1")
    pipeline.error = ZeroDivisionError("by zero")

    assert main(["check", model]) == 5
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, capsys: Capture) -> None:
    """And each of its options in a sentence."""
    assert main([name, "--help"]) == 0
    assert f"Usage: dmc {name} " in capsys.readouterr().out


def test_a_page_is_fitted_to_the_width(
    pipeline: FakePipeline, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paragraphs and items flow; code, tables and headings are left alone."""
    words = "word " * 30
    code = "x" * 100
    page = f"# Title\n\n{words}\nmore\n\n- {words}\n- short\n\n```\n{code}\n```\n"
    monkeypatch.setattr(pipeline, "explain", lambda name: page)

    assert main(["explain", "MEM001"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if len(line) > 80] == [code]
    assert lines[:3] == ["# Title", "", ("word " * 16).strip()]
    assert "word more" in "\n".join(lines)
    assert "- short" in lines
