"""What was meant is said in one line, with the near miss, and exit code 2."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.fake_pipeline import FakePipeline

from dmc.cli import main as main_module
from dmc.cli.main import cli, main

Capture = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("chekc bdb.dmc", "dmc: there is no command `chekc`: did you mean `check`?"),
        ("check", "dmc: check needs a file: dmc check FILE"),
        ("test", "dmc: test needs files or directories: dmc test PATH"),
        ("fmt", "dmc: fmt needs files or directories: dmc fmt PATH"),
        ("replay", "dmc: replay needs a file: dmc replay FILE"),
        ("dump", "dmc: dump needs a file: dmc dump FILE"),
        ("simulate", "dmc: simulate needs a file: dmc simulate FILE"),
        ("explain", "dmc: explain needs the id of a rule or a code: dmc explain MEM001"),
        ("explain MEM01", "dmc: there is no rule and no code `MEM01`: did you mean `MEM001`?"),
        ("check bdb.dmc --runtim otp23", "--runtime"),
        ("check bdb.dmc --engine compield", "`compield` is unknown: did you mean `compiled`?"),
        ("check bdb.dmc --locking prot", "`prot` is unknown: did you mean `port`?"),
        ("check bdb.dmc --format jsn", "`jsn` is unknown: did you mean `json`?"),
        ("check bdb.dmc --report jsn=x", "there is no format `jsn`: did you mean `json`?"),
        ("check bdb.dmc --report json", "`json` is not of the form FORMAT=PATH"),
        (
            "check bdb.dmc --report json=gone/x",
            "--report cannot write `gone/x`: its directory does not exist",
        ),
        ("check bdb.dmc --report json=.", "--report cannot write `.`: it is a directory"),
        ("check bdb.dmc --schedulers 0", "`0` is not within 1..64"),
        ("check bdb.dmc --schedulers 3..1", "`3..1` is an empty range"),
        ("check bdb.dmc --async-threads many", "`many` is no list of numbers such as 1,2 or 1..3"),
        ("check bdb.dmc --async-threads 1,", "`1,` is no list of numbers"),
        ("check bdb.dmc --max-states 0", "`0` is not a positive number such as 500000 or 2M"),
        ("check bdb.dmc --max-states -5", "is not a positive number"),
        ("check bdb.dmc --max-memory 4GX", "`4GX` is not a size such as 500M or 4GiB"),
        ("check bdb.dmc --max-seconds 0", "--max-seconds"),
        ("check bdb.dmc --axis fixed", "`fixed` is not of the form NAME=VALUE"),
        ("check bdb.dmc --axis a=1 --axis a=2", "--axis a is given twice; a list is written a=1,2"),
        ("check bdb.dmc --reduce fusion,none", "--reduce takes names or `none`, not both"),
        ("check bdb.dmc --property MEM001,", "--property has an empty name in its list"),
        ("dump bdb.dmc --stage irr", "`irr` is unknown: did you mean `ir`?"),
        ("test empty", "dmc: there is no .dmc file in the directory `empty`"),
    ],
)
def test_a_wrong_command_line(
    line: str, message: str, pipeline: FakePipeline, model: str, capsys: Capture
) -> None:
    """One line on standard error, nothing on standard output, nothing searched."""
    Path("empty").mkdir()

    assert main(line.split()) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert len(captured.err.splitlines()) == 1
    assert captured.out == ""
    assert pipeline.requests == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("check bbd.dmc", ("E130", "there is no file `bbd.dmc`", "hint: did you mean `bdb.dmc`?")),
        ("test bbd.dmc", ("E130", "hint: did you mean `bdb.dmc`?")),
        ("check empty", ("E131", "`empty` is a directory", "hint: `dmc test empty` runs all models in it")),
    ],
)
def test_a_path_that_is_no_model(
    line: str, words: tuple[str, ...], pipeline: FakePipeline, model: str, capsys: Capture
) -> None:
    """A diagnostic like any other, in any format."""
    Path("empty").mkdir()

    assert main(line.split()) == 2
    out = capsys.readouterr().out
    assert all(word in out for word in words)


def test_no_command_shows_the_commands(capsys: Capture) -> None:
    """On standard error, since nothing was done."""
    assert main([]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Commands:" in captured.err


def test_version(capsys: Capture) -> None:
    """One line."""
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("dmc")


def test_every_option_is_described_in_a_sentence() -> None:
    """Help without help is none."""
    context = cli.make_context("dmc", ["rules"])
    options = [
        (name, option)
        for name in main_module.COMMANDS
        for option in (cli.get_command(context, name) or cli).params
        if option.param_type_name == "option"
    ]

    assert len(options) > 30
    for name, option in options:
        text = getattr(option, "help", None) or ""
        assert text[:1].isupper(), (name, option.name)
        assert text.endswith("."), (name, option.name)


def test_help_loads_nothing_heavy() -> None:
    """`dmc --help` answers at once."""
    program = (
        "import sys; from dmc.cli.main import main; main(['--help']);"
        " print([name for name in sys.modules if name.split('.')[0] in ('lark', 'rich', 'z3', 'jsonschema')"
        " or name.startswith(('dmc.syntax', 'dmc.runtime', 'dmc.ir', 'dmc.reporters', 'dmc.cli.commands'))],"
        " file=sys.stderr)"
    )
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stderr == "[]\n"
    assert time.monotonic() - began < 5


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    """`dmc ... | head` prints no complaint."""
    program = (
        "import sys; from dmc.cli.exit import guard, write_output;"
        " sys.exit(guard(lambda: write_output('x' * 10_000_000) or 1))"
    )
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([sys.executable, "-c", program], stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)

    assert (done.returncode, done.stderr) == (1, "")


def test_a_terminal_without_these_signs_gets_others(tmp_path: Path) -> None:
    """A trace has lanes that not every encoding has."""
    program = "from dmc.cli.exit import write_output; write_output('a │ ●\\n')"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)

    assert (done.returncode, done.stdout) == (0, "a ? ?\n")
