"""Random models about integers: threads that choose, compute, compare, wait and assert.

The ranges are small, so that all values can be tried, and the same model can be searched with what is chosen
as data. No value leaves what a cell of the explicit search can hold.
"""

from __future__ import annotations

import random

FRAME = """\
struct Room {{ int n in 0..4000; }};
enum Mode {{ IDLE, BUSY }};
{shared}

scenario numbers {{
{threads}
}}

{claims}
"""


def random_model(seed: int) -> str:
    """The text of a model."""
    return _Maker(random.Random(seed)).model()


class _Maker:
    """Writes one model."""

    def __init__(self, chance: random.Random):
        self.chance = chance
        self.shared = ["a", "b"][: chance.randint(1, 2)]
        self.locals: list[str] = []
        self.indent = 2

    def model(self) -> str:
        shared = [
            f"atomic int {name}{self._constraint(name)} = {self.chance.randint(0, 3)};"
            for name in self.shared
        ]
        shared.append("atomic int mode in 0..1 = 0;")
        threads = [self._thread(f"t{n}") for n in range(self.chance.choice((1, 2, 2)))]
        claims = [f"invariant small: {self._condition(self.shared)};"] if self.chance.random() < 0.5 else []
        if self.chance.random() < 0.5:
            claims.append(f"reachable meets: {self._condition(self.shared)};")
        if self.chance.random() < 0.3:
            condition = self._condition(self.shared)
            claims.append(
                f'rule ends "the end is fine" {{ on quiescence {{ assert({condition}, "it is not"); }} }}'
            )
        return FRAME.format(shared="\n".join(shared), threads="\n".join(threads), claims="\n".join(claims))

    def _declaration(self, name: str) -> str:
        return f"atomic int {name}{self._constraint(name)} = {self.chance.randint(0, 3)};"

    def _constraint(self, name: str) -> str:
        if self.chance.random() < 0.3:
            return f" where {name} < {self.chance.randint(5, 30)}"
        return ""

    def _thread(self, name: str) -> str:
        self.locals = []
        lines = [f"    thread {name} {{"]
        for _ in range(self.chance.randint(2, 4)):
            lines += self._statement(self.indent, top=True)
        lines.append("    }")
        return "\n".join(lines)

    def _statement(self, depth: int, top: bool = False) -> list[str]:
        pad = "    " * depth
        kind = self.chance.random()
        if top and (kind < 0.35 or not self.locals):
            name = f"x{len(self.locals)}"
            low = self.chance.randint(-2, 1)
            text = f"{pad}int {name} = choose({low}..{low + self.chance.randint(1, 5)});"
            self.locals.append(name)
            return [text]
        names = [*self.shared, *self.locals]
        if kind < 0.55:
            target = self.chance.choice(names)
            operator = self.chance.choice(("=", "=", "+=", "-="))
            return [f"{pad}{target} {operator} {self._value(names, 2)};"]
        if kind < 0.7 and depth < 4:
            lines = [f"{pad}if ({self._condition(names)}) {{"]
            lines += self._statement(depth + 1)
            if self.chance.random() < 0.5:
                lines.append(f"{pad}}} else {{")
                lines += self._statement(depth + 1)
            return [*lines, f"{pad}}}"]
        if kind < 0.78:
            return [f"{pad}assume({self._condition(names)});"]
        if kind < 0.86:
            return [f'{pad}assert({self._condition(names)}, "it holds");']
        if kind < 0.92:
            return [f"{pad}mode = ({self._value(names, 1)}) % 2 == 0 ? 0 : 1;"]
        # What is chosen in a step of its own is chosen for good; so let it be where there is no such step.
        return [f"{pad}a += 0;", f"{pad}await ({self._condition(self.shared)});"]

    def _value(self, names: list[str], depth: int) -> str:
        kind = self.chance.random()
        if depth == 0 or kind < 0.3:
            return self.chance.choice(names) if self.chance.random() < 0.7 else str(self.chance.randint(0, 6))
        left = self._value(names, depth - 1)
        if kind < 0.65:
            return f"({left} {self.chance.choice('+-')} {self._value(names, depth - 1)})"
        if kind < 0.75:
            return f"({left} * {self.chance.randint(0, 3)})"
        if kind < 0.83:
            return f"({left} {self.chance.choice('/%')} {self.chance.choice((2, 3, 4))})"
        if kind < 0.93:
            return f"({left} {self.chance.choice('&|^')} {self.chance.choice((1, 3, 5, 6))})"
        return f"({left} {self.chance.choice(('<<', '>>'))} {self.chance.randint(0, 2)})"

    def _condition(self, names: list[str]) -> str:
        relation = self.chance.choice(("<", "<=", ">", ">=", "==", "!="))
        one = f"{self._value(names, 1)} {relation} {self._value(names, 1)}"
        if self.chance.random() < 0.2:
            relation = self.chance.choice(("&&", "||"))
            return f"({one}) {relation} ({self._value(names, 1)} < {self.chance.randint(0, 9)})"
        return one
