"""Where moved objects go: their files keep their bytes, and every kustomization file that lists them is adjusted."""

from __future__ import annotations

import posixpath
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from bot.fixes.draft import Unfixable
from bot.fixes.enclosing import CARRIED, Around, around, left_behind, settings, taken_over
from bot.fixes.leaving import Leaving
from bot.fixes.texts import place_of
from bot.flux.tree import KUSTOMIZATION_NAMES
from bot.manifest.amend import rewritten
from bot.manifest.documents import read
from bot.manifest.pieces import piece, starts_with_mark, without_remarks
from bot.manifest.splice import CannotEditError
from bot.model.cluster import Node
from bot.model.field import Body, items, strings, text
from bot.model.fix import Amendment, Append, Create, Cut, Delete, Drop, Put, Spot
from bot.model.quote import code
from bot.model.resource import Resource
from bot.model.snapshot import Snapshot, joined

_HERE = Spot("", 0)
_HEAD = ("apiVersion", "kind", "resources", *CARRIED)


@dataclass(frozen=True, slots=True)
class Moved:
    """A file of which documents move; all of them where ``whole``."""

    path: str
    documents: tuple[int, ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """An entry of a kustomization file that names a moved file; ``outer`` are the files around that one."""

    kustomization: str
    body: Body
    entry: str
    path: str
    outer: tuple[Around, ...] = ()


@dataclass(frozen=True, slots=True)
class Relocation:
    """The new directory, and what is changed so that it holds the objects and the old one does not.

    ``left`` is what was done to them where they were and is not in the new one.
    """

    directory: str
    amendments: tuple[Amendment, ...]
    texts: tuple[str, ...]
    left: tuple[str, ...] = ()


def moved_files(snapshot: Snapshot, resources: Iterable[Resource]) -> tuple[Moved, ...] | Unfixable:
    """The documents of objects by file, in the order of the files."""
    found: dict[str, set[int]] = {}
    for resource in resources:
        place = place_of(snapshot, resource)
        if place is None or place.within:
            return Unfixable(f"the manifest of {code(resource.ref)} is not a document of its own")
        found.setdefault(place.path, set()).add(place.document)
    return tuple(
        Moved(path, tuple(sorted(some)), some >= {one.index for one in read(snapshot.data(path) or b"").documents})
        for path, some in sorted(found.items())
    )


def listings(snapshot: Snapshot, nodes: Iterable[Node], files: Iterable[str]) -> tuple[Listing, ...]:
    """The entries of kustomization files that name one of the files (or directories)."""
    wanted = set(files)
    found: list[Listing] = []
    read_by_them = {path for node in nodes for path in node.read}
    for path in sorted(one for one in read_by_them if posixpath.basename(one) in KUSTOMIZATION_NAMES):
        for document in read(snapshot.data(path) or b"").documents[:1]:
            for entry in strings(document.body, "resources"):
                target = joined(posixpath.dirname(path), entry)
                if target in wanted:
                    found.append(Listing(path, document.body, entry, target))
    return tuple(found)


def relocated(snapshot: Snapshot, leaving: Leaving, candidates: Iterable[str]) -> Relocation | Unfixable:
    """The objects in a new directory: the first of the candidates that nobody builds.

    A directory that holds nothing but them stays where it is.
    """
    files = moved_files(snapshot, leaving.resources)
    if isinstance(files, Unfixable):
        return files
    nodes = [owner.node for owner in leaving.owners]
    named = listings(snapshot, nodes, [one.path for one in files])
    component = next((one for one in named if text(one.body, "kind") == "Component"), None)
    if component:
        return Unfixable(f"{code(component.kustomization)} is a component, which several may use")
    listed = _enclosed(snapshot, nodes, named)
    if isinstance(listed, Unfixable):
        return listed
    stays = _as_it_is(snapshot, nodes, files, listed)
    if stays:
        return stays
    directory = next((one for one in candidates if one not in snapshot.directories), None)
    if directory is None:
        return Unfixable("there is no directory that nobody else builds")
    try:
        return _into(snapshot, directory, files, listed)
    except CannotEditError as refused:
        return Unfixable(f"the files cannot be taken apart safely: {refused.reason}")


def _enclosed(snapshot: Snapshot, nodes: list[Node], listed: Iterable[Listing]) -> tuple[Listing, ...] | Unfixable:
    """The entries with what is around them, if the same is done to all that they name."""
    found: list[Listing] = []
    for one in listed:
        outer = around(snapshot, nodes, one.kustomization)
        if isinstance(outer, Unfixable):
            return outer
        found.append(replace(one, outer=outer))
    if any(settings(one.body, one.outer) != settings(found[0].body, found[0].outer) for one in found):
        return Unfixable("the files that would move are listed by kustomizations with different settings")
    return tuple(found)


def _as_it_is(
    snapshot: Snapshot, nodes: Iterable[Node], files: tuple[Moved, ...], listed: tuple[Listing, ...]
) -> Relocation | None:
    """A directory with a kustomization of its own that holds nothing else: only its entry above goes."""
    above = {one.kustomization for one in listed}
    if len(above) != 1 or not all(one.whole for one in files):
        return None
    [kustomization] = above
    directory = posixpath.dirname(kustomization)
    body = listed[0].body
    wholly = {one.path for one in files} == {joined(directory, one) for one in strings(body, "resources")}
    others = [key for key in body if key not in ("metadata", *_HEAD)]
    entries = listings(snapshot, nodes, [directory])
    if not wholly or others or not entries or any(node.kustomization.path == directory for node in nodes):
        return None
    drops = (Drop(Spot(one.kustomization, 0), ("resources",), one.entry) for one in entries)
    gains = taken_over(Spot(kustomization, 0), body, listed[0].outer)
    return Relocation(directory, (*drops, *gains), tuple(_texts(snapshot, files)), left_behind(listed[0].outer))


def _texts(snapshot: Snapshot, files: Iterable[Moved]) -> Iterator[str]:
    return ((snapshot.data(one.path) or b"").decode(errors="replace") for one in files)


def _into(
    snapshot: Snapshot, directory: str, files: tuple[Moved, ...], listed: tuple[Listing, ...]
) -> Relocation | Unfixable:
    names = {one.path: _file_name(snapshot, one) for one in files}
    if len(set(names.values())) < len(names):
        return Unfixable("two of the files that would move have one name")
    amendments: list[Amendment] = []
    for one in files:
        amendments += _one_file(snapshot, one, posixpath.join(directory, names[one.path]))
    whole = {one.path for one in files if one.whole}
    amendments += [Drop(Spot(one.kustomization, 0), ("resources",), one.entry) for one in listed if one.path in whole]
    if listed:
        amendments.append(_new_root(snapshot, directory, names, listed))
    above = {one.path: one for entry in listed for one in (Around(entry.kustomization, entry.body), *entry.outer)}
    return Relocation(directory, tuple(amendments), tuple(_texts(snapshot, files)), left_behind(above.values()))


def _file_name(snapshot: Snapshot, moved: Moved) -> str:
    """The name of a file that moves; one that holds a part of another is named by the kind of its objects."""
    name = posixpath.basename(moved.path)
    kinds = {
        text(one.body, "kind").lower()
        for one in read(snapshot.data(moved.path) or b"").documents
        if one.index in moved.documents
    }
    return name if moved.whole or len(kinds) != 1 else f"{kinds.pop()}{posixpath.splitext(name)[1]}"


def _one_file(snapshot: Snapshot, moved: Moved, path: str) -> Iterator[Amendment]:
    data = snapshot.data(moved.path) or b""
    if moved.whole:
        try:
            yield Create(path, data.decode())
        except UnicodeDecodeError:
            raise CannotEditError("the file is not UTF-8 text") from None
        yield Delete(moved.path)
        return
    pieces = {number: piece(data, number) for number in moved.documents}
    mark = "---\n" if starts_with_mark(data.decode()) else ""
    yield Create(path, mark + "---\n".join(pieces.values()))
    yield from (Cut(moved.path, number, own) for number, own in pieces.items())


def _new_root(snapshot: Snapshot, directory: str, names: Mapping[str, str], listed: tuple[Listing, ...]) -> Create:
    """The kustomization file of the new directory, in the words of the old one."""
    model = listed[0].kustomization
    data = snapshot.data(model) or b""
    here = [one for one in listed if one.kustomization == model]
    own = _emptied(without_remarks(piece(data, 0)), listed[0].body, {one.entry for one in here})
    dot = "./" if here[0].entry.startswith("./") else ""
    place = ("resources",)
    for number, one in enumerate(here):
        if one.entry != dot + names[one.path]:
            own = rewritten(own, Put(_HERE, (*place, number), dot + names[one.path]))
    for one in [one for one in listed if one not in here]:
        own = rewritten(own, Append(_HERE, place, dot + names[one.path]))
    for change in taken_over(_HERE, listed[0].body, listed[0].outer):
        own = rewritten(own, change)
    mark = "---\n" if starts_with_mark(data.decode()) else ""
    return Create(posixpath.join(directory, posixpath.basename(model)), mark + own)


def _emptied(own: str, body: Body, kept: Container[str]) -> str:
    """A kustomization file with nothing but what it does to all that it lists, and some of its entries."""
    for key in [key for key in body if key not in _HEAD]:
        own = rewritten(own, Drop(_HERE, (key,)))
    for entry in [entry for entry in items(body, "resources") if entry not in kept]:
        own = rewritten(own, Drop(_HERE, ("resources",), entry))
    return own


def is_built(snapshot: Snapshot, nodes: Iterable[Node], directory: str) -> bool:
    """Whether some Kustomization without a kustomization file would take in what lies in a directory."""
    steps = directory.split("/")
    above = ["/".join(steps[:end]) for end in range(len(steps), -1, -1)]
    closed = next((one for one in above[1:] if _has_root(snapshot, one)), None)
    open_ones = above[: above.index(closed)] if closed is not None else above
    return any(node.kustomization.path in open_ones for node in nodes)


def _has_root(snapshot: Snapshot, directory: str) -> bool:
    return any(posixpath.join(directory, name) in snapshot.files for name in KUSTOMIZATION_NAMES)
