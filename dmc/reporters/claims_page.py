"""A page of claims: each with its verdict by release, and where it is false with what refutes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from textwrap import wrap

from dmc.results.claims import Answer, Claim, Claims, Finding, Says

WIDTH = 125

_INTRODUCTION = """\
What the documents say about drivers, put in our own words and held against the models. The page is made by
`dmc test --claims claims.toml`; each verdict is that of complete searches on that release.

A claim that something *holds* is true on a release if no run of the model violates the properties named, and
false if one does. A claim that something *happens* is true if some run shows it. `.` is where the release
cannot run the model, or where the claim does not speak of it; `vacuous` is where no run could have violated
what is said to hold. Where a claim is false, the shortest run that refutes it is told; `dmc check` with the
values named there shows it step by step."""


def render_claims(claims: Claims) -> str:
    """The page, in Markdown."""
    blocks = ["# Claims, release by release", *_paragraphs(_INTRODUCTION)]
    documents = dict.fromkeys(
        [claim.document for claim, _ in claims.findings] + [one.document for one in claims.unstated]
    )
    for document in documents:
        blocks.append(f"## {document}")
        for claim, findings in claims.findings:
            if claim.document == document:
                blocks += _claim(claim, findings)
        blocks += _unstated([(one.text, one.needs) for one in claims.unstated if one.document == document])
    return "\n\n".join(blocks) + "\n"


def _claim(claim: Claim, findings: Sequence[Finding]) -> Iterator[str]:
    yield f"### {claim.text}"
    setting = ", ".join(f"{name} = {value}" for name, value in claim.setting)
    properties = " and ".join(claim.properties)
    how = {Says.HOLDS: f"{properties} hold", Says.HAPPENS: f"{properties} is violated"}[claim.says]
    if claim.says is Says.HOLDS and len(claim.properties) == 1:
        how = f"{properties} holds"
    where = f"[{claim.model}]({claim.model}), `{claim.scenario}`{f', {setting}' if setting else ''}"
    yield _filled(f"{where}: {how}.")
    shown = [f for f in findings if f.answer is not Answer.NOT_RUN]
    names = [finding.runtime for finding in findings]
    yield "\n".join(
        [
            f"| {' | '.join(names)} |",
            f"|{'---|' * len(names)}",
            f"| {' | '.join(_answer(finding) for finding in findings)} |",
        ]
    )
    refuting = Answer.FALSE if claim.says is Says.HOLDS else Answer.TRUE
    for text, group in _alike([f for f in shown if f.answer is refuting and f.evidence is not None]):
        word = "False" if claim.says is Says.HOLDS else "Shown"
        yield _filled(f"*{word} on {', '.join(group)}*: {text}")
    if claim.note:
        yield _filled(claim.note)


def _alike(findings: Sequence[Finding]) -> Iterator[tuple[str, list[str]]]:
    """Runs that differ in the numbers of steps alone are one; the last of their releases tells it."""
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        found.setdefault(re.sub(r"step \d+", "step", _evidence(finding)), []).append(finding)
    for own in found.values():
        text = _evidence(own[-1])
        steps = f" (Steps as on {own[-1].runtime}.)" if len({_evidence(one) for one in own}) > 1 else ""
        yield text + steps, [finding.runtime for finding in own]


def _evidence(finding: Finding) -> str:
    found = finding.evidence
    assert found is not None
    run = found.run
    axes = "".join(f", {name} = {value}" for name, value in run.axes.items())
    threads = f"{run.async_threads} async thread{'' if run.async_threads == 1 else 's'}"
    folder = run.model.rpartition("/")[0]
    message = found.result.message or "no run reaches it"
    summary = " ".join(message.replace(f"{folder}/", "").split())
    return f"{found.result.id} with {run.locking} locking, {threads}{axes}. {summary}"


def _answer(finding: Finding) -> str:
    return f"**{finding.answer.value}**" if finding.answer is Answer.FALSE else finding.answer.value


def _unstated(entries: Sequence[tuple[str, str]]) -> Iterator[str]:
    if entries:
        yield "Not said by a model yet:"
        yield "\n".join(_filled(f"* {text} Needs {needs}.", "  ") for text, needs in entries)


def _paragraphs(text: str) -> list[str]:
    return [_filled(" ".join(part.split())) for part in text.split("\n\n")]


def _filled(text: str, rest: str = "") -> str:
    return "\n".join(
        wrap(text, WIDTH, subsequent_indent=rest, break_on_hyphens=False, break_long_words=False)
    )
