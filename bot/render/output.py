"""The YAML that a process printed, as documents."""

from __future__ import annotations

import re

from bot.manifest.documents import read
from bot.model.ask import Document, Limit, Refused

_SEPARATOR = re.compile(r"^---(?:[ \t].*)?\r?\n", re.MULTILINE)


def documents(output: str, origin: str) -> tuple[Document, ...] | Refused:
    """The objects in ``output``, in its order; Refused where ``origin`` printed what is no YAML.

    Each piece is read alone, so that the text of a document is known without spans.
    """
    found: list[Document] = []
    for piece in _SEPARATOR.split(output):
        if not piece.strip():
            continue
        reading = read(piece.encode())
        if reading.problem:
            # What fluxbot does not read because of a limit may well be good.
            wall = Limit.OUTPUT if reading.problem.limit else None
            return Refused(f"{origin} is no YAML: {reading.problem.message}", wall)
        found += (Document(one.body, piece if "$" in piece else "") for one in reading.documents)
    return tuple(found)
