"""Takes files away from a process: Linux's Landlock, as the kernel's userspace-api/landlock manual describes it.

kustomize runs with LoadRestrictionsNone, as Flux has it, and so opens any
path that a kustomization names. Here it finds nothing outside of its room,
writes nothing at all, and runs nothing but itself.
"""

from __future__ import annotations

import os
import stat
import struct
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import cache

from bot.render.libc import checked, libc

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION = 1
_PATH_BENEATH = 1
_NO_NEW_PRIVILEGES = 38

_EXECUTE, _READ, _LIST = 1 << 0, 1 << 2, 1 << 3
# How many rights on files each version of the interface knows; what is not known cannot be taken away.
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
_RIGHTS_NOW = 16
TCP_SINCE, _TCP = 4, 0b11
# Signals to processes outside, and abstract UNIX sockets of such.
_SCOPES_SINCE, _SCOPES = 6, 0b11

# What the dynamic loader of a program needs, and the loaders themselves, which the kernel runs as part of a program.
_SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", os.devnull)
_LOADERS = (
    "/lib64/ld-linux-x86-64.so.2",
    "/lib/ld-linux-aarch64.so.1",
    "/lib/ld-musl-x86_64.so.1",
    "/lib/ld-musl-aarch64.so.1",
)


@cache
def version() -> int:
    """The version of the kernel's interface; 0 where there is none."""
    if sys.platform != "linux":
        return 0
    return max(int(libc().syscall(_CREATE_RULESET, None, 0, _ASK_VERSION)), 0)


def confine(reads: Sequence[str], runs: Sequence[str]) -> None:
    """Leave this thread, and what it starts from now on, the right to read ``reads`` and to run the files ``runs``.

    It cannot be undone. TCP goes too, where the kernel can do that, and signals to others. Without Landlock nothing
    happens.
    """
    known = version()
    if not known:
        return
    rights = (1 << _RIGHTS.get(known, _RIGHTS_NOW)) - 1
    attributes = struct.pack("=Q", rights)
    attributes += struct.pack("=Q", _TCP) if known >= TCP_SINCE else b""
    attributes += struct.pack("=Q", _SCOPES) if known >= _SCOPES_SINCE else b""
    ruleset = _call(_CREATE_RULESET, attributes, len(attributes), 0)
    try:
        for path in (*_SYSTEM, *reads):
            with suppress(FileNotFoundError):
                _allow(ruleset, path, _READ | _LIST)
        for path in (*_LOADERS, *runs):
            with suppress(FileNotFoundError):
                _allow(ruleset, path, _READ | _EXECUTE)
        checked(libc().prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0), "no_new_privs")
        _call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    """Allow what is meant of ``rights`` for a file or for everything in a directory. Raise FileNotFoundError."""
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= ~_LIST
        _call(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, place), 0)
    finally:
        os.close(place)


def _call(number: int, *arguments: int | bytes) -> int:
    return checked(int(libc().syscall(number, *arguments)), f"system call {number}")
