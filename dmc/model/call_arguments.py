"""Arguments of calls, whatever is called: how many there are, and how to speak of one."""

from __future__ import annotations

from dmc.model.environment import SIZE, Env
from dmc.syntax import ast


def arguments_only(node: ast.Call, env: Env) -> None:
    """Look at the arguments of a call that has no meaning, for mistakes that are not part of it."""
    for argument in node.arguments:
        is_word = isinstance(argument, ast.Name) and env.scope.find(argument.text) is None
        if not is_word and not isinstance(argument, ast.TupleValue):
            env.expression(argument, SIZE)


def check_count(node: ast.Call, name: str, least: int, most: int, env: Env) -> bool:
    """Report a wrong number of arguments."""
    given = len(node.arguments)
    if least <= given <= most:
        return True
    wanted = f"{most}" if least == most else f"{least} to {most}"
    plural = "argument" if wanted == "1" else "arguments"
    env.report("E303", f"`{name}` takes {wanted} {plural}, and here are {given}", node.span)
    return False


def ordinal(index: int) -> str:
    """`first` for 0."""
    words = ("first", "second", "third", "fourth", "fifth", "sixth")
    return words[index] if index < len(words) else f"{index + 1}th"
