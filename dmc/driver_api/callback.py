"""The callbacks of `ErlDrvEntry`: what a driver's function of that name is called with."""

from __future__ import annotations

from dataclasses import dataclass

from dmc.base.types import Type


@dataclass(frozen=True)
class DriverData:
    """The parameter or result that is the driver's own data: a pointer to the struct `start` returns."""


@dataclass(frozen=True)
class AsyncData:
    """The parameter that is the data of a job: a pointer to any struct."""


@dataclass(frozen=True)
class Callback:
    """A callback; trailing parameters may be left out. `supported` is False for "not in this version"."""

    name: str
    result: Type | DriverData
    parameters: tuple[Type | DriverData | AsyncData, ...]
    since: str
    until: str
    supported: bool
    summary: str
