"""How much of a repository is read at most, so that nobody can keep fluxbot busy for ever or fill its memory.

Limits are the operator's. A repository cannot change them: it could raise
its own. They travel with the snapshot that was taken under them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from bot.model.quote import code
from bot.model.ref import Ref

MEBIBYTE: Final = 1024 * 1024
DEEPEST_YAML: Final = 250
"""What the limit on depth may be raised to: a level takes up to three frames of a stack of 1,000."""

LIMIT: Final = "FLUXBOT_LIMIT_"
"""How the name of each setting begins."""

_BYTES: Final = "_bytes"


@dataclass(frozen=True, slots=True)
class YamlLimits:
    """What one file may hold; see the fields of ``Limits`` that begin with ``yaml_``."""

    depth: int = 200
    nodes: int = 1_000_000
    documents: int = 10_000


YAML: Final = YamlLimits()


@dataclass(frozen=True)
class Limits:
    """Each limit with its default. The name of a field tells its unit; sizes are in bytes."""

    repository_files: int = 200_000
    """Files of a commit or folder. More ends the review."""
    repository_bytes: int = 512 * MEBIBYTE
    """What is read of a commit or folder, all files together. More ends the review."""
    archive_bytes: int = 1024 * MEBIBYTE
    """The archive that GitHub packs of a commit. More ends the review."""
    archive_unpacked_bytes: int = 2048 * MEBIBYTE
    """What that archive unpacks to. More ends the review."""
    file_bytes: int = 10 * MEBIBYTE
    """A file of configuration: YAML, JSON and the like. A larger one is not read."""
    other_file_bytes: int = MEBIBYTE
    """Any other file: it only gets into a ConfigMap or Secret, which hold 1 MiB. A larger one is not read."""
    other_files_bytes: int = 256 * MEBIBYTE
    """All files together that are no configuration. What is beyond is not read."""
    yaml_depth: int = YAML.depth
    """Levels of a YAML document, aliases followed. A deeper one is not read."""
    yaml_nodes: int = YAML.nodes
    """Keys and values of a YAML file, aliases followed. Of a larger one the rest is not read."""
    yaml_documents: int = YAML.documents
    """Documents of a YAML file. Of a larger one the rest is not read."""
    kustomizations: int = 5_000
    """Kustomizations of one cluster. The rest is not judged."""
    objects: int = 100_000
    """Objects of one cluster. Kustomizations that would bring more are not judged."""
    nesting: int = 32
    """Kustomizations that apply one another, from a cluster's entry on. What lies deeper is not judged."""
    base_nesting: int = 64
    """Bases and components that name one another, from the path of a Kustomization on. What has more is not built."""
    builds: int = 10_000
    """Different builds and charts that one review asks for. More ends the review."""
    seconds: int = 300
    """How long one review takes. More ends it."""
    memory_bytes: int = 4096 * MEBIBYTE
    """Address space of the App's process that reviews, on Linux. More ends the review."""
    chart_bytes: int = 20 * MEBIBYTE
    """A packed chart. A larger one is not read."""
    chart_unpacked_bytes: int = 100 * MEBIBYTE
    """What a chart unpacks to. A larger one is not read."""
    chart_files: int = 2_000
    """Files of a chart. One with more is not read."""

    @cached_property
    def yaml(self) -> YamlLimits:
        return YamlLimits(self.yaml_depth, self.yaml_nodes, self.yaml_documents)


LIMITS: Final = Limits()


def setting(limit: str) -> str:
    """The setting of a limit; that of a size counts in MiB."""
    name = f"{limit.removesuffix(_BYTES)}_mib" if is_size(limit) else limit
    return f"{LIMIT}{name.upper()}"


def is_size(limit: str) -> bool:
    """Whether a limit is a number of bytes."""
    return limit.endswith(_BYTES)


def passed(limit: str, allowed: int) -> str:
    """The end of a sentence about a limit that ends a review: which it was, and how it is raised."""
    return f"the limit is {_amount(limit, allowed)}; {setting(limit)} raises it"


@dataclass(frozen=True, slots=True)
class Exceeded:
    """A limit that something passed, so that it was not judged.

    ``limit`` is the field of ``Limits``, or a wall of the process that built
    (``time``, ``memory``, ``output``), which has no setting. ``reason`` says
    what passed it, in a clause that may stand in Markdown. ``path`` and
    ``line`` are the place, empty for that of the object itself; ``object`` is
    what stands there, where that is another.
    """

    limit: str
    reason: str
    path: str = ""
    line: int = 1
    object: Ref | None = None

    @property
    def of_cluster(self) -> bool:
        """Whether it keeps a part of the cluster from being read, and not one object of it."""
        return self.limit in ("kustomizations", "objects", "nesting")

    @property
    def setting(self) -> str:
        """The setting that raises the limit; empty for a wall that has none."""
        return setting(self.limit) if self.limit in Limits.__dataclass_fields__ else ""


def file_exceeded(limits: Limits, limit: str, path: str, line: int = 1, size: int = 0) -> Exceeded:
    """A file that passes a limit; ``size`` in bytes where that is what passes it."""
    allowed = _amount(limit, getattr(limits, limit))
    match limit:
        case "yaml_depth":
            reason = f"is nested deeper than {allowed} levels"
        case "yaml_nodes":
            reason = f"has more than {allowed} keys and values, aliases followed"
        case "yaml_documents":
            reason = f"has more than {allowed} documents"
        case "other_files_bytes":
            reason = f"is beyond the {allowed} that are read of files that are no configuration"
        case _:
            reason = f"has {size:,} bytes, and files of this kind are read up to {allowed}"
    return Exceeded(limit, f"{code(path)} {reason}", path, line)


def _amount(limit: str, number: int) -> str:
    """``10 MiB``, ``5,000``."""
    if not is_size(limit):
        return f"{number:,}"
    return f"{number // MEBIBYTE:,} MiB" if number % MEBIBYTE == 0 else f"{number:,} bytes"
