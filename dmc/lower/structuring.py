"""A piece without loops and choices as statements: what both ways of a decision come to stands after it."""

from __future__ import annotations

from dmc.ir.statement import If, Stmt
from dmc.lower.unrolling import DONE, Do, Done, Piece, Test


def statements_of(piece: Piece) -> tuple[Stmt, ...]:
    """The statements of the piece, in order."""
    return tuple(_emitted(piece, DONE, _joins(piece)))


def _emitted(piece: Piece, stop: Piece, joins: dict[int, Piece]) -> list[Stmt]:
    result: list[Stmt] = []
    while piece is not stop:
        match piece:
            case Do(statements=statements, next=following):
                result += statements
                piece = following
            case Test(condition=condition, then=then, otherwise=otherwise):
                join = joins[id(piece)]
                yes, no = (tuple(_emitted(way, join, joins)) for way in (then, otherwise))
                if yes or no:
                    result.append(If(condition, yes, no))
                piece = join
            case Done():
                break
    return result


def _joins(start: Piece) -> dict[int, Piece]:
    """For each decision the first piece that both ways come to: its immediate postdominator."""
    above: dict[int, Piece] = {}
    depth: dict[int, int] = {id(DONE): 0}
    joins: dict[int, Piece] = {}
    for piece in _from_the_end(start):
        match piece:
            case Do(next=following):
                join = following
            case Test(then=then, otherwise=otherwise):
                join = _meeting(then, otherwise, above, depth)
                joins[id(piece)] = join
            case Done():
                continue
        above[id(piece)] = join
        depth[id(piece)] = depth[id(join)] + 1
    return joins


def _meeting(left: Piece, right: Piece, above: dict[int, Piece], depth: dict[int, int]) -> Piece:
    while left is not right:
        if depth[id(left)] >= depth[id(right)]:
            left = above[id(left)]
        else:
            right = above[id(right)]
    return left


def _from_the_end(start: Piece) -> list[Piece]:
    """All pieces, each after those that follow it."""
    result: list[Piece] = []
    seen: set[int] = set()
    work: list[tuple[Piece, bool]] = [(start, False)]
    while work:
        piece, ready = work.pop()
        if ready:
            result.append(piece)
        elif id(piece) not in seen:
            seen.add(id(piece))
            work.append((piece, True))
            match piece:
                case Do(next=following):
                    work.append((following, False))
                case Test(then=then, otherwise=otherwise):
                    work += [(otherwise, False), (then, False)]
                case Done():
                    pass
    return result
