"""The page `specs/driver_api.md`: an introduction by hand, and below a marker tables from the entries.

python -m dmc.driver_api.pages specs/driver_api.md
"""

from __future__ import annotations

import sys
from pathlib import Path

from dmc.base.types import Type
from dmc.driver_api.api_function import ApiFunction, Context, Loose
from dmc.driver_api.callback import AsyncData, DriverData
from dmc.driver_api.callbacks import CALLBACKS
from dmc.driver_api.contexts import EVERYWHERE
from dmc.driver_api.functions.io_queue import QUEUE_FUNCTIONS
from dmc.driver_api.registry import NOT_MODELLED, api_functions

_COMMAND = "python -m dmc.driver_api.pages specs/driver_api.md"
MARKER = f"<!-- Written by `{_COMMAND}`; edit the entries, not what follows. -->"

_LOOSE = {
    "struct_pointer": "T *",
    "block": "T *",
    "key": "unsigned *",
    "job_function": "void (*)(T *)",
    "free_function": "void (*)(T *)",
    "thread_function": "void (*)(T *)",
    "size": "size",
    "sizeof": "size",
    "text": "char *",
    "term": "{ ... }",
    "address": "ErlDrvSysInfo *",
    "int_address": "int *",
    "time_address": "long *",
    "monitor_address": "ErlDrvMonitor *",
    "monitor": "ErlDrvMonitor *",
    "thread_id": "ErlDrvTid *",
    "key_address": "ErlDrvTSDKey *",
    "no_options": "NULL",
    "no_result": "NULL",
    "stored": "T *",
}
"""How the parameters are written that several types fit."""

_CONTEXTS = {
    Context.START: "start",
    Context.CALLBACK: "other callbacks",
    Context.STOP: "stop",
    Context.ASYNC_INVOKE: "jobs, own threads",
    Context.ASYNC_FREE: "free functions",
}


def generated() -> str:
    """What belongs below the marker."""
    parts = [MARKER, _signatures(), _matrix(), _ports(), _callbacks(), _refused()]
    return "\n\n".join(parts) + "\n"


def refreshed(page: str) -> str:
    """The page with the part below the marker replaced; a page without a marker gets it at the end."""
    head, _, _ = page.partition(MARKER)
    return f"{head.rstrip()}\n\n{generated()}"


def _signatures() -> str:
    rows = ["## Functions", "", "| function | what it does | releases | source |", "|---|---|---|---|"]
    for entry in api_functions().values():
        told = entry.summary + ("; a `fault` clause can let it fail" if entry.may_fail else "")
        until = f" to {entry.until}, without it" if entry.until else ""
        rows.append(f"| `{_text(entry)}` | {told} | {entry.since}{until} | {entry.source} |")
    return "\n".join(rows)


def _matrix() -> str:
    head = ["function", *_CONTEXTS.values(), "lock"]
    rows = ["## Where they may be called", "", _row(head), _row(["---"] * len(head))]
    for entry in api_functions().values():
        allowed = ["yes" if context in entry.contexts else "no" for context in _CONTEXTS]
        rows.append(_row([f"`{entry.name}`", *allowed, _lock(entry)]))
    return "\n".join(rows)


def _ports() -> str:
    rows = [
        "## What they do to ports that end",
        "",
        "| function | closing port | dead port |",
        "|---|---|---|",
    ]
    for entry in api_functions().values():
        if entry.port_argument is not None:
            rows.append(f"| `{entry.name}` | {entry.closing} | {entry.dead} |")
    return "\n".join(rows)


def _callbacks() -> str:
    rows = [
        "## Callbacks",
        "",
        "| callback | when it is called | from | in this version |",
        "|---|---|---|---|",
    ]
    for entry in CALLBACKS.values():
        parameters = ", ".join(_parameter(p) for p in entry.parameters)
        text = f"{_parameter(entry.result)} {entry.name}({parameters})"
        known = "yes" if entry.supported else "no"
        rows.append(f"| `{text}` | {entry.summary} | {entry.since} | {known} |")
    return "\n".join(rows)


def _refused() -> str:
    names = ", ".join(f"`{name}`" for name in sorted(NOT_MODELLED))
    return f"## Refused by name\n\n{names}"


def _lock(entry: ApiFunction) -> str:
    if entry.name in QUEUE_FUNCTIONS:
        return "the port's lock, or the port data lock; both if there is one"
    return "none" if entry.contexts == EVERYWHERE else "the port's lock"


def _text(entry: ApiFunction) -> str:
    result = "T *" if entry.name == "driver_alloc" else str(entry.result)
    return f"{result} {entry.name}({', '.join(map(_parameter, entry.parameters))})"


def _parameter(parameter: Type | Loose | DriverData | AsyncData) -> str:
    match parameter:
        case Loose(kind=kind):
            return _LOOSE[kind]
        case DriverData() | AsyncData():
            return "T *"
        case _:
            return str(parameter)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def main(arguments: list[str]) -> int:
    """Rewrite the tables of the page given."""
    if len(arguments) != 1:
        print("usage: python -m dmc.driver_api.pages PAGE", file=sys.stderr)
        return 2
    path = Path(arguments[0])
    old = path.read_text(encoding="utf-8")
    new = refreshed(old)
    if new != old:
        path.write_text(new, encoding="utf-8")
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
