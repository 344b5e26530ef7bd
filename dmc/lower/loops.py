"""The loops of a program graph: where they are left, and what decides that."""

from __future__ import annotations

from dmc.ir.expr import Place, Read, Register, Var
from dmc.ir.program import Branch, Choice, End, Label, Local, Node, Op
from dmc.ir.walk import nodes


class Loops:
    """Every cycle of a graph passes through a label, since graphs are built from the end."""

    def __init__(self, start: Node, end: Label) -> None:
        self._end = end
        self._edges: dict[int, list[Node]] = {}
        self._known: dict[int, Node] = {}
        self._before: dict[int, set[int]] = {}
        self._collect(start)
        self.exits: set[int] = set()
        """The branches at which a loop can be left."""
        for node in list(self._known.values()):
            if isinstance(node, Label):
                self._look_at(node)
        self.counters: frozenset[Place] = self._read_at_exits()
        """The locals that these branches read."""

    def _collect(self, start: Node) -> None:
        queue = [start]
        while queue:
            node = queue.pop()
            if id(node) in self._known:
                continue
            self._known[id(node)] = node
            following = [] if node is self._end else successors(node)
            self._edges[id(node)] = following
            for one in following:
                self._before.setdefault(id(one), set()).add(id(node))
            queue += following

    def _look_at(self, head: Label) -> None:
        """The loop of a label: all that leads back to it without passing through it."""
        inside = {id(head)}
        reachable = self._from(head)
        queue = [one for one in self._before.get(id(head), ()) if one in reachable]
        if not queue:
            return
        while queue:
            number = queue.pop()
            if number not in inside:
                inside.add(number)
                queue += [one for one in self._before.get(number, ()) if one in reachable]
        for number in inside:
            node = self._known[number]
            if isinstance(node, Branch) and any(id(one) not in inside for one in self._edges[number]):
                self.exits.add(number)

    def _from(self, head: Node) -> set[int]:
        reached: set[int] = set()
        queue = list(self._edges[id(head)])
        while queue:
            node = queue.pop()
            if id(node) not in reached:
                reached.add(id(node))
                queue += self._edges[id(node)]
        return reached

    def _read_at_exits(self) -> frozenset[Place]:
        found: set[Place] = set()
        for number in self.exits:
            branch = self._known[number]
            assert isinstance(branch, Branch)
            for part in nodes((branch.condition,)):
                if isinstance(part, Read) and isinstance(part.place, Register | Var):
                    found.add(part.place)
        return frozenset(found)


def successors(node: Node) -> list[Node]:
    """What can come next."""
    match node:
        case Op(next=following) | Local(next=following):
            return [following]
        case Branch(then=then, otherwise=otherwise):
            return [then, otherwise]
        case Choice(options=options):
            return list(options)
        case Label(target=target):
            return [] if target is None else [target]
        case End():
            return []
