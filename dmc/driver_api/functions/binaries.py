"""Driver binaries and their reference counts."""

from __future__ import annotations

from dmc.base.types import BINARY, INTEGER_TYPES, VOID, Type
from dmc.driver_api.api_function import ApiFunction, Loose
from dmc.driver_api.contexts import EVERYWHERE

_COUNT = INTEGER_TYPES["ErlDrvSInt"]
_SIZE = Loose("size")


def _entry(
    name: str, result: Type, parameters: tuple[Type | Loose, ...], summary: str, since: str = "R7B"
) -> ApiFunction:
    return ApiFunction(
        name=name,
        result=result,
        parameters=parameters,
        contexts=EVERYWHERE,
        since=since,
        until="",
        port_argument=None,
        summary=summary,
        source=f"erl_driver(3) {name}",
    )


FUNCTIONS = (
    _entry("driver_alloc_binary", BINARY, (_SIZE,), "a new binary with one reference, the driver's, or NULL"),
    _entry(
        "driver_realloc_binary",
        BINARY,
        (BINARY, _SIZE),
        "the binary with another size, perhaps elsewhere; only with one reference",
    ),
    _entry("driver_free_binary", VOID, (BINARY,), "gives one reference back; the last one frees the binary"),
    _entry("driver_binary_inc_refc", _COUNT, (BINARY,), "takes one more reference; gives the count", "R11B"),
    _entry(
        "driver_binary_dec_refc",
        _COUNT,
        (BINARY,),
        "gives one reference back that is not the last, and gives the count; never frees",
        "R11B",
    ),
    _entry("driver_binary_get_refc", _COUNT, (BINARY,), "the number of references that there are", "R11B"),
)
