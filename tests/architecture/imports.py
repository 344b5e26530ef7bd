"""The imports of `dmc`, read from its sources, and the table that says which may be there."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "dmc"


@dataclass(frozen=True)
class Import:
    """One imported module, by its full name; `typing_only` stands under `if TYPE_CHECKING`."""

    importer: str
    imported: str
    line: int
    typing_only: bool

    def __str__(self) -> str:
        return f"{self.importer} imports {self.imported} (line {self.line})"


def table() -> dict[str, Any]:
    """What `layers.toml` says."""
    return tomllib.loads((Path(__file__).parent / "layers.toml").read_text(encoding="utf-8"))


def package_of(module: str) -> str:
    """`model` for `dmc.model.scope`; the last word for a module that stands in `dmc` itself."""
    return module.split(".")[1] if module.count(".") else ""


def sources() -> dict[str, Path]:
    """All modules of `dmc` by name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def imports() -> tuple[Import, ...]:
    """Every import in every module, wherever in it."""
    modules = sources()
    found: list[Import] = []
    for name, path in modules.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node, typing_only in _walk(tree, False):
            for target in _targets(node, modules):
                found.append(Import(name, target, node.lineno, typing_only))
    return tuple(found)


def _walk(node: ast.AST, typing_only: bool) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield node, typing_only
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        for guarded in node.body:
            yield from _walk(guarded, True)
        for other in node.orelse:
            yield from _walk(other, typing_only)
        return
    for child in ast.iter_child_nodes(node):
        yield from _walk(child, typing_only)


def _targets(node: ast.Import | ast.ImportFrom, modules: dict[str, Path]) -> list[str]:
    """`from dmc.package import x` counts as an import of the module x, if it is one."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    assert node.level == 0, f"line {node.lineno}: imports are absolute"
    base = node.module or ""
    inner = [f"{base}.{alias.name}" for alias in node.names]
    return list(dict.fromkeys(name if name in modules else base for name in inner))
