"""Codes about releases and proposed runtimes, as (code, title, explanation): part of `MODEL_CODES`."""

from __future__ import annotations

RELEASE_CODES: tuple[tuple[str, str, str], ...] = (
    (
        "E501",
        "no such release",
        "A runtime is a release (`R12B-5`, `17.5`, `otp25`), a preset (`r13smp`), or a range of them"
        " (`R12B..`).",
    ),
    (
        "E502",
        "a function that a release lacks",
        "The model calls a function that does not exist on one of the releases that it names. On those it"
        " is not-applicable; if no release is left, this is an error.",
    ),
    (
        "E503",
        "an unknown variation point",
        "A proposed runtime changes variation points: the questions that releases answer differently. Their"
        " names are those of the pages in `specs/runtime`.",
    ),
    (
        "E504",
        "a variation point without a value that it can have",
        "Each point has a few values, each a way in which some release behaves; a proposed runtime gives"
        " one of them to each point that it changes, and it changes at least one.",
    ),
    (
        "E505",
        "runtimes that extend each other",
        "A proposed runtime is a release or preset with some points changed, or another proposed one; at"
        " the bottom there must be a release.",
    ),
    (
        "E506",
        "values of variation points that do not go together",
        "Some points depend on each other: there is no async thread that waits for a lock where there are"
        " none. Change the other point, too.",
    ),
    (
        "E590",
        "a variation point that is not in this version",
        "It governs a feature that is not in this version: a runtime with another value there would behave"
        " like the one that it extends, and a green would say nothing.",
    ),
)
