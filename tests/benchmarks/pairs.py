"""The pairs that are measured: one system, written for `dmc` and for SPIN."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
MODELS = HERE.parents[1] / "models"


@dataclass(frozen=True)
class Pair:
    """`axes` choose a run of the model; `defines` choose the same for SPIN.

    `states` and `transitions` are how many there are without reductions.
    """

    name: str
    model: Path
    promela: Path
    states: int
    transitions: int
    axes: dict[str, str] = field(default_factory=dict)
    defines: dict[str, int] = field(default_factory=dict)


def anchor(
    name: str, ports: int, jobs: int, threads: int, schedulers: int, lock: str, states: int, transitions: int
) -> Pair:
    """A size of the anchor, all of it in order: jobs are cancelled, stop waits, nothing is forgotten."""
    axes = {"P": ports, "J": jobs, "A": threads, "S": schedulers}
    return Pair(
        name=f"anchor {name}",
        model=MODELS / "benchmarks" / "anchor.dmc",
        promela=HERE / "anchor.pml",
        states=states,
        transitions=transitions,
        axes={
            **{axis: str(value) for axis, value in axes.items()},
            "lock": f"of_{lock}",
            "cancel": "true",
            "wait": "true",
            "bug": "false",
        },
        defines={**axes, "PORT_LOCK": int(lock == "port"), "CANCEL": 1, "WAIT": 1, "BUG": 0},
    )


PAIRS = {
    "tiny": anchor("tiny", 2, 1, 2, 2, "port", 18_193, 57_826),
    "A": anchor("A", 2, 2, 2, 2, "port", 459_296, 1_739_280),
    "B": anchor("B", 2, 3, 2, 2, "driver", 2_869_632, 10_736_880),
    "C": anchor("C", 2, 3, 2, 2, "port", 5_441_544, 22_203_888),
    "D": anchor("D", 3, 2, 1, 2, "driver", 26_877_682, 103_247_697),
    "E": anchor("E", 2, 4, 2, 2, "port", 42_778_546, 180_985_636),
}
"""From small to large; `E` needs 7 GB for SPIN."""
