"""A new Flux Kustomization in the likeness of another: its text, with only what has to differ changed."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.fixes.draft import Unfixable
from bot.fixes.leaving import Grounds
from bot.fixes.relocation import listings
from bot.fixes.spot import Ground, Written
from bot.fixes.style import file_name, shares_file
from bot.manifest.amend import rewritten
from bot.manifest.documents import read
from bot.manifest.pieces import piece, starts_with_mark, without_remarks
from bot.manifest.splice import CannotEditError
from bot.model.cluster import Node
from bot.model.field import Body, at, items, mapping, mappings, text
from bot.model.fix import Amendment, Append, Attach, Create, Drop, Put, Spot
from bot.model.ref import GroupKind, Ref, group_of

_HERE = Spot("", 0)
_OWN = ("healthChecks", "components", "suspend")
"""What belongs to the objects of the old one, and not to those that go."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a new Kustomization has of its own: name, path in the source, what it waits for.

    ``kinds`` and ``texts`` are those of its objects, which tell which settings of the model matter.
    """

    name: str
    path: str
    waits_for: tuple[Ref, ...]
    kinds: frozenset[GroupKind]
    texts: tuple[str, ...]
    wait: bool | None = None


def like(grounds: Grounds, ground: Ground, model: Node, wanted: Wanted) -> tuple[Amendment, ...] | Unfixable:
    """The changes that add a Kustomization, written where and as its model is."""
    own = ground.manifest(model.kustomization.resource)
    if isinstance(own, Unfixable):
        return own
    if own.spot.within:
        return Unfixable(f"the manifest of {model.ref.name} is an item of a list")
    snapshot = ground.cluster.snapshot
    data = snapshot.data(own.spot.path) or b""
    try:
        written = _written(ground, model, own, wanted, without_remarks(piece(data, own.spot.document)))
    except CannotEditError as refused:
        return Unfixable(f"{own.spot.path} cannot be taken for a model: {refused.reason}")
    if shares_file(grounds, own.spot.path, len(read(data).documents)):
        return (Attach(own.spot.path, own.spot.document, written),)
    path = file_name(model, own.spot.path, wanted.name)
    if path in snapshot.files:
        return Unfixable(f"{path} exists already")
    parents = [ground.cluster.nodes[one] for one in model.parents if one in ground.cluster.nodes]
    mark = "---\n" if starts_with_mark(data.decode(errors="replace")) else ""
    return (Create(path, mark + written), *_listed(ground, parents, own.spot.path, path))


def _listed(ground: Ground, parents: Iterable[Node], old: str, new: str) -> Iterator[Append]:
    """The new file's entry in each kustomization file that lists the old one."""
    for one in listings(ground.cluster.snapshot, parents, [old]):
        entry = one.entry.removesuffix(posixpath.basename(old)) + posixpath.basename(new)
        yield Append(Spot(one.kustomization, 0), ("resources",), entry)


def _written(ground: Ground, model: Node, own: Written, wanted: Wanted, done: str) -> str:
    for change in _changes(ground, model, own.body, wanted):
        done = rewritten(done, change)
    # What follows the name by an alias follows it in the copy; a variable that the objects read does not.
    body = _body(done)
    for key, value in mapping(own.body, "spec", "postBuild", "substitute").items():
        now = at(body, "spec", "postBuild", "substitute", key)
        if now != value and any(f"${{{key}" in one for one in wanted.texts):
            done = rewritten(done, Put(_HERE, ("spec", "postBuild", "substitute", key), value))
    body = _body(done)
    if text(body, "spec", "path") != _path(own.body, model, wanted):
        raise CannotEditError("its path is shared with other fields")
    return done


def _changes(ground: Ground, model: Node, own: Body, wanted: Wanted) -> Iterator[Append | Put | Drop]:
    yield Put(_HERE, ("metadata", "name"), _name(own, model, wanted))
    yield Put(_HERE, ("spec", "path"), _path(own, model, wanted))
    yield from _dependencies(ground, model, own, wanted)
    spec = mapping(own, "spec")
    yield from (Drop(_HERE, ("spec", key)) for key in _OWN if key in spec)
    groups = {kind.group for kind in wanted.kinds}
    expressions = [text(one, "apiVersion") for one in mappings(spec, "healthCheckExprs")]
    if expressions and not any(group_of(one) in groups for one in expressions):
        yield Drop(_HERE, ("spec", "healthCheckExprs"))
    for patch in [one for one in items(spec, "patches") if not _may_match(one, wanted.kinds)]:
        yield Drop(_HERE, ("spec", "patches"), patch)
    if wanted.wait is not None and at(spec, "wait") is not wanted.wait:
        yield Put(_HERE, ("spec", "wait"), wanted.wait, ground.order(own, "spec", "wait"))


def _may_match(patch: object, kinds: frozenset[GroupKind]) -> bool:
    """Whether a patch may be for one of the kinds; one whose target names no kind may be for any."""
    if not isinstance(patch, dict):
        return True
    inner = read(text(patch, "patch").encode()).documents
    named = text(patch, "target", "kind") or next((text(one.body, "kind") for one in inner), "")
    return not named.isalnum() or named in {kind.kind for kind in kinds}


def _dependencies(ground: Ground, model: Node, own: Body, wanted: Wanted) -> Iterator[Append | Drop]:
    field = ("spec", "dependsOn")
    old = items(own, *field)
    new: list[Body] = []
    for head in wanted.waits_for:
        entry: Body = {"name": head.name}
        if head.namespace != model.ref.namespace:
            entry["namespace"] = head.namespace
        new.append(entry)
    if not new:
        return
    for entry in new:
        if entry not in old:
            yield Append(_HERE, field, entry, ground.order(own, *field))
    for one in old:
        if one not in new:
            yield Drop(_HERE, field, one)


def _name(own: Body, model: Node, wanted: Wanted) -> str:
    """The name as it is to be written, where a variable or a prefix makes another one of it."""
    raw = text(own, "metadata", "name")
    if raw == model.ref.name:
        return wanted.name
    if not wanted.name.startswith(model.ref.name):
        raise CannotEditError("its name is made of a variable")
    return raw + wanted.name.removeprefix(model.ref.name)


def _path(own: Body, model: Node, wanted: Wanted) -> str:
    """The path as it is to be written, relative to what stands in the model."""
    raw = text(own, "spec", "path")
    way = posixpath.relpath("/" + wanted.path, "/" + model.kustomization.path)
    steps = raw.split("/")
    climbed = way.count("..")
    if climbed and any("$" in step for step in steps[-climbed:]):
        raise CannotEditError("its path is made of a variable")
    whole = posixpath.normpath(posixpath.join(raw, way))
    return f"./{whole}" if raw.startswith("./") else whole


def _body(text_: str) -> Body:
    return next((one.body for one in read(text_.encode()).documents), {})
