"""Answers builds as kustomize might: usually with the objects, at times with a refusal. Costs no process."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from bot.flux.closure import kustomization_body
from bot.flux.tree import KUSTOMIZATION_NAMES
from bot.manifest.documents import dump, read
from bot.model.ask import Answer, Answers, Ask, Build, Document, Fetch, Limit, Refused, Render, Rendered
from bot.model.field import Body, Value, mapping, strings

REFUSALS: Final = (
    Refused("no matches for Id Thing.v1.example.org/thing.[noNs]; failed to find unique target for patch"),
    Refused("accumulating resources: accumulation err='accumulating resources from 'x.yaml': no such file'"),
    Refused(""),
    Refused("a\nb\0c \x1b[31m `@everyone` \u202e" * 50),
    Refused("kustomize was stopped after 60 s", Limit.TIME),
    Refused("more than 64 MiB", Limit.OUTPUT),
    Refused("may not add resource with an already registered id: Namespace.v1.[noGrp]/apps.[noNs]"),
)
_ONE_IN = 12


class PlayingAnswerer:
    """The objects of the files that a kustomization names, its prefix and namespace ignored; every twelfth fails."""

    def answer(self, asks: Sequence[Ask], progress: Callable[[int], None] | None = None) -> Answers:
        if progress:
            progress(len(asks))
        return {ask.key: self._answer(ask) for ask in asks}

    def _answer(self, ask: Ask) -> Answer:
        chance = int(ask.key[:8], 16)
        if chance % _ONE_IN == 0:
            return REFUSALS[chance // _ONE_IN % len(REFUSALS)]
        if isinstance(ask, Render):
            crd = (Document({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": ask.name}}),)
            return Rendered(crd, crd)
        if isinstance(ask, Fetch):
            return Refused("nobody asks for what is elsewhere here")
        return Rendered(tuple(_documents(ask, ask.directory, set())))


def _documents(build: Build, directory: str, seen: set[str]) -> Iterator[Document]:
    if directory in seen:
        return
    seen.add(directory)
    paths = (posixpath.join(directory, name) for name in KUSTOMIZATION_NAMES)
    file = next((build.files[path] for path in paths if path in build.files), None)
    root = kustomization_body(file.data or b"") if file else None
    for entry in (*strings(root, "resources"), *strings(root, "components"), *strings(root, "bases")):
        path = posixpath.normpath(posixpath.join(directory, entry))
        if path not in build.files:
            yield from _documents(build, path, seen)
            continue
        for document in read(build.files[path].data or b"").documents:
            body = _annotated(document.body, posixpath.relpath(path, build.directory or "."))
            yield Document(body, text if "$" in (text := dump(body)) else "")


def _annotated(body: Body, path: str) -> Body:
    metadata = mapping(body, "metadata")
    told: Value = {**mapping(metadata, "annotations"), "config.kubernetes.io/origin": f"path: {path}\n"}
    return {**body, "metadata": {**metadata, "annotations": told}}
