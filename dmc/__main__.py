"""`python -m dmc`."""

from dmc.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
