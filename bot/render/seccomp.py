"""Takes system calls away from a process, with Linux's seccomp: sockets, new processes, and ways around the walls.

It needs no privilege, so it stands where namespaces are not to be had, as in
most containers. Numbers and structures are those of the kernel's headers.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from dataclasses import dataclass
from functools import cache

from bot.render.libc import checked, libc

_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_NUMBER, _MACHINE, _FIRST_ARGUMENT = 0, 4, 16
_THREAD = 0x00010000
# CLONE_VM | CLONE_VFORK | SIGCHLD: what vfork is on a machine without a call for it.
_VFORK = 0x4111
_FOREIGN = 0x40000000  # x32 has the numbers of x86-64 with this bit


@dataclass(frozen=True, slots=True)
class _Machine:
    """A processor's name in the kernel's audit, and its numbers of system calls."""

    audit: int
    clone: int
    refused: tuple[int, ...]
    """socket, open_by_handle_at, io_uring_setup, and fork where there is one: refused whatever their arguments."""
    starts_by_clone: bool


_CLONE3 = 435
_MACHINES = {
    "x86_64": _Machine(0xC000003E, 56, (41, 304, 425, 57), starts_by_clone=False),
    "aarch64": _Machine(0xC00000B7, 220, (198, 265, 425), starts_by_clone=True),
}


def filter_calls() -> None:
    """Leave this thread, and what it starts, no socket, and no process of its own but by vfork.

    vfork is how Python starts the program of the cell, so it is left; Go and the C library never use it on x86-64
    (elsewhere Go does, and Landlock leaves it nothing to run). Threads can be started. Where the kernel or the
    processor is not known, nothing happens.
    """
    program = _program()
    if not program:
        return
    buffer = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))
    checked(libc().prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0), "no_new_privs")
    checked(libc().prctl(_SET_SECCOMP, _FILTER, described, 0, 0), "seccomp")


def filters() -> bool:
    """Whether the wall stands on this machine."""
    return bool(_program())


@cache
def _program() -> bytes:
    """The filter as the kernel reads it; empty where it cannot stand."""
    machine = _MACHINES.get(os.uname().machine)
    if sys.platform != "linux" or machine is None or sys.maxsize < 1 << 32 or not _is_known():
        return b""
    no, absent = _REFUSE | errno.EPERM, _REFUSE | errno.ENOSYS
    lines = [
        *((_LOAD, 0, 0, _MACHINE), (_EQUAL, 1, 0, machine.audit), (_RETURN, 0, 0, no)),
        *((_LOAD, 0, 0, _NUMBER), (_AT_LEAST, 0, 1, _FOREIGN), (_RETURN, 0, 0, no)),
    ]
    for number in machine.refused:
        lines += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, no)]
    # Its flags lie in memory, which a filter cannot read; the C library falls back to clone.
    lines += [(_EQUAL, 0, 1, _CLONE3), (_RETURN, 0, 0, absent)]
    lines += [(_EQUAL, 1, 0, machine.clone), (_RETURN, 0, 0, _ALLOW), (_LOAD, 0, 0, _FIRST_ARGUMENT)]
    if machine.starts_by_clone:
        lines += [(_EQUAL, 0, 1, _VFORK), (_RETURN, 0, 0, _ALLOW)]
    lines += [(_ANY_BIT, 0, 1, _THREAD), (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, no)]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def _is_known() -> bool:
    """Whether the kernel takes filters: it then looks at the address, which is none, and says so."""
    libc().prctl(_SET_SECCOMP, _FILTER, None, 0, 0)
    return ctypes.get_errno() == errno.EFAULT
