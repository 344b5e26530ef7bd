"""`python -m tests.counts.regenerate` pins the counts anew: read what changed before it is committed."""

from __future__ import annotations

from tests.counts.counting import MODELS, TABLE, counted, written


def main() -> None:
    """Search every model and write the table."""
    TABLE.write_text(written({name: counted(name) for name in MODELS}), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
