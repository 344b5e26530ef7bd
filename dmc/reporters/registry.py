"""All reporters. A new one is a module with a `REPORTER`, and its name here and in `dmc.cli.options`."""

from __future__ import annotations

from dmc.reporters import erlang, github, github_summary, itf, json, junit, mermaid, sarif, text
from dmc.reporters.reporter import Reporter

_MODULES = (text, json, junit, sarif, github, github_summary, mermaid, itf, erlang)

REPORTERS: dict[str, Reporter] = {module.REPORTER.name: module.REPORTER for module in _MODULES}
