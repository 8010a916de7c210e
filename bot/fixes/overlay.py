"""A snapshot with changes in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace

from bot.fixes.draft import Unfixable
from bot.manifest.amend import amended
from bot.manifest.splice import CannotEditError
from bot.model.fix import Amendment, Append, Attach, Create, Cut, Delete, Drop, Put
from bot.model.snapshot import Blob, Snapshot

_RANKS = (Put, Append, Drop, Attach, Cut, Create, Delete)
"""The order in which changes of one file are made: first those that move nothing that others name by number."""


def patched(snapshot: Snapshot, amendments: Iterable[Amendment]) -> Snapshot | Unfixable:
    """The snapshot with all changes made, each once, in whatever order they are given."""
    files = dict(snapshot.files)
    values: dict[str, object] = {}
    once = {repr(one): one for one in amendments}
    for _, change in sorted(once.items(), key=lambda item: (_rank(item[1]), item[0])):
        if isinstance(change, Put):
            where = repr((change.spot, change.field))
            if values.setdefault(where, change.value) != change.value:
                return Unfixable("two fixes want different values at one place")
        refused = _made(files, change)
        if refused:
            return Unfixable(refused)
    return replace(snapshot, files=files)


def _rank(change: Amendment) -> tuple[int, int]:
    """Of several documents that come or go the last is first, so that the numbers of the others stay."""
    return (_RANKS.index(type(change)), -change.document if isinstance(change, Cut | Attach) else 0)


def _made(files: dict[str, Blob], change: Amendment) -> str:
    """Make a change in the files; why not, as a clause, or nothing."""
    match change:
        case Create():
            known = files.get(change.path)
            data = change.text.encode()
            if known and known.data != data:
                return f"{change.path} exists already"
            files[change.path] = blob(data)
        case Delete():
            files.pop(change.path, None)
        case Put() | Append() | Drop() | Cut() | Attach():
            path = change.path if isinstance(change, Cut | Attach) else change.spot.path
            known = files.get(path)
            if known is None or known.data is None:
                return f"{path} cannot be read"
            try:
                data = amended(known.data, change)
            except CannotEditError as refused:
                return f"{path} cannot be edited safely: {refused.reason}"
            if data != known.data:
                files[path] = blob(data)
    return ""


def blob(data: bytes) -> Blob:
    """A file's content under the name that git gives it."""
    return Blob(hashlib.sha1(b"blob %d\0%b" % (len(data), data)).hexdigest(), len(data), data)  # noqa: S324 - git's own
