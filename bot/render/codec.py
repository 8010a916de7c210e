"""Answers as bytes: a digest that tells broken entries, then JSON, which is read many times faster than YAML."""

from __future__ import annotations

import hashlib
import json
from typing import TypeAlias

from bot.model.ask import Answer, Document, Refused, Rendered
from bot.model.field import Body

FORMAT = 1
"""Part of every key: an entry of another format is never found."""

_DIGEST = 16
_Pair: TypeAlias = tuple[Body, str]


def encoded(answer: Answer) -> bytes:
    """An answer as an entry of the cache."""
    content: dict[str, object]
    match answer:
        case Rendered(documents, crds):
            content = {
                "documents": [(one.body, one.text) for one in documents],
                "crds": [(one.body, one.text) for one in crds],
            }
        case Refused(message):
            content = {"refused": message}
    data = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass")
    return _digest(data) + data


def decoded(entry: bytes) -> Answer | None:
    """The answer that an entry holds; None where the entry is not whole."""
    data = entry[_DIGEST:]
    if _digest(data) != entry[:_DIGEST]:
        return None
    content = json.loads(data.decode(errors="surrogatepass"))
    if "refused" in content:
        return Refused(content["refused"])
    return Rendered(_documents(content["documents"]), _documents(content["crds"]))


def _documents(pairs: list[_Pair]) -> tuple[Document, ...]:
    return tuple(Document(body, text) for body, text in pairs)


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_DIGEST).digest()
