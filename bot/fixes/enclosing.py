"""What kustomization files further out do to all that one lists, as settings that this one can have itself.

Kustomize goes from the inside out: a ``namespace`` further out wins, prefixes
go before and suffixes behind what is there, labels and annotations are added
or replaced. Whether that was exact, the proof shows: it compares what comes out.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from bot.fixes.draft import Unfixable
from bot.flux.tree import KUSTOMIZATION_NAMES
from bot.manifest.documents import read
from bot.model.cluster import Node
from bot.model.field import Body, items, mapping, strings, text
from bot.model.fix import Append, Put, Spot
from bot.model.quote import code
from bot.model.snapshot import Snapshot, joined

CARRIED = ("namespace", "namePrefix", "nameSuffix", "commonLabels", "labels", "commonAnnotations")
"""What a kustomization does to all that it lists, and can do elsewhere as well."""
_TEXTS = ("namespace", "namePrefix", "nameSuffix")
_MAPPINGS = ("commonLabels", "commonAnnotations")
_LEFT = (
    *("patches", "patchesStrategicMerge", "patchesJson6902", "images", "replicas"),
    *("replacements", "vars", "transformers", "components", "configurations"),
)
"""What it may do to single ones of them besides, and is not carried over."""


class Around(NamedTuple):
    """A kustomization file that builds the directory of another one."""

    path: str
    body: Body


def around(snapshot: Snapshot, nodes: Iterable[Node], kustomization: str) -> tuple[Around, ...] | Unfixable:
    """The kustomization files that lead to another one, the innermost first.

    Unfixable where it is reached in several ways that do different things to what it lists.
    """
    ways = [tuple(_outward(snapshot, node, kustomization)) for node in nodes if kustomization in node.read]
    first = next(iter(ways), ())
    if any(settings({}, way) != settings({}, first) for way in ways):
        return Unfixable(f"{code(kustomization)} is listed by kustomizations with different settings")
    return first


def settings(own: Body, outer: Iterable[Around]) -> Body:
    """What is done to all that a kustomization file lists, by itself and by those around it, the innermost first."""
    done: Body = {key: mapping(own, key) for key in _MAPPINGS}
    done |= {key: text(own, key) for key in _TEXTS}
    labels = list(items(own, "labels"))
    for _, body in outer:
        done["namespace"] = text(body, "namespace") or done["namespace"]
        done["namePrefix"] = text(body, "namePrefix") + text(done, "namePrefix")
        done["nameSuffix"] = text(done, "nameSuffix") + text(body, "nameSuffix")
        done |= {key: {**mapping(done, key), **mapping(body, key)} for key in _MAPPINGS}
        labels += [one for one in items(body, "labels") if one not in labels]
    return {**done, "labels": labels}


def _outward(snapshot: Snapshot, node: Node, kustomization: str) -> Iterator[Around]:
    """From one kustomization file of a build to the one at its root."""
    files = {path: _body(snapshot, path) for path in sorted(node.read) if _is_kustomization(path)}
    seen = {kustomization}
    at: str | None = kustomization
    while at and posixpath.dirname(at) != node.kustomization.path:
        at = next((path for path, body in files.items() if _lists(path, body, at)), None)
        if at in seen:
            return
        if at:
            seen.add(at)
            yield Around(at, files[at])


def _is_kustomization(path: str) -> bool:
    return posixpath.basename(path) in KUSTOMIZATION_NAMES


def _body(snapshot: Snapshot, path: str) -> Body:
    return next((one.body for one in read(snapshot.data(path) or b"").documents), {})


def _lists(path: str, body: Body, other: str) -> bool:
    """Whether a kustomization file builds the directory of another one."""
    entries = (*strings(body, "resources"), *strings(body, "bases"), *strings(body, "components"))
    return any(joined(posixpath.dirname(path), one) == posixpath.dirname(other) for one in entries)


def taken_over(spot: Spot, own: Body, outer: tuple[Around, ...]) -> Iterator[Append | Put]:
    """What a kustomization file has to gain so that it does by itself what the files around it did."""
    whole = settings(own, outer)
    order = tuple(dict.fromkeys(key for one in outer for key in one.body))
    for key in _TEXTS:
        if text(whole, key) != text(own, key):
            yield Put(spot, (key,), whole[key], order)
    for key in _MAPPINGS:
        for name, value in mapping(whole, key).items():
            if mapping(own, key).get(name) != value:
                yield Put(spot, (key, name), value, order)
    missing = [one for one in items(whole, "labels") if one not in items(own, "labels")]
    yield from (Append(spot, ("labels",), one, order) for one in missing)


def left_behind(files: Iterable[Around]) -> tuple[str, ...]:
    """What some kustomization files may do to what moves and the new one does not, as names with their place."""
    return tuple(f"{code(key)} in {code(path)}" for path, body in files for key in _LEFT if key in body)
