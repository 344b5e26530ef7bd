"""`dump`, `rules`, `explain`: the stages and the catalogue, shown."""

from __future__ import annotations

from dmc.base.diagnostic_codes import CODES
from dmc.base.exceptions import ModelError, UsageError
from dmc.ir.printer import print_system
from dmc.lower.lowering import lower
from dmc.model.printer import print_model
from dmc.pipeline.loading import Loaded, catalogue, load
from dmc.pipeline.request import Request, RuleInfo
from dmc.pipeline.selection import applies, is_advisory, reasons, selected_rules
from dmc.pipeline.table import cells
from dmc.rules.catalogue import page_of
from dmc.syntax.printer import print_tree

STAGES = ("ast", "model", "ir")


def dump(path: str, stage: str, request: Request) -> str:
    """One stage of a file as text: `ast`, `model`, or `ir` of its first run."""
    loaded = load(path)
    match stage:
        case "ast":
            if loaded.file is None:
                raise ModelError(loaded.diagnostics)
            return print_tree(loaded.file)
        case "model":
            return print_model(_model(loaded))
        case "ir":
            return _dump_ir(loaded, request)
        case _:
            raise UsageError(f"no stage is called {stage}: there are {', '.join(STAGES)}")


def rules() -> tuple[RuleInfo, ...]:
    """The catalogue."""
    return tuple(
        RuleInfo(r.id, r.slug, r.text, r.needs, page_of(r.id) or "", is_advisory(r)) for r in catalogue()
    )


def applicable_rules(path: str) -> dict[str, str]:
    """By id, why each rule that applies to a file does."""
    model = _model(load(path))
    found = {}
    for rule in catalogue():
        for scenario in model.scenarios:
            if applies(rule, model, scenario):
                used = reasons(rule, model, scenario)
                found[rule.id] = (
                    f"applies: the model has {', '.join(used)}" if used else "applies to every model"
                )
    return found


def explain(name: str) -> str | None:
    """The page of a rule, or the explanation of a diagnostic's code."""
    page = page_of(name)
    if page is not None:
        return page
    code = CODES.get(name)
    return None if code is None else f"# {code.code}: {code.title}\n\n{code.explanation}\n"


def _dump_ir(loaded: Loaded, request: Request) -> str:
    model = _model(loaded)
    for scenario in model.scenarios:
        if request.scenario not in (None, scenario.name):
            continue
        for cell in cells(model, scenario, request):
            if not cell.refused:
                fit = tuple(
                    r for r in selected_rules(model, request.properties) if applies(r, model, scenario)
                )
                return print_system(lower(cell.run, fit).system)
    raise UsageError(f"{model.path} has no run that could be shown")


def _model(loaded: Loaded):  # type: ignore[no-untyped-def]
    if loaded.model is None:
        raise ModelError(loaded.diagnostics)
    return loaded.model
