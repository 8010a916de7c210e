"""Linux's namespaces: a network without devices, and a family of processes that ends with its first."""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from functools import cache

from bot.ports import Unreachable
from bot.render.libc import checked, libc

_NETWORK, _MESSAGES, _NAMES, _PROCESSES = 0x40000000, 0x08000000, 0x04000000, 0x20000000
_SET_BOUND = 24
_COMPLAINT = b"unshare: "
_READ_SEARCH = 2
# More than there are: the kernel refuses the first that it does not know.
_CAPABILITIES = 64


class Way(Enum):
    """How a process comes into namespaces of its own."""

    THREAD = "entered by the thread that starts it"
    COMMAND = "entered by the command unshare"
    NONE = "not at all"


@cache
def way() -> Way:
    """What this machine allows, found by trying."""
    if sys.platform != "linux":
        return Way.NONE
    with ThreadPoolExecutor(max_workers=1) as spent:
        try:
            spent.submit(_leave).result()
        except OSError:
            return Way.COMMAND if _works(command()) else Way.NONE
    return Way.THREAD


def enter() -> None:
    """Bring what this thread starts from now on into namespaces of its own, where it may enter them, without powers.

    The first process of the new family is 1 there, and all others die with it. Costs less than half of the command.
    Raise Unreachable where there was a way and is none any more.
    """
    if way() is Way.THREAD:
        try:
            _leave()
        except OSError as problem:
            raise Unreachable(f"a build cannot be started apart: {problem.strerror}") from problem
    _give_up_powers()


@cache
def command() -> tuple[str, ...]:
    """What starts a program in namespaces, for those who are not root; a process with threads cannot enter them.

    Nobody is mapped: that would take a file to be written, which Landlock forbids. Its family of processes is the old
    one, because a new one would take a second process.
    """
    unshare = shutil.which("unshare", path="/usr/bin:/bin:/usr/sbin:/sbin")
    return (unshare, "--user", "--net", "--ipc", "--uts", "--") if unshare else ()


def entrance() -> tuple[str, ...]:
    """The command's beginning where one is needed, else nothing."""
    return command() if way() is Way.COMMAND else ()


def check_entrance(code: int, complaint: bytes) -> None:
    """Raise Unreachable where not the program ended so but the command before it."""
    if code and entrance() and complaint.startswith(_COMPLAINT):
        raise Unreachable("a build cannot be started apart: unshare failed")


def _leave() -> None:
    checked(libc().unshare(_NETWORK | _MESSAGES | _NAMES | _PROCESSES), "namespaces")


def _give_up_powers() -> None:
    """Set the bound up to which a process of root's gets powers when it begins. Who may not do that has none to give.

    To read what belongs to others is left, because fluxbot may be installed in a user's closed home; Landlock limits
    what that is worth.
    """
    if sys.platform == "linux":
        for capability in range(_CAPABILITIES):
            if capability != _READ_SEARCH and libc().prctl(_SET_BOUND, capability, 0, 0, 0):
                return


def _works(entering: tuple[str, ...]) -> bool:
    if not entering:
        return False
    tried = subprocess.run((*entering, "/bin/sh", "-c", ":"), capture_output=True, check=False)
    return tried.returncode == 0
