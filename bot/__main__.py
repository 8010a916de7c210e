"""``python -m bot`` is ``fluxbot``; so is the command of that name."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from bot.cli import main


def run() -> NoReturn:
    """Run one command and end the process with its status.

    At once: to take a large repository apart, object by object, would take a tenth of the time of its review, and the
    operating system gives the memory back anyway. Nothing is left to be done then: temporary folders and child
    processes belong to blocks that have ended, and what was printed is passed on here.
    """
    try:
        status = main()
        for stream in (sys.stdout, sys.stderr):
            if not stream.closed:
                stream.flush()
    except BrokenPipeError:  # who read it has gone away
        status = 1
    os._exit(status)


if __name__ == "__main__":
    run()
