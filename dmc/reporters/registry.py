"""All reporters. A new one is a module with a `REPORTER`, and its name here and in `dmc.cli.options.FORMATS`."""

from __future__ import annotations

from dmc.reporters import json, junit, text
from dmc.reporters.reporter import Reporter

_ALL = (text.REPORTER, json.REPORTER, junit.REPORTER)

REPORTERS: dict[str, Reporter] = {reporter.name: reporter for reporter in _ALL}
