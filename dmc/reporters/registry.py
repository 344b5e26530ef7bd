"""All reporters. A new one is a module with a `REPORTER`, and its name here."""

from __future__ import annotations

from dmc.reporters import json, text
from dmc.reporters.reporter import Reporter

REPORTERS: dict[str, Reporter] = {reporter.name: reporter for reporter in (text.REPORTER, json.REPORTER)}
