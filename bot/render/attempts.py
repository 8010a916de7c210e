"""The program that tries the walls of the cell from inside, for ``fluxbot doctor``.

Its arguments are a file outside of the room and a port of this machine where
somebody listens. It prints what it could do, a word a line: it was kept from
all that is missing. It imports nothing of fluxbot.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, SOCK_STREAM, socket


def main() -> None:
    """Try everything; last, to become another program."""
    outside, port = sys.argv[1], int(sys.argv[2])
    attempts: dict[str, Callable[[], object]] = {
        "read": Path(outside).read_bytes,
        "make": lambda: Path(os.environ["HOME"], "made").touch(),
        "write": lambda: Path(os.environ["HOME"], "written").write_bytes(b"x"),
        "power": lambda: os.chroot("/"),
        "fork": _forked,
        "socket": lambda: socket(AF_INET, SOCK_DGRAM),
        "send": lambda: socket(AF_INET, SOCK_DGRAM).sendto(b"", ("127.0.0.1", port)),
        "connect": lambda: socket(AF_INET, SOCK_STREAM).connect(("127.0.0.1", port)),
    }
    for name, attempt in attempts.items():
        with suppress(OSError):
            attempt()
            _tell(name)
    with suppress(OSError):
        _tell(f"namespace {Path('/proc/self/ns/net').readlink()}")
    _tell("tried")
    with suppress(OSError):
        os.execv("/bin/sh", ["sh", "-c", "echo exec"])  # noqa: S606  # whether this can be done is the question


def _tell(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def _forked() -> None:
    if os.fork() == 0:
        os._exit(0)
    os.wait()


if __name__ == "__main__":
    main()
