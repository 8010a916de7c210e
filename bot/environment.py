"""Where settings are written: the environment, a ``.env`` file, and a file beside each secret."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Final, TypeVar

from bot.ports import BadQuestion

_Value = TypeVar("_Value")
_LINE: Final = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")
_LARGEST_SECRET: Final = 64 * 1024


class BadSettings(BadQuestion):
    """Settings that cannot be used; ``problems`` has one line for each mistake."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(" · ".join(problems))
        self.problems = problems


class Reader:
    """Reads settings and collects what is wrong with them."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.problems: list[str] = []

    def names(self) -> Collection[str]:
        """Everything that is set, whether it is a setting or not."""
        return self._values.keys()

    def read(self, name: str, parse: Callable[[str], _Value], *, needed: bool = False) -> _Value | None:
        """The setting; None where it is not set or wrong. ``parse`` raises ValueError with what is wrong."""
        return self._parsed(name, self._values.get(name, "").strip(), parse, needed=needed)

    def secret(self, name: str, parse: Callable[[str], _Value], *, needed: bool = False) -> _Value | None:
        """The same, or the text of the file that ``name``_FILE names, which others must not read."""
        file = self._values.get(f"{name}_FILE", "").strip()
        if not file:
            return self.read(name, parse, needed=needed)
        if self._values.get(name, "").strip():
            self.problems.append(f"{name} and {name}_FILE are both set; set one")
            return None
        try:
            text = _content(Path(file))
        except ValueError as problem:
            self.problems.append(f"{name}_FILE: {file} {problem}")
            return None
        return self._parsed(name, text.strip(), parse, needed=True)

    def _parsed(self, name: str, text: str, parse: Callable[[str], _Value], *, needed: bool) -> _Value | None:
        if not text:
            if needed:
                self.problems.append(f"{name} is not set")
            return None
        try:
            return parse(text)
        except ValueError as problem:
            self.problems.append(f"{name} {problem}")
            return None


def _content(path: Path) -> str:
    """The text of a secret's file. Raise ValueError with what is wrong with it."""
    try:
        # Not to wait for whoever writes into a pipe.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(handle, "rb") as file:  # noqa: PTH123 - Path cannot open a handle
            facts = os.fstat(handle)  # of what is read, wherever links led
            if not stat.S_ISREG(facts.st_mode):
                raise ValueError("is no file")
            if (exposed := _exposed(facts)) is not None:
                raise ValueError(exposed)
            return file.read(_LARGEST_SECRET).decode()
    except OSError as problem:
        raise ValueError(f"cannot be read: {problem.strerror}") from problem
    except UnicodeDecodeError:
        raise ValueError("is not text") from None


def _exposed(facts: os.stat_result) -> str | None:
    """Why a file with a secret cannot be trusted; None where it can.

    A group may read what root gave it to read: so Kubernetes mounts a Secret
    for a pod with an ``fsGroup``, and systemd a credential.
    """
    we = os.geteuid()
    if we and facts.st_uid not in (0, we):
        return f"belongs to another user (uid {facts.st_uid}); it must be fluxbot's or root's"
    given_by_root = we != 0 and facts.st_uid == 0
    closed = stat.S_IRWXO | (stat.S_IWGRP | stat.S_IXGRP if given_by_root else stat.S_IRWXG)
    if facts.st_mode & closed:
        return f"may be read by others (mode {stat.S_IMODE(facts.st_mode):o}); make it 600"
    return None


def dotenv(path: Path, secrets: Collection[str]) -> dict[str, str]:
    """The settings of a ``.env`` file: ``NAME=value`` a line, quotes around the value or not, ``#`` for comments.

    A file that holds one of ``secrets`` must be closed to others. Raise BadSettings.
    """
    try:
        with path.open("rb") as file:
            facts, text = os.fstat(file.fileno()), file.read().decode()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError):
        raise BadSettings((f"{path.name} cannot be read",)) from None
    found, problems = {}, []
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        match = _LINE.fullmatch(bare)
        if match:
            found[match[1]] = _unquoted(match[2])
        elif bare and not bare.startswith("#"):
            problems.append(f"{path.name}:{number} is not NAME=value")
    held = next((name for name in secrets if found.get(name)), None)
    if held and (exposed := _exposed(facts)) is not None:
        problems.append(f"{path.name} holds {held} and {exposed}")
    if problems:
        raise BadSettings(tuple(problems))
    return found


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return text.partition(" #")[0].rstrip()
