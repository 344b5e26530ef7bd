"""The cells of what a model declares itself: variables, lists, fields."""

from __future__ import annotations

from collections.abc import Iterator

from dmc.ir.system import FieldDecl, ListVariable
from dmc.ir.system import Variable as Cell
from dmc.lower import sizes
from dmc.lower.code import flat_fields
from dmc.lower.context import Lowering
from dmc.lower.sorts import initial_value, sort_of_variable
from dmc.model import model


def variables(lowering: Lowering) -> Iterator[Cell]:
    """The variables of drivers, files and the scenario."""
    run, data = lowering.run, lowering.data.variables
    for variable, name in lowering.global_names.items():
        if sizes.is_list(variable):
            continue
        sort = sort_of_variable(variable, lowering.world, run, data=variable in data)
        initial = initial_value(variable, run, sort) if variable.initial is not None else 0
        yield Cell(name, sort, sizes.length(variable, run), initial)


def lists(lowering: Lowering) -> Iterator[ListVariable]:
    """The lists."""
    run = lowering.run
    for variable, name in lowering.global_names.items():
        if sizes.is_list(variable):
            sort = sort_of_variable(variable, lowering.world, run, unset=False)
            yield ListVariable(name, sort, sizes.capacity(variable, run), sizes.length(variable, run))


def fields(struct: model.Struct, lowering: Lowering) -> Iterator[FieldDecl]:
    """The fields of a struct, arrays spread out."""
    run, data = lowering.run, lowering.data.variables
    for name, _, variable in flat_fields(struct, run):
        sort = sort_of_variable(variable, lowering.world, run, data=variable in data)
        yield FieldDecl(name, sort, initial_value(variable, run, sort))
