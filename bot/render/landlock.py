"""Takes files away from a process: Linux's Landlock, as the kernel's userspace-api/landlock manual describes it.

kustomize runs with LoadRestrictionsNone, as Flux has it, and so opens any
path that a kustomization names. Here it finds nothing outside of its room.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import cache

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION = 1
_PATH_BENEATH = 1
_NO_NEW_PRIVILEGES = 38

_EXECUTE, _WRITE, _READ, _LIST = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE = 1 << 14
_OF_FILES = _EXECUTE | _WRITE | _READ | _TRUNCATE
_USE = _EXECUTE | _READ | _LIST
# How many rights on files each version of the interface knows; what is not known cannot be taken away.
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
_RIGHTS_NOW = 16
_TCP_SINCE, _TCP = 4, 0b11

# What the dynamic loader of a program needs.
_SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", os.devnull)


@cache
def version() -> int:
    """The version of the kernel's interface; 0 where there is none."""
    if sys.platform != "linux":
        return 0
    return max(int(_libc().syscall(_CREATE_RULESET, None, 0, _ASK_VERSION)), 0)


def confine(own: str, used: Sequence[str]) -> None:
    """Leave this thread, and what it starts from now on, the directory ``own`` and the right to read and run ``used``.

    It cannot be undone. TCP goes too, where the kernel can do that. Without Landlock nothing happens.
    """
    known = version()
    if not known:
        return
    rights = (1 << _RIGHTS.get(known, _RIGHTS_NOW)) - 1
    attributes = struct.pack("=QQ", rights, _TCP) if known >= _TCP_SINCE else struct.pack("=Q", rights)
    ruleset = _call(_CREATE_RULESET, attributes, len(attributes), 0)
    try:
        _allow(ruleset, own, rights & ~_EXECUTE)
        for path in (*_SYSTEM, *used):
            with suppress(FileNotFoundError):
                _allow(ruleset, path, rights & _USE)
        if _libc().prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "no_new_privs was refused")
        _call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    """Allow what is meant of ``rights`` for a file or for everything in a directory. Raise FileNotFoundError."""
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= _OF_FILES
        _call(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, place), 0)
    finally:
        os.close(place)


def _call(number: int, *arguments: int | bytes) -> int:
    """A system call's result. Raise OSError where it fails."""
    result = int(_libc().syscall(number, *arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), f"system call {number}: {os.strerror(ctypes.get_errno())}")
    return result


@cache
def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return libc
