"""Answers a Render with the Helm SDK, in a process of its own."""

from __future__ import annotations

import json
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from bot.model.ask import Answer, Document, Limit, Refused, Render, Rendered
from bot.render.cell import Cell, Finished, Stopped
from bot.render.complaint import cleaned
from bot.render.output import documents
from bot.render.python import PYTHON, READS
from bot.render.room import Room, furnished, objection
from bot.render.stopped import refused

_PROGRAM = Path(__file__).with_name("helm_cell.py")


class Helm:
    """Renders charts; the SDK is an extra, and without it every chart is refused."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        self._installed = find_spec("helm_python") is not None

    @cached_property
    def version(self) -> str:
        """Who renders, as part of every key."""
        if not self._installed:
            return "no helm"
        # Only here, because it takes longer to load than most runs take to need no chart.
        from importlib import metadata  # noqa: PLC0415

        return f"helm {metadata.version('helm-python-sdk')}"

    def render(self, render: Render) -> Answer:
        """The chart's manifests (hooks among them) and the objects of its ``crds/``, or what Helm complains of."""
        if not self._installed:
            return Refused("Helm is not installed")
        if len(render.files) > self._cell.limits.files:
            return refused(Stopped(Limit.FILES), "Helm", self._cell.limits)
        if (against := objection(render.files)) is not None:
            return against
        with furnished(render.files) as room:
            request = {"values": render.values, "name": render.name, "namespace": render.namespace}
            Path(room.request).write_text(json.dumps(request), encoding="utf-8")
            command, reads = (*PYTHON, str(_PROGRAM)), (*READS, str(_PROGRAM))
            end = self._cell.run(command, room, stdin=room.request, reads=reads)
            if isinstance(end, Stopped):
                return refused(end, "Helm", self._cell.limits)
            return _answer(end, room, render)


def _answer(end: Finished, room: Room, render: Render) -> Answer:
    if end.code:
        return Refused(cleaned(end.complaint, room, render))
    reply = json.loads(end.output)
    if "error" in reply:
        return Refused(cleaned(reply["error"].encode(errors="replace"), room, render))
    manifests, crds = _read(reply["manifests"]), _read(reply["crds"])
    if isinstance(manifests, Refused):
        return manifests
    return crds if isinstance(crds, Refused) else Rendered(manifests, crds)


def _read(texts: dict[str, str]) -> tuple[Document, ...] | Refused:
    """The documents of several files, by the files' names."""
    found: list[Document] = []
    for name, text in sorted(texts.items()):
        read = documents(text, name)
        if isinstance(read, Refused):
            return read
        found += read
    return tuple(found)
