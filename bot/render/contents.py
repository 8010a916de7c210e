"""What stands in the files of a question that nobody is to read in an error message: their values.

An identity is no value: the kind, the name and the namespace of an object,
the name of a field, a path. They are what a message is made of.
"""

from __future__ import annotations

import base64
import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bot.flux.tree import KUSTOMIZATION_NAMES
from bot.manifest.documents import read
from bot.model.ask import Build, Render
from bot.model.field import Body, Value, mapping
from bot.model.snapshot import Blob

HIDDEN = "[hidden]"

_SHORTEST = 6
_SHORTEST_SECRET = 4
_PLAIN_WORD = re.compile(r"[a-z]{1,12}")
_BREAKS = re.compile(r"[\s\"'`\\]+")
_TOKEN = re.compile(r"[^\s,{}\[\]\"'`]+")
_DATA = frozenset(("data", "stringData", "literals", "binaryData"))
# Fields that lead to other objects or files; what they hold is needed to find the mistake.
_LEADING = frozenset((
    "apiVersion", "kind", "name", "namespace", "group", "version", "plural", "singular", "path", "fieldPath",
    "fieldPaths", "resources", "components", "bases", "crds", "configurations", "generators", "transformers",
    "validators", "patchesStrategicMerge", "files", "envs", "namePrefix", "nameSuffix", "op", "from", "behavior",
))  # fmt: skip


@dataclass(slots=True)
class _Found:
    """Values of all kinds, those of Secrets, and identities."""

    values: set[str] = field(default_factory=set)
    secrets: set[str] = field(default_factory=set)
    identities: set[str] = field(default_factory=set)

    def names_with(self, piece: str) -> bool:
        """Whether a piece of text stands in the middle of an identity."""
        return any(piece in identity for identity in self.identities)


def without_contents(text: str, ask: Build | Render) -> str:
    """The text of a complaint without any value that stands in the files of what was asked."""
    found = _Found()
    for path, blob in ask.files.items():
        found.identities.update((path, *path.split("/")))
        # A chart's templates are a program, and what they say on purpose is the answer.
        if isinstance(ask, Build) or posixpath.basename(path).startswith("values."):
            _look_into(path, blob, found)
    if isinstance(ask, Render):
        found.identities.update((ask.name, ask.namespace))
        _values(ask.values, found, secret=True)
    for value in sorted(_hideable(found, text), key=len, reverse=True):
        if value in text:
            text = text.replace(value, HIDDEN)
    return text


def _hideable(found: _Found, text: str) -> Iterator[str]:
    """Pieces of values, as the text may quote them: without line breaks and quotes, in base64 or out of it.

    A plain value that is also a part of a path or a name stays: hiding it would cut up what the mistake is about.
    """
    for values, shortest in ((found.secrets, _SHORTEST_SECRET), (found.values, _SHORTEST)):
        for value in values:
            for piece in (*_BREAKS.split(value), *_BREAKS.split(_uncoded(value))):
                if len(piece) < shortest or piece not in text or piece in found.identities:
                    continue
                if values is found.values and (_PLAIN_WORD.fullmatch(piece) or found.names_with(piece)):
                    continue
                yield piece
            if len(value) >= _SHORTEST:
                yield base64.b64encode(value.encode(errors="replace")).decode().rstrip("=")


def _uncoded(value: str) -> str:
    """What the value says in base64, as the data of a Secret do; empty where it says nothing."""
    try:
        return base64.b64decode(value, validate=True).decode()
    except ValueError:
        return ""


def _look_into(path: str, blob: Blob, found: _Found) -> None:
    if not blob.data:
        return
    reading = read(blob.data) if path.endswith((".yaml", ".yml", ".json")) else None
    if reading is None or reading.problem or not reading.documents:
        found.values.update(_tokens(blob.data.decode(errors="replace")))
    if reading is None:
        return
    for document in reading.documents:
        if posixpath.basename(path) in KUSTOMIZATION_NAMES:
            _values(document.body, found, secret=False)
        else:
            _object(document.body, found)


def _object(body: Body, found: _Found) -> None:
    is_secret = body.get("kind") == "Secret" or "sops" in body
    _values(body, found, secret=False)
    if is_secret:
        for name in _DATA:
            _values(mapping(body, name), found, secret=True)


def _values(value: Value, found: _Found, *, secret: bool, leading: bool = False) -> None:
    """Sort everything below into values and identities; ``leading`` are those of a field that names another thing."""
    match value:
        case dict():
            found.identities.update(value)
            for key, one in value.items():
                _values(one, found, secret=secret or key == "literals", leading=not secret and key in _LEADING)
        case list():
            for one in value:
                _values(one, found, secret=secret, leading=leading)
        case str() if leading and "\n" not in value:
            found.identities.update((value, *value.split("/")))
        case str():
            _text(value, found, secret=secret)
        case bool() | None:
            return
        case _:
            (found.secrets if secret else found.values).add(str(value))


def _text(value: str, found: _Found, *, secret: bool) -> None:
    """A string: ``key=value`` of a literal, a patch that is YAML itself, or just a value."""
    if secret:
        found.secrets.update((value, value.partition("=")[2]))
    elif "\n" in value and (documents := read(value.encode(errors="replace")).documents):
        for document in documents:
            _object(document.body, found)
    elif "\n" in value:
        found.values.update(_tokens(value))
    else:
        found.values.add(value)


def _tokens(text: str) -> Iterable[str]:
    """What may be values in a text that is no YAML: its words, both sides of ``=``, but for keys before a colon."""
    for word in _TOKEN.findall(text):
        yield from (part for part in (word, word.partition("=")[2]) if not part.endswith(":"))
