"""What the engine asks of whoever drives it, and the answers.

Everything that a process is given stands in the question, so the digest of a
question is a complete cache key: a file that was forgotten makes a build fail,
it never makes it stale.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple, TypeAlias, TypeVar

from bot.model.field import Body
from bot.model.snapshot import Blob


@dataclass(frozen=True)
class Build:
    """Run kustomize in ``directory`` of a tree that holds exactly ``files``.

    ``files`` maps paths to contents, the amended root kustomization among
    them. ``small_schema`` allows an empty OpenAPI schema, which saves 70 ms
    and changes nothing where no strategic-merge patch meets a built-in kind.
    """

    directory: str
    files: Mapping[str, Blob]
    small_schema: bool = False

    @cached_property
    def key(self) -> str:
        """Hex digest of the question."""
        parts = [["build", self.directory, self.small_schema]]
        parts += [[path, blob.sha] for path, blob in sorted(self.files.items())]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclass(frozen=True)
class Render:
    """Render the Helm chart that ``files`` hold (paths below the chart's root) with ``values``."""

    files: Mapping[str, Blob]
    values: Body
    name: str
    namespace: str

    @cached_property
    def key(self) -> str:
        """Hex digest of the question."""
        parts: list[object] = [["render", self.name, self.namespace, self.values]]
        parts += [[path, blob.sha] for path, blob in sorted(self.files.items())]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Fetch:
    """Bring a Helm chart from a repository: ``url`` is an HTTP index's (``https:``) or an OCI registry's (``oci:``).

    ``name`` is the chart's name below the URL; empty where the URL is the
    chart's own. Of an OCI chart the ``digest`` counts before the ``version``,
    which may be a range (empty: the newest that is stable), and that before
    the ``tag``, as for a Flux OCIRepository.
    """

    url: str
    name: str
    version: str = ""
    tag: str = ""
    digest: str = ""

    @cached_property
    def key(self) -> str:
        """Hex digest of the question."""
        parts = ["fetch", self.url, self.name, self.version, self.tag, self.digest]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


class Document(NamedTuple):
    """One rendered object. ``text`` is its YAML where that holds a ``$``, else empty: variables change nothing then."""

    body: Body
    text: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    """The answer to a Build or Render that worked; ``crds`` are a chart's ``crds/`` (Helm applies them first)."""

    documents: tuple[Document, ...]
    crds: tuple[Document, ...] = field(default=())


class Limit(StrEnum):
    """Which wall a process ran into."""

    TIME = "time"
    CPU = "processor time"
    MEMORY = "memory"
    OUTPUT = "output"
    WRITING = "written files"
    FILES = "files"


@dataclass(frozen=True, slots=True)
class Refused:
    """The process failed. ``message`` is what it said, ``limit`` the wall that stopped it, if one did."""

    message: str
    limit: Limit | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """The answer to a Fetch that worked: the chart's files, by paths below its root, and which version they are."""

    files: Mapping[str, Blob]
    version: str


Ask: TypeAlias = Build | Render | Fetch
Answer: TypeAlias = Rendered | Refused
Reply: TypeAlias = Answer | Fetched
Answers: TypeAlias = Mapping[str, Reply]
T = TypeVar("T")
Conversation: TypeAlias = Generator[tuple[Ask, ...], Answers, T]
"""Yields questions, is sent the answers by key, returns its result."""
