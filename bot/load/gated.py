"""What charts leave out, without a word, while the cluster does not serve an API.

A template may ask for one by ``.Capabilities.APIVersions.Has``. What the
answer decides shows where the chart is rendered twice, with and without that
API. The renderer knows no cluster, so the question is taken out of the
templates of a copy: ``regexMatch`` over the APIs that are to count as served
stands in its place and takes the same argument.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping

from bot.knowledge.kinds import builtin_groups
from bot.model.ask import Conversation, Render, Rendered
from bot.model.cluster import Gated, Served
from bot.model.field import text
from bot.model.ref import GroupKind, Ref, version_of
from bot.model.resource import identity
from bot.model.snapshot import Blob

_MOST = 16
"""APIs that one chart is asked about; real ones ask for a handful."""

_HAS = re.compile(rb"[$\w.]*\.APIVersions\.Has\b")
_ASKED = re.compile(rb"\.APIVersions\.Has\s+(?:\(\s*)?[\"`]([\w./-]+)[\"`]")
_TEMPLATE = re.compile(r"(?:^|/)templates/")


def gated(
    renders: Mapping[Ref, Render], known: Mapping[Ref, Rendered]
) -> Conversation[Mapping[Ref, tuple[Gated, ...]]]:
    """What each release leaves out by the API that it asks for; ``known`` are the answers to its plain ``renders``."""
    asked = {ref: apis for ref in known if (apis := _asked(renders[ref].files))}
    if not asked:
        return {}
    without = {ref: _answered(renders[ref], ()) for ref in asked}
    having = {(ref, api): _answered(renders[ref], (api,)) for ref, apis in asked.items() for api in apis}
    answers = yield (*without.values(), *having.values())
    found: dict[Ref, tuple[Gated, ...]] = {}
    for ref, apis in asked.items():
        less = answers[without[ref].key]
        some = [
            Gated(Served.of(api), *one)
            for api in apis
            if isinstance(less, Rendered) and isinstance(more := answers[having[ref, api].key], Rendered)
            for one in _only(more, less)
        ]
        if some:
            found[ref] = tuple(some)
    return found


def _asked(files: Mapping[str, Blob]) -> tuple[str, ...]:
    """The APIs that the templates name when they ask, Kubernetes' own left out: these are always there."""
    named = {
        api.decode()
        for path, blob in files.items()
        if blob.data and b".APIVersions.Has" in blob.data and _TEMPLATE.search(path)
        for api in _ASKED.findall(blob.data)
    }
    found = sorted(api for api in named if Served.of(api).group not in builtin_groups())
    return tuple(found) if len(found) <= _MOST else ()


def _answered(render: Render, apis: Iterable[str]) -> Render:
    """The render of a chart whose templates are told that Kubernetes' own APIs are served, and these."""
    own = "|".join(re.escape(group) for group in sorted(builtin_groups() - {""}))
    told = "|".join((rf"v\d\w*(?:/.*)?|(?:{own})/.*", *(re.escape(api) for api in apis)))
    answer = f"regexMatch `^(?:{told})$`".encode()
    files = {path: _rewritten(path, blob, answer) for path, blob in render.files.items()}
    return Render(files, render.values, render.name, render.namespace)


def _rewritten(path: str, blob: Blob, answer: bytes) -> Blob:
    if blob.data is None or not _TEMPLATE.search(path) or not _HAS.search(blob.data):
        return blob
    data = _HAS.sub(lambda _found: answer, blob.data)
    return Blob(hashlib.sha256(data).hexdigest(), len(data), data)


def _only(more: Rendered, less: Rendered) -> Iterator[tuple[Ref, str]]:
    """The objects that only the first render has, with their versions; the first of each kind."""
    there = {identity(document.body) for document in less.documents}
    seen: set[GroupKind] = set()
    for document in more.documents:
        ref = identity(document.body)
        if ref.kind and ref not in there and ref.group_kind not in seen:
            seen.add(ref.group_kind)
            yield ref, version_of(text(document.body, "apiVersion"))
