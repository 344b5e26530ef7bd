"""Random drivers about lengths: of commands, of fields that keep them or add them up, of the IO queue.

The ranges are small, so that all values can be tried, and the same model can be searched with what is chosen
as data. Of half of the models the lengths are only compared, so that they have classes.
"""

from __future__ import annotations

import random

FRAME = """\
driver lengths {{
    struct Port {{ ErlDrvPort port; long last = 0; long sum = 0; int flag in 0..1 = 0; }};

    Port *start(ErlDrvPort port) {{
        Port *d = driver_alloc(sizeof(Port));
        d->port = port;
        return d;
    }}

    void output(Port *d, char *buf, ErlDrvSizeT len) {{
{output}
    }}
{control}
    void flush(Port *d) {{ driver_deq(d->port, driver_sizeq(d->port)); }}
    void stop(Port *d)  {{ {freeing} }}
}}

scenario some_commands {{
    schedulers = 1;
    locking = port;
    process owner[{owners}] {{
        port p = open_port(lengths);
{commands}
        port_close(p);
    }}
}}
{claims}
"""


def random_driver(seed: int) -> str:
    """The text of a model."""
    return _Maker(random.Random(seed)).model()


class _Maker:
    """Writes one model."""

    def __init__(self, chance: random.Random):
        self.chance = chance
        self.compared = chance.random() < 0.5
        self.owners = chance.choice((1, 1, 1, 1, 2))

    def model(self) -> str:
        commands = ["        port_command(p, bytes(choose(0..{})));"] * self.chance.randint(
            1, 3 - self.owners
        )
        with_control = self.chance.random() < 0.4
        if with_control:
            commands.append("        upto 1 port_control(p, 7, bytes(choose(0..{})));")
        control = (
            "    ErlDrvSSizeT control(Port *d, unsigned command, char *buf, ErlDrvSizeT len) {\n"
            f"{self._body(2)}\n        return 0;\n    }}"
            if with_control
            else ""
        )
        claims = []
        if self.chance.random() < 0.5:
            claims.append(f"reachable comes: exists (port p) p.queue == {self.chance.randint(0, 4)};")
        return FRAME.format(
            output=self._body(3),
            control=control,
            freeing="driver_free(d);" if self.chance.random() < 0.7 else "if (d->flag == 0) driver_free(d);",
            owners=self.owners,
            commands="\n".join(c.format(self.chance.randint(2, 5)) for c in commands),
            claims="\n".join(claims),
        )

    def _body(self, most: int) -> str:
        lines = ["        long n = len;"]
        for _ in range(self.chance.randint(1, most)):
            lines += self._statement(2)
        return "\n".join(lines)

    def _statement(self, depth: int) -> list[str]:
        pad = "    " * depth
        kind = self.chance.random()
        if kind < 0.2:
            return [f"{pad}d->last = {self.chance.choice(('n', 'len', '2'))};"]
        if kind < 0.35 and depth < 4:
            lines = [f"{pad}if ({self._condition(self.chance.choice(('n', 'd->last')))}) {{"]
            lines += self._statement(depth + 1)
            if self.chance.random() < 0.5:
                lines += [f"{pad}}} else {{", *self._statement(depth + 1)]
            return [*lines, f"{pad}}}"]
        if kind < 0.45:
            return [f"{pad}assert({self._condition(self.chance.choice(('n', 'd->last')))});"]
        if kind < 0.5:
            return [f"{pad}assume({self._condition('n')});"]
        if kind < 0.6:
            return [f"{pad}d->flag = {self._condition('n')} ? 1 : 0;"]
        if kind < 0.65:
            return [f"{pad}n = {self._condition('d->last')} ? n : d->last;"]
        if self.compared:
            return [f"{pad}n = d->last;"]
        if kind < 0.72:
            return [f"{pad}d->sum += n;"]
        if kind < 0.79:
            return [f"{pad}driver_enq(d->port, buf, n >= 0 && n < 9 ? n : 1);"]
        if kind < 0.86:
            return [f"{pad}driver_deq(d->port, choose(0..3));"]
        if kind < 0.93:
            return [f"{pad}while (n > 2) {{ n -= 2; }}"]
        relation = self.chance.choice(("<", "!="))
        return [f"{pad}assert(driver_sizeq(d->port) {relation} n + {self.chance.randint(0, 3)});"]

    def _condition(self, name: str) -> str:
        number = self.chance.randint(0, 5)
        kind = self.chance.random()
        if kind < 0.25:
            return f"{name} % {self.chance.choice((2, 3))} == {self.chance.randint(0, 1)}"
        if kind < 0.4:
            return f"({name} & {self.chance.choice((1, 2, 5))}) != 0"
        relation = self.chance.choice(("<", "<=", ">", ">=", "==", "!="))
        one = f"{name} {relation} {number}"
        return f"{one} || {name} == {self.chance.randint(0, 5)}" if kind > 0.85 else one
