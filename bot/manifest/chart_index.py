"""The versions that the index of a Helm repository lists, out of tens of megabytes of YAML or JSON.

Its events are read one by one and only three fields of each version are kept,
so the size of the rest costs time and no memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple, TypeAlias

import yaml

MOST_VERSIONS: Final = 200_000
"""Versions of all charts; the largest public indexes list some 30,000."""

_DEEPEST = 60
_LONGEST = 4096
_IN_VERSION = 3
"""Steps to a version: ``entries``, the name of the chart, a number."""
_FIELDS = ("version", "digest", "urls")
_Path: TypeAlias = tuple[object, ...]


class Listed(NamedTuple):
    """A version of a chart: where its archive is, and the hex SHA-256 of it, empty where the index has none."""

    version: str
    urls: tuple[str, ...]
    digest: str


def chart_index(data: bytes) -> Mapping[str, tuple[Listed, ...]]:
    """The versions of each chart, in the index's order. Raise ValueError for what is no such index, in few words."""
    found: dict[str, list[Listed]] = {}
    count = 0
    try:
        for chart, listed in _versions(_scalars(yaml.parse(data, Loader=yaml.CLoader))):
            count += 1
            if count > MOST_VERSIONS:
                raise ValueError(f"lists more than {MOST_VERSIONS:,} versions")
            found.setdefault(chart, []).append(listed)
    except (yaml.YAMLError, UnicodeDecodeError):
        raise ValueError("is not YAML") from None
    return {chart: tuple(some) for chart, some in found.items()}


def _versions(scalars: Iterable[tuple[_Path, str]]) -> Iterator[tuple[str, Listed]]:
    """Each version with its chart's name, put together from ``entries.NAME[i]``'s fields, which follow each other."""
    current: _Path = ()
    fields: dict[str, str] = {}
    urls: list[str] = []
    for path, text in scalars:
        if len(path) < _IN_VERSION or path[0] != "entries" or not isinstance(path[2], int):
            continue
        if path[:_IN_VERSION] != current:
            if current:
                yield str(current[1]), _listed(fields, urls)
            current, fields, urls = path[:_IN_VERSION], {}, []
        match path[_IN_VERSION:]:
            case ("urls", int()):
                urls.append(text)
            case ("version" | "digest" as name,):
                fields[name] = text
            case _:
                continue
    if current:
        yield str(current[1]), _listed(fields, urls)


def _listed(fields: Mapping[str, str], urls: list[str]) -> Listed:
    digest = fields.get("digest", "").lower().removeprefix("sha256:")
    return Listed(fields.get("version", ""), tuple(urls), digest)


class _Level:
    """A mapping or sequence that is open: the key, or the number, of the next value in it."""

    def __init__(self, *, is_mapping: bool) -> None:
        self.is_mapping = is_mapping
        self.step: object = None if is_mapping else 0

    def passed(self) -> None:
        """A value ended."""
        self.step = None if isinstance(self.step, str) or self.is_mapping else int(str(self.step)) + 1


def _scalars(events: Iterable[object]) -> Iterator[tuple[_Path, str]]:
    """Every scalar that may be of use, with the way to it. An index has no aliases; with one it is refused."""
    levels: list[_Level] = []
    for event in events:
        match event:
            case yaml.AliasEvent():
                raise ValueError("holds an alias")
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                if len(levels) >= _DEEPEST or (levels and levels[-1].step is None):
                    raise ValueError("is nested as no index is")
                levels.append(_Level(is_mapping=isinstance(event, yaml.MappingStartEvent)))
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                levels.pop()
                if levels:
                    levels[-1].passed()
            case yaml.ScalarEvent() if levels and levels[-1].step is None:
                levels[-1].step = str(event.value)
            case yaml.ScalarEvent() if levels:
                # Looked at first, because of twenty scalars one is wanted.
                if len(levels) > _IN_VERSION and levels[_IN_VERSION].step in _FIELDS and len(event.value) <= _LONGEST:
                    yield tuple(level.step for level in levels), str(event.value)
                levels[-1].passed()
            case _:
                continue
