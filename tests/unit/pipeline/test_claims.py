"""Claims: how they are decided, what the page shows, which files are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from dmc import pipeline
from dmc.base.exceptions import UsageError
from dmc.pipeline.request import Request
from dmc.reporters.claims_page import render_claims
from dmc.results.claims import Answer

MODEL = Path(__file__).parents[3] / "tests" / "data" / "matrix" / "lost_job_data.dmc"
CLAIM = """
[[claim]]
document   = "A"
text       = "nothing is lost"
model      = "m.dmc"
scenario   = "command_then_close"
properties = ["MEM003"]
says       = "{says}"
axes       = {{ freed = "by_runtime" }}
runtimes   = "r12smp, r13smp"
"""
UNSTATED = '[[unstated]]\ndocument = "A"\ntext = "It is blue."\nneeds = "colours"\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "m.dmc").write_text(MODEL.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("says", "answers"),
    [("holds", [Answer.FALSE, Answer.TRUE]), ("happens", [Answer.TRUE, Answer.FALSE])],
)
def test_a_claim_is_decided_on_each_release(folder: Path, says: str, answers: list[Answer]) -> None:
    (folder / "c.toml").write_text(CLAIM.format(says=says) + UNSTATED)
    found = pipeline.claims("c.toml", Request(()))
    ((_, findings),) = found.findings

    assert [finding.answer for finding in findings] == answers
    page = render_claims(found)
    assert "is lost" in page
    assert "on r12smp*: MEM003 with driver locking, 1 async thread, freed = by_runtime." in page
    assert "It is blue. Needs colours." in page


def test_a_search_that_was_ended_leaves_a_claim_open(folder: Path) -> None:
    from dmc.ir.outcome import Limits

    (folder / "c.toml").write_text(CLAIM.format(says="holds"))
    ((_, findings),) = pipeline.claims("c.toml", Request((), limits=Limits(states=5))).findings

    assert {finding.answer for finding in findings} == {Answer.OPEN}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = 1", "nothing else"),
        ("[[claim]\n", "no file of claims"),
        (CLAIM.format(says="maybe"), "`holds` or `happens`"),
        (
            CLAIM.format(says="holds").replace("scenario ", "scene "),
            "no `scenario` and has an unknown key `scene`",
        ),
        (UNSTATED.replace("needs", "lacks"), "no `needs`"),
        (CLAIM.format(says="holds").replace("MEM003", "MEM999"), "no property"),
        (CLAIM.format(says="holds").replace("command_then_close", "nowhere"), "no scenario"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused(folder: Path, text: str, told: str) -> None:
    (folder / "c.toml").write_text(text)

    with pytest.raises(UsageError, match=told):
        pipeline.claims("c.toml", Request(()))


def test_what_was_put_to_no_test_is_vacuous(folder: Path) -> None:
    """A property that no run could have violated does not make a claim true."""
    (folder / "m.dmc").write_text(
        "int n = 0;\nscenario s { thread t { n = 1; if (n == 2) assert(n == 3); } }\n"
    )
    text = 'document = "d"\ntext = "t"\nmodel = "m.dmc"\nscenario = "s"\nruntimes = "otp23"\n'
    claim = "[[claim]]\n" + text + 'properties = ["assertion"]\nsays = "{}"\n'
    for says, answer in (("holds", Answer.VACUOUS), ("happens", Answer.FALSE)):
        (folder / "c.toml").write_text(claim.format(says))
        ((_, (finding,)),) = pipeline.claims("c.toml", Request(())).findings
        assert finding.answer is answer
