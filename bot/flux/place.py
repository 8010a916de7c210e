"""From an object of a cluster to the line that a human wrote."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.flux.resource_set import RESOURCE_SET
from bot.manifest.documents import read
from bot.manifest.encoding import decoded
from bot.manifest.spans import Located, located, places
from bot.model.field import Body, FieldPath, Value, at, items, mappings, text
from bot.model.limits import YamlLimits
from bot.model.ref import Ref
from bot.model.resource import Origin, Resource
from bot.model.snapshot import Snapshot
from bot.model.span import Span


def place(snapshot: Snapshot, resource: Resource, field: FieldPath = ()) -> Span:
    """Where a field of an object stands; the line of its ``kind`` for the object as a whole.

    A field that is not written gives the nearest one above it that is, and an
    object that a generator makes the generator's entry.
    """
    origin = resource.origin
    data = snapshot.data(origin.path)
    if data is None:
        return Span(origin.path, 1, 1)
    limits = snapshot.limits.yaml
    if origin.generated and origin.kind != RESOURCE_SET.kind:
        return _generator(data, origin, limits)
    found = located(data, Ref(origin.group, origin.kind, origin.namespace, origin.name), limits)
    if found is None:
        return Span(origin.path, 1, 1)
    document = places(data, limits)[found.index]
    if origin.generated:
        field = _template(_body(data, found, limits), resource)
    if not field:
        return document.span(origin.path, (*found.within, "kind"))
    return document.span(origin.path, (*found.within, *field), key=True)


def _template(body: Body, resource: Resource) -> FieldPath:
    """What of a ResourceSet an object was filled in from: its entry, as far as one can be it, else the text for all."""
    wanted = resource.ref.kind
    steps: list[tuple[FieldPath, Value]] = [
        (("spec", "steps", index), step) for index, step in enumerate(mappings(body, "spec", "steps"))
    ]
    for way, step in (*steps, (("spec",), at(body, "spec"))):
        entries = [(index, one) for index, one in enumerate(items(step, "resources")) if text(one, "kind") == wanted]
        named = [one for one in entries if text(one[1], "metadata", "name") == resource.ref.name]
        for index, _ in named or entries:
            return (*way, "resources", index, "kind")
        if re.search(rf"^\s*kind: *{wanted}\s*$", text(step, "resourcesTemplate"), re.MULTILINE):
            return (*way, "resourcesTemplate")
    return ()


def _generator(data: bytes, origin: Origin, limits: YamlLimits) -> Span:
    """The entry of a ConfigMap or Secret generator; the hash at the end of its name is not written there."""
    for document in read(data, limits).documents:
        for field in ("configMapGenerator", "secretGenerator"):
            for index, entry in enumerate(mappings(document.body, field)):
                if origin.name.startswith(text(entry, "name")):
                    return places(data, limits)[document.index].span(origin.path, (field, index, "name"))
    return Span(origin.path, 1, 1)


def entry_place(snapshot: Snapshot, resource: Resource, field: str, name: str, patched_in: Iterable[str]) -> Span:
    """Where the entry ``name`` of a list such as ``dependsOn`` stands in an object's spec.

    In the object's own manifest if it is there; else in the patch that brings
    it, looked for in ``patched_in``; else the object's ``spec``.
    """
    data = snapshot.data(resource.origin.path)
    origin = resource.origin
    limits = snapshot.limits.yaml
    if data is not None and not origin.generated:
        found = located(data, Ref(origin.group, origin.kind, origin.namespace, origin.name), limits)
        index = _index(_body(data, found, limits), field, name) if found else None
        if found and index is not None:
            return places(data, limits)[found.index].span(origin.path, (*found.within, "spec", field, index))
    for path in sorted(set(patched_in) - {resource.origin.path}):
        line = _patch_line(snapshot.data(path), field, name)
        if line:
            return Span(path, line, line)
    return place(snapshot, resource, ("spec",))


def _body(data: bytes, found: Located, limits: YamlLimits) -> Body:
    for document in read(data, limits).documents:
        if document.index == found.index:
            inner = at(document.body, *found.within)
            return inner if isinstance(inner, dict) else {}
    return {}


def _index(body: Body, field: str, name: str) -> int | None:
    """The place of an entry in the list as written; a name with a variable in it may be the one."""
    entries = [text(entry, "name") for entry in mappings(body, "spec", field)]
    if name in entries:
        return entries.index(name)
    variable = [index for index, entry in enumerate(entries) if "${" in entry]
    return variable[0] if len(variable) == 1 else None


def _patch_line(data: bytes | None, field: str, name: str) -> int | None:
    """The line of a patch, inline or in a file of its own, that names an entry below a field."""
    if data is None or field.encode() not in data or name.encode() not in data:
        return None
    try:
        lines = decoded(data).splitlines()
    except UnicodeDecodeError:
        return None
    wanted = re.compile(rf"""name["']?:\s*["']?{re.escape(name)}["']?\s*[,}}\]]*\s*$""")
    below = False
    for number, line in enumerate(lines, 1):
        below = below or field in line
        if below and wanted.search(line):
            return number
    return None
