"""`dmc`: which commands there are. Nothing of a command is imported before it is called."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from dmc.cli.exit import guard
from dmc.cli.near_miss import did_you_mean

COMMANDS = {
    "check": "Search every interleaving of a model and give a verdict for each property.",
    "test": "Check what models expect of themselves, and show only the differences.",
    "matrix": "Show each property on each release, and what flips a verdict from one to the next.",
    "coverage": "Show what the runs of a model put to use: callbacks, lines, properties.",
    "why": "Say which steps of a violation matter, and which order is missing.",
    "why-not": "Say what keeps a situation from happening, or show a run into it.",
    "bisect": "Find the first bad and the first good release of a property, and what turns it.",
    "diff": "Show what two runtimes answer differently: verdicts, and what happens on one side only.",
    "compare": "Compare two JSON results: which verdicts changed.",
    "rules": "List the rules, or those that apply to a model.",
    "explain": "Show the page of a rule, or what a diagnostic code means.",
    "simulate": "Follow one random run of a model.",
    "replay": "Run a violation of a JSON result again and print it.",
    "dump": "Print a model as one of the stages between text and search.",
    "fmt": "Rewrite models in the one layout.",
}


COLLECTOR_THRESHOLD = (100_000, 50, 50)
"""Nothing here makes garbage in cycles in any number, and to look for it takes a tenth of a small check."""


def _module(command: str) -> str:
    return f"dmc.cli.commands.{command.replace('-', '_')}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the return value is the exit code."""
    gc.set_threshold(*COLLECTOR_THRESHOLD)
    return guard(lambda: _invoke(arguments))


class LazyGroup(click.Group):
    """Knows its commands by name, and loads one only to run it or to show its own help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(_module(cmd_name)).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As in click, with the near miss for a name that does not exist."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            message = f"there is no command `{args[0]}`{did_you_mean(args[0], COMMANDS)}"
            raise click.UsageError(message, ctx)
        return super().resolve_command(ctx, args)


def _show_version(ctx: click.Context, _option: click.Parameter, asked: bool) -> None:
    if asked:
        from importlib.metadata import PackageNotFoundError, version

        try:
            click.echo(f"dmc {version('dmc')}")
        except PackageNotFoundError:
            click.echo("dmc, not installed: run from its source")
        ctx.exit(0)


@click.group(
    cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
@click.option("--isolated", is_flag=True, help="Read no dmc.toml and no pyproject.toml.")
@click.pass_context
def cli(ctx: click.Context, isolated: bool) -> int:
    """A model checker for Erlang linked-in driver protocols.

    You write the driver and a scenario; the scheduler, the locks, the async pool and every rule of every
    release are built in. A first step: dmc check FILE.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), err=True)
        return 2
    if not isolated:
        ctx.default_map = {ctx.invoked_subcommand: _configured(ctx.invoked_subcommand)}
    return 0


def _configured(name: str) -> dict[str, Any]:
    """What a configuration file gives as defaults to the command."""
    from pathlib import Path

    from dmc.cli.configuration import configuration

    found = configuration(Path.cwd(), COMMANDS)
    if not found.path:
        return {}
    for other in found.commands:
        found.of(other, _options(other))
    return {p.name: _given(p, value) for p, value in found.of(name, _options(name)).items() if p.name}


def _options(name: str) -> dict[str, click.Parameter]:
    """The options of a command by their long names without dashes."""
    command: click.Command = import_module(_module(name)).command
    return {
        opt.removeprefix("--"): parameter
        for parameter in command.params
        for opt in parameter.opts
        if opt.startswith("--")
    }


def _given(parameter: click.Parameter, value: Any) -> Any:
    """The value as it would stand on a command line; what may be repeated stays a list."""
    if getattr(parameter, "multiple", False):
        return value if isinstance(value, list) else [str(value)]
    if isinstance(value, list):
        return ",".join(value)
    return value if isinstance(value, bool) else str(value)


def _invoke(arguments: Sequence[str] | None) -> int:
    given = None if arguments is None else list(arguments)
    result: Any = cli.main(given, prog_name="dmc", standalone_mode=False)
    return result if isinstance(result, int) else 0
