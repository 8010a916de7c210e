"""The documents of a file, as values.

Every reading is remembered by content: base and head of a pull request share
nearly all files, and so do the builds of one cluster.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache

from bot.manifest.encoding import Lines, decoded
from bot.manifest.outline import Mapping, Outline, outlines
from bot.manifest.values import UnreadableError, body_of
from bot.model.field import Body, Value, mapping
from bot.model.limits import YAML, YamlLimits

_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class RawDocument:
    """A mapping, as it stands in the file: nothing patched, no variable replaced, no ``kind: List`` expanded.

    ``index`` counts all documents of the stream, the empty ones and those that
    are no mappings too. ``line`` and ``end_line`` are the first and the last
    with content. ``body`` may share parts with itself and is never to be changed.
    """

    index: int
    line: int
    end_line: int
    body: Body


@dataclass(frozen=True, slots=True)
class YamlProblem:
    """Why a document cannot be read, in one line; no more of the file in it than a key's name.

    ``limit`` is the field of Limits that it passes: then the file may well be
    good, and only fluxbot does not read it. Empty for a real mistake.
    """

    line: int
    message: str
    limit: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What can be read of a file, and the first problem in it."""

    documents: tuple[RawDocument, ...]
    problem: YamlProblem | None


def read(data: bytes, limits: YamlLimits = YAML) -> Reading:
    """The documents of a file that are mappings. Never raises.

    A document with tags of an application (``!env_var``, ``!include``) is no
    manifest and is passed over. One that is broken, that defines a key twice,
    or whose aliases contain themselves or multiply beyond measure, is a
    problem and hides no other. What is beyond the documents of ``limits`` is
    not read.
    """
    return _read(data, limits)


@lru_cache(maxsize=4096)
def _read(data: bytes, limits: YamlLimits) -> Reading:
    try:
        text = decoded(data)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return Reading((), YamlProblem(line, "the file is not UTF-8 text"))
    lines = Lines(text)
    found = [_document(index, outline, lines) for index, outline in enumerate(outlines(text, limits))]
    problems = [one for one in found if isinstance(one, YamlProblem)]
    first = min(problems, key=lambda problem: problem.line, default=None)
    return Reading(tuple(one for one in found if isinstance(one, RawDocument)), first)


def _document(index: int, outline: Outline, lines: Lines) -> RawDocument | YamlProblem | None:
    root = outline.root
    if outline.problem:
        return YamlProblem(lines.number(outline.problem.offset), outline.problem.message, outline.problem.limit)
    if outline.foreign or not isinstance(root, Mapping):
        return None
    try:
        body = body_of(root)
    except UnreadableError as error:
        where = "" if error.earlier is None else f" at line {lines.number(error.earlier)}"
        return YamlProblem(lines.number(error.problem.offset), error.problem.message + where)
    return RawDocument(index, lines.number(root.start), lines.last(root.start, root.end), body)


def dump(body: Value) -> str:
    """A value as YAML, always the same for the same value: JSON, every text of which is YAML too.

    Characters that YAML forbids to stand for themselves are escaped; others
    are not, because YAML does not join the two halves of an escaped emoji.
    """
    written = json.dumps(body, indent=2, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", written) + "\n"


def is_encrypted(body: Body) -> bool:
    """Whether SOPS encrypted the document: it leaves a ``sops`` mapping with its signature and version."""
    sops = mapping(body, "sops")
    return "mac" in sops or "version" in sops
