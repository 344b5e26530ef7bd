"""Which pools a system may find full: the answer must not depend on an order that a reduction leaves out."""

from __future__ import annotations

from dmc.ir.evaluate import CompiledSystem

PREFIX = "pool:"


def tested_pools(compiled: CompiledSystem) -> dict[str, str]:
    """The pools that some step may find full, with the name under which they are unprotected."""
    asked = {pool for steps in compiled.steps for step in steps for pool in step.may_find_full}
    return {pool: PREFIX + pool for pool in sorted(asked)}
