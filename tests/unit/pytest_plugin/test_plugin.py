"""The plugin as a project that has installed dmc meets it: pytest in a folder of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

MODEL = """
runtime    = r12smp;
schedulers = 1;

driver echo {
    struct Port { ErlDrvPort port; int limit = 3; };
    struct Job  { Port *owner; };

    Port *start(ErlDrvPort port) { Port *d = driver_alloc(sizeof(Port)); d->port = port; return d; }
    void output(Port *d) {
        Job *j = driver_alloc(sizeof(Job));
        j->owner = d;
        driver_async(d->port, NULL, work, j, driver_free);
    }
    void work(Job *j)                 { reads(j->owner->limit); }
    void ready_async(Port *d, Job *j) { driver_free(j); }
    void stop(Port *d)                { driver_free(d); }
}
"""
LEAK = "MEM003, ASY001 violated on r12smp;"
RIGHT = f"{MODEL}\nexpect {{ MEM001 violated in work; {LEAK} }}\n"
WRONG = f"{MODEL}\nexpect {{ {LEAK} }}\n"


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "mine"\n')
    (tmp_path / "test_plain.py").write_text("def test_plain(): pass\n")
    (tmp_path / "right.dmc").write_text(RIGHT)
    (tmp_path / "silent.dmc").write_text(MODEL)
    return tmp_path


def test_a_project_that_does_not_ask_is_left_alone(project: Path) -> None:
    (project / "broken.dmc").write_text("driver {")

    code, text = run(project)

    assert code == 0
    assert "1 passed" in text


def test_what_is_as_expected_passes_and_files_without_expectations_have_no_tests(project: Path) -> None:
    code, text = run(project, "--dmc", "-vv", "--junitxml=out.xml")

    assert code == 0, text
    assert "right.dmc::MEM001[default-r12smp-driver-1+1] PASSED" in text
    assert "silent" not in text
    cases = ElementTree.parse(project / "out.xml").iter("testcase")
    leak = next(c for c in cases if c.get("name") == "MEM003[default-r12smp-driver-1+1]")
    noted = {p.get("name"): p.get("value") for p in leak.iter("property")}
    assert noted["verdict"] == "violated"
    assert int(noted["states"] or 0) > 10


def test_a_failure_is_told_by_its_trace_alone(project: Path) -> None:
    (project / "right.dmc").write_text(WRONG)

    code, text = run(project, "--dmc", "-k", "MEM001")

    assert code == 1
    assert "MEM001 use_after_free: violated in work, NOT AS EXPECTED (holds)" in text
    assert "<- violates MEM001" in text
    assert "still uses it: reads(j->owner->limit)" in text
    assert "Traceback" not in text
    assert "collecting.py" not in text


@pytest.mark.slow
def test_workers_of_xdist_collect_the_same(project: Path) -> None:
    (project / "right.dmc").write_text(WRONG)

    one, two = run(project, "--dmc"), run(project, "--dmc", "-n", "2", "--dist", "loadfile")

    assert one[0] == two[0] == 1
    assert one[1].split("FAILURES")[0].count("F") == two[1].split("FAILURES")[0].count("F") == 1


@pytest.mark.slow
def test_a_model_with_errors_is_one_failure(project: Path) -> None:
    (project / "right.dmc").write_text(RIGHT.replace("work(Job", "wrok(Job"))

    code, text = run(project, "--dmc", "right.dmc")

    assert code == 1
    assert "right.dmc::model" in text
    assert "E" in text
    assert "1 failed" in text


@pytest.mark.slow
def test_files_are_named_by_the_configuration_or_on_the_command_line(project: Path) -> None:
    (project / "other.dmc").write_text(RIGHT)
    (project / "pyproject.toml").write_text('[tool.dmc.pytest]\nfiles = ["right*.dmc"]\n')

    _, configured = run(project, "--collect-only")
    _, named = run(project, "--collect-only", "other.dmc")

    assert "right.dmc::MEM001" in configured
    assert "other.dmc" not in configured
    assert "other.dmc::MEM001" in named


def test_a_mistake_in_the_configuration_is_a_sentence(project: Path) -> None:
    (project / "dmc.toml").write_text('[pytest]\nfile = "a.dmc"\n')

    code, text = run(project)

    assert code == 4
    assert "has no key `file`: did you mean `files`?" in text


@pytest.mark.slow
def test_nothing_tested_in_any_run_is_a_failure(project: Path) -> None:
    call = "driver_async(d->port, NULL, work, j, driver_free)"
    quiet = MODEL.replace(f"{call};", f"if (d->limit > 3) {call}; else driver_free(j);")
    (project / "right.dmc").write_text(f"{quiet}\nexpect {{ all hold; }}\n")

    code, text = run(project, "--dmc", "right.dmc")

    assert code == 1
    assert "vacuous in all runs of the file" in text


def test_fixtures_check_models_of_files_and_of_texts(project: Path) -> None:
    (project / "test_plain.py").write_text(
        "def test_file(dmc_check):\n"
        "    found = dmc_check('right.dmc', runtime='r12smp')\n"
        "    assert found.exit == 0\n"
        "    assert found.verdict('MEM001') == found.verdict('use_after_free') == 'violated'\n"
        "    assert found.violated() == {'MEM001', 'MEM003', 'ASY001'}\n"
        "    assert '<- violates MEM001' in found.text\n"
        "def test_text(dmc_check, dmc_model):\n"
        "    path = dmc_model(open('silent.dmc').read())\n"
        "    assert dmc_check(path, properties='MEM001').exit == 1\n"
    )

    code, text = run(project)

    assert code == 0, text
    assert "2 passed" in text
