"""Answers builds without a process: the documents of the files that a root lists, in their order.

Enough where a test is about what becomes of the answers; patches, prefixes
and the like are for real kustomize.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence

from bot.flux.closure import kustomization_body
from bot.flux.tree import KUSTOMIZATION_NAMES
from bot.manifest.documents import dump, read
from bot.model.ask import Answers, Ask, Build, Conversation, Document, Fetch, Refused, Render, Rendered, Reply
from bot.model.field import Body, Value, mapping, strings
from bot.ports import Answerer


class FlatAnswerer:
    """``told`` are answers by the directory of a build, the name of a release or the URL of a chart's repository.

    ``asked`` is all that was asked.
    """

    def __init__(self, told: Mapping[str, Reply] | None = None) -> None:
        self._told = told or {}
        self.asked: list[Ask] = []

    def answer(self, asks: Sequence[Ask], progress: Callable[[int], None] | None = None) -> Answers:
        self.asked += asks
        if progress:
            progress(len(asks))
        return {ask.key: self._answer(ask) for ask in asks}

    def _answer(self, ask: Ask) -> Reply:
        if isinstance(ask, Fetch):
            return self._told.get(ask.url, Refused("nobody has it"))
        if isinstance(ask, Render):
            return self._told.get(ask.name, Rendered(()))
        return self._told.get(ask.directory) or Rendered(tuple(_documents(ask, ask.directory)))


def _documents(build: Build, directory: str) -> Iterator[Document]:
    paths = (posixpath.join(directory, name) for name in KUSTOMIZATION_NAMES)
    file = next((build.files[path] for path in paths if path in build.files), None)
    for entry in strings(kustomization_body(file.data or b"") if file else None, "resources"):
        path = posixpath.normpath(posixpath.join(directory, entry))
        if path not in build.files:
            yield from _documents(build, path)
            continue
        for document in read(build.files[path].data or b"").documents:
            body = _annotated(document.body, posixpath.relpath(path, build.directory or "."))
            text = dump(body)
            yield Document(body, text if "$" in text else "")


def _annotated(body: Body, path: str) -> Body:
    metadata = mapping(body, "metadata")
    told: Value = {**mapping(metadata, "annotations"), "config.kubernetes.io/origin": f"path: {path}\n"}
    return {**body, "metadata": {**metadata, "annotations": told}}


def driven(conversation: Conversation[object], answering: Answerer) -> object:
    """The result of a conversation that is answered until its end."""
    try:
        asks = next(conversation)
        while True:
            asks = conversation.send(answering.answer(asks))
    except StopIteration as done:
        return done.value
