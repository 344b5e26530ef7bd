"""Memory of the driver: `driver_alloc`, `driver_free`."""

from __future__ import annotations

from dmc.base.types import VOID, NullType
from dmc.driver_api.api_function import ApiFunction, Loose
from dmc.driver_api.contexts import EVERYWHERE

FUNCTIONS = (
    ApiFunction(
        name="driver_alloc",
        result=NullType(),
        parameters=(Loose("sizeof"),),
        contexts=EVERYWHERE,
        since="R7B",
        until="",
        port_argument=None,
        summary="a new object, its fields unset, or NULL; the type comes from the `sizeof` of its argument",
        source="erl_driver(3) driver_alloc",
        may_fail=True,
    ),
    ApiFunction(
        name="driver_free",
        result=VOID,
        parameters=(Loose("block"),),
        contexts=EVERYWHERE,
        since="R7B",
        until="",
        port_argument=None,
        summary="gives an object back",
        source="erl_driver(3) driver_free",
    ),
)
