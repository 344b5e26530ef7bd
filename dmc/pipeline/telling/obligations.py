"""An obligation that cannot be met, told: what is owed, who waits for what, and who alone could help."""

from __future__ import annotations

from dmc.engines.reference.replay import Replay
from dmc.ir.outcome import Finding, StuckThread
from dmc.ir.system import PropertyKind
from dmc.lower.lowering import Lowered
from dmc.lower.weaving import CALLBACK_NAMES
from dmc.model.model import Rule
from dmc.pipeline.telling.endings import Ending
from dmc.pipeline.telling.faults import capital
from dmc.pipeline.telling.history import History


def kind_of(lowered: Lowered, finding: Finding) -> PropertyKind | None:
    """The kind of the property that is violated."""
    return next((p.kind for p in lowered.system.properties if p.id == finding.property), None)


def missed_sentence(history: History, finding: Finding, run: Replay, rule: Rule | None) -> str:
    """What cannot be reached any more, who waits for what, and who alone could help."""
    start = len(run.steps)
    when = f"from step {start} on" if start else "from the start"
    told = [f"This is not so {when}: {rule.text if rule is not None else finding.property}."]
    ending = Ending(history)
    stuck = run.stuck or finding.stuck
    never = dict.fromkeys(f"`{f}` cannot return" for s in stuck if (f := _callback(ending, s)))
    told += [f"{capital(' and '.join(never))}."] if never else []
    for one in stuck:
        name = capital(history.names.thread(one.thread))
        told.append(f"{name} {'turns in a loop' if ending.loops(one) else ending.waits_for(one)}.")
    return " ".join(filter(None, (*told, _help(finding))))


def _help(finding: Finding) -> str:
    if not finding.awaited:
        return ""
    names = " or ".join(finding.awaited)
    return f"Only a further step of {names} could help, and that is up to Erlang code."


def _callback(ending: Ending, stuck: StuckThread) -> str:
    frames = ending.point(stuck).frames
    return next((f.function for f in frames if f.function in CALLBACK_NAMES), "")
