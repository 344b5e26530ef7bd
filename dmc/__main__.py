"""`python -m dmc`."""

from dmc.cli.entry import run

if __name__ == "__main__":
    raise SystemExit(run())
