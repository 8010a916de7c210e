"""`/fluxbot …` comment text → a command."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

LONGEST: Final = 1_000
"""Characters of a command's line that are read."""

_NAME = "/fluxbot"
# Where Markdown ends a line; ``str.splitlines`` knows some ten places more.
_LINE_END = re.compile(r"\r\n?|\n")
_INDENTED = re.compile(r" {4}| {0,3}\t")


class Verb(StrEnum):
    """What can be asked for."""

    EXPLAIN = "explain"
    ORDER = "order"
    IMPACT = "impact"
    FIX = "fix"
    RECHECK = "recheck"
    IGNORE = "ignore"
    HELP = "help"

    @property
    def decides(self) -> bool:
        """Whether it changes what fluxbot does, so that only those who may write here can give it."""
        return self in (Verb.FIX, Verb.RECHECK, Verb.IGNORE)


@dataclass(frozen=True, slots=True)
class Command:
    """What somebody asks for. ``unknown`` is the word that is no command, where HELP answers one."""

    verb: Verb
    arguments: tuple[str, ...] = ()
    unknown: str = ""


def command(text: str) -> Command | None:
    """The command that the first line of a comment gives; None where it gives none.

    A quote (``>``), a code block and a line indented by four columns is no
    command. Names may stand in backticks, as fluxbot's own messages have them.
    """
    line = next((line for line in _LINE_END.split(text) if line.strip()), "")[:LONGEST]
    name, *words = line.replace("`", " ").split() or [""]
    if name.lower() != _NAME or _INDENTED.match(line) or "```" in line or line.lstrip().startswith("`"):
        return None
    if not words:
        return Command(Verb.HELP)
    try:
        return Command(Verb(words[0].lower()), tuple(words[1:]))
    except ValueError:
        return Command(Verb.HELP, unknown=words[0])
