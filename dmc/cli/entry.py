"""Where the program begins and ends: an interrupt is answered from the first import to the last byte."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress

INTERRUPTED = 3


def run() -> int:
    """The command line of this process; does not come back if it was interrupted.

    The interpreter would end with the signal's own status after an interrupt that it saw inside of code
    made at run time, even one that was caught; so the process ends here.
    """
    seen = _Interrupts()
    code = INTERRUPTED
    with suppress(KeyboardInterrupt):
        try:
            from dmc.cli.main import main

            code = main()
            seen.leaving = True
        except KeyboardInterrupt:
            seen.leaving = True
            sys.stderr.write("dmc: interrupted before there was a result\n")
    if seen.any:
        _leave(code)
    return code


class _Interrupts:
    """Whether there was an interrupt; it still raises `KeyboardInterrupt`, but not on the way out."""

    def __init__(self) -> None:
        self.any = False
        self.leaving = False
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # else it is to be ignored
            with suppress(ValueError):  # in a thread that is not the main one: nobody interrupts it
                signal.signal(signal.SIGINT, self._note)

    def _note(self, number: int, frame: object) -> None:
        self.any = True
        if not self.leaving:
            raise KeyboardInterrupt


def _leave(code: int) -> None:
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)
