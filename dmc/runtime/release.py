"""Erlang/OTP releases, the two builds of the emulator, and the order that windows of behaviour refer to.

A name may mean one release (`R12B-5`, `17.5`) or a family (`R12B`, `17`). How a family is read depends on
where it stands:

* alone it means the newest release of the family that was read in source (`R12B` is R12B-5, `R13B` is R13B04,
  `25` is 25.2.3): whoever names a family rarely means its first, unpatched release;
* as the low end of a range it means its first release, as the high end its last.

`R13B` is awkward: OTP used it both for the family and for the family's first release. Alone it is the family;
the first release is written `R13B00` here (and `R12B-0`, `17.0`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum

_OLD = re.compile(r"r(\d+)([a-c])(?:(-)?(\d+)(?:-(\d+))?)?", re.IGNORECASE | re.ASCII)
_NEW = re.compile(r"(?:otp[-_ ]?)?(\d+(?:\.\d+)*)", re.IGNORECASE | re.ASCII)
_LETTERS = "abc"


class Build(Enum):
    """How the emulator was built: with several scheduler threads or with one emulator thread."""

    SMP = "smp"
    NON_SMP = "nosmp"


@dataclass(frozen=True)
class Refusal:
    """Why something asked for does not exist, with names that may have been meant."""

    reason: str
    near_misses: tuple[str, ...] = ()


@dataclass(frozen=True, order=True)
class Release:
    """One release; ordered by age, whatever the numbering scheme of its time.

    `key` is the number, the letter (0 without one) and the sub-numbers without trailing zeros, so that `17.0`
    and `17.0.0` are equal; `text` is the way OTP wrote it and takes no part in comparisons.
    """

    key: tuple[int, ...]
    text: str = field(compare=False)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class ReleaseName:
    """What a name covers: equal ends for a single release, the whole family otherwise.

    `newest_read` is the release that the name means when it stands alone.
    """

    text: str
    first: Release
    last: Release
    newest_read: Release

    @property
    def is_family(self) -> bool:
        """Whether the name stands for more than one release."""
        return self.first != self.last


@dataclass(frozen=True)
class Family:
    """A row of the table of families: how its releases are numbered, which is last, which was last read."""

    name: str
    number: int
    letter: int
    last: tuple[int, ...]
    newest_read: tuple[int, ...]
    separator: str


def _old(name: str, last: int, newest_read: int, separator: str) -> Family:
    return Family(name, int(name[1:-1]), "ABC".index(name[-1]) + 1, (last,), (newest_read,), separator)


def _new(number: int, last: int, newest_read: tuple[int, ...] | None = None) -> Family:
    return Family(str(number), number, 0, (last,), newest_read or (last,), ".")


FAMILIES: tuple[Family, ...] = (
    _old("R6B", 0, 0, "-"),
    _old("R7B", 4, 0, "-"),
    _old("R8B", 2, 0, "-"),
    _old("R9B", 1, 0, "-"),
    _old("R9C", 2, 0, "-"),
    _old("R10B", 10, 0, "-"),
    _old("R11B", 5, 5, "-"),
    _old("R12B", 6, 5, "-"),
    _old("R13A", 0, 0, ""),
    _old("R13B", 4, 4, ""),
    _old("R14A", 0, 0, ""),
    _old("R14B", 4, 4, ""),
    _old("R15A", 0, 0, ""),
    _old("R15B", 3, 3, ""),
    _old("R16A", 0, 0, ""),
    _old("R16B", 3, 3, ""),
    _new(17, 5),
    _new(18, 3),
    _new(19, 3),
    _new(20, 3),
    _new(21, 3),
    _new(22, 3),
    _new(23, 3),
    _new(24, 3),
    _new(25, 3, (2, 3)),
)
"""All families with a name here, oldest first; R6B only to be refused by name, newer numbers need no row."""

LAST_READ_NUMBER = 25
_BY_KEY = {(family.number, family.letter): family for family in FAMILIES}
_UNBOUNDED = 10**6


def parse_name(text: str) -> ReleaseName | None:
    """The release or family that a name stands for; None if no such release ever was."""
    old = _OLD.fullmatch(text.strip())
    if old is not None:
        return _old_name(old)
    new = _NEW.fullmatch(text.strip())
    return _new_name(new[1]) if new is not None else None


def parse_release(text: str) -> Release | None:
    """One release; a family alone means the newest of its releases that was read in source."""
    name = parse_name(text)
    return name.newest_read if name is not None else None


def release(text: str) -> Release:
    """The release that a table of data names; a family means its first. Fails on a name that is none."""
    name = parse_name(text)
    if name is None:
        raise ValueError(f"no such release: {text}")
    return name.first


def known_names() -> tuple[str, ...]:
    """The names worth proposing to someone who misspelt one: each family and its releases."""
    names: list[str] = []
    for family in FAMILIES[1:]:
        names.append(family.name)
        names += [text for sub in _listed(family) if (text := _text(family, sub)) not in names]
    return tuple(names)


def _listed(family: Family) -> list[tuple[int, ...]]:
    return [(number,) for number in range(family.last[0] + 1)]


def _text(family: Family, sub: tuple[int, ...]) -> str:
    if family.last == (0,):
        return family.name
    head, *rest = sub or (0,)
    if family.separator == ".":
        return ".".join(str(part) for part in (family.number, head, *rest))
    number = f"{head:02}" if not family.separator else str(head)
    return "-".join([f"{family.name}{family.separator}{number}", *(str(part) for part in rest)])


def _release(family: Family, sub: tuple[int, ...]) -> Release:
    while sub and sub[-1] == 0:
        sub = sub[:-1]
    return Release((family.number, family.letter, *sub), _text(family, sub))


def _whole(family: Family) -> ReleaseName:
    first = _release(family, ())
    last = _release(family, family.last)
    return ReleaseName(family.name, first, last, _release(family, family.newest_read))


def _single(family: Family, sub: tuple[int, ...]) -> ReleaseName | None:
    if sub[0] > family.last[0]:
        return None
    one = _release(family, sub)
    return ReleaseName(one.text, one, one, one)


def _old_name(match: re.Match[str]) -> ReleaseName | None:
    number, letter, dash, sub, patch = match.groups()
    family = _BY_KEY.get((int(number), _LETTERS.index(letter.lower()) + 1))
    if family is None:
        return None
    if sub is None:
        return _whole(family)
    if (dash or "") != family.separator or (not dash and len(sub) != 2):
        return None
    return _single(family, (int(sub), int(patch or 0)))


def _new_name(digits: str) -> ReleaseName | None:
    number, *sub = (int(part) for part in digits.split("."))
    family = _BY_KEY.get((number, 0))
    if family is None and number > LAST_READ_NUMBER:
        family = Family(str(number), number, 0, (_UNBOUNDED,), (0,), ".")
    if family is None:
        return None
    return _single(family, tuple(sub)) if sub else _whole(family)
