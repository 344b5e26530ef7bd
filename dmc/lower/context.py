"""What the lowering of one run shares: the world, the numbers of functions, the rules."""

from __future__ import annotations

from dataclasses import dataclass

from dmc.ir.expr import Const, Expr
from dmc.lower.data_flow import DataFlow
from dmc.lower.run import RunChoice
from dmc.lower.weaving import Weaver
from dmc.model.model import Function, Model, Struct, Variable
from dmc.runtime.async_jobs import DRIVER_FREE, NO_FUNCTION
from dmc.runtime.world import World


@dataclass(frozen=True)
class Lowering:
    """Everything that does not change while a run is lowered.

    `functions` are those that are used as values, in order: their numbers begin after `driver_free`.
    `job_roles` are the functions given to `driver_async` as `async_invoke` and `async_free`.
    `job_data_kinds` are the structs that some job can be given. `mutex_sites` numbers the places that
    create a mutex. `global_names` are the cells of variables of drivers, files and the scenario. `data` says
    which integers are data.
    """

    run: RunChoice
    world: World
    weaver: Weaver
    functions: tuple[Function, ...]
    job_roles: dict[str, tuple[Function, ...]]
    job_data_kinds: frozenset[str]
    uses_driver_free: bool
    uses_mutexes: bool
    mutex_sites: dict[str, int]
    global_names: dict[Variable, str]
    data: DataFlow

    @property
    def model(self) -> Model:
        """The model that is lowered."""
        return self.run.model

    def struct(self, name: str) -> Struct:
        """A struct by its name."""
        return next(s for s in self.model.structs if s.name == name)

    def function_number(self, function: Function | None, api: str) -> Expr:
        """The number that stands for a function used as a value."""
        if api:
            return Const(DRIVER_FREE)
        if function is None:
            return Const(NO_FUNCTION)
        return Const(DRIVER_FREE + 1 + self.functions.index(function))

    def mutex_site(self, place: str) -> int:
        """The number of a place that creates a mutex, from 0."""
        return self.mutex_sites.setdefault(place, len(self.mutex_sites))
