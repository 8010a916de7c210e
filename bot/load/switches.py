"""The values of a chart that switch something on or off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from bot.manifest.documents import read
from bot.model.field import Body, Value, dotted, mapping, mappings, text
from bot.model.snapshot import Blob


class Switch(NamedTuple):
    """A boolean at a dotted ``path``; ``default`` is None where the chart's own values do not have it.

    Helm takes an absent condition of a subchart for true.
    """

    path: str
    default: bool | None

    @property
    def flipped(self) -> bool:
        return self.default is False

    @property
    def values(self) -> Body:
        """Values that flip it and change nothing else."""
        body: Value = self.flipped
        for step in reversed(self.path.split(".")):
            body = {step: body}
        return mapping(body)


def switches(files: Mapping[str, Blob]) -> tuple[Switch, ...]:
    """Every switch of a chart and of the subcharts that lie in it unpacked, and the conditions of all subcharts.

    A key with a dot in it cannot be named by a path and is passed over.
    """
    own = _first(files, "values.yaml")
    found = dict(_booleans(own))
    for dependency in mappings(_first(files, "Chart.yaml"), "dependencies"):
        name = text(dependency, "name")
        below = text(dependency, "alias") or name
        for path, default in _booleans(_first(files, f"charts/{name}/values.yaml")):
            found.setdefault(f"{below}.{path}", default)
        for condition in text(dependency, "condition").split(","):
            if condition.strip():
                value = dotted(own, condition.strip())
                found.setdefault(condition.strip(), value if isinstance(value, bool) else None)
    return tuple(Switch(path, default) for path, default in sorted(found.items()))


def _first(files: Mapping[str, Blob], path: str) -> Body:
    """The one document of a file; empty where there is none."""
    blob = files.get(path)
    documents = read(blob.data).documents if blob and blob.data else ()
    return documents[0].body if documents else {}


def _booleans(body: Body) -> Iterator[tuple[str, bool | None]]:
    # No recursion: values may be nested deeper than a stack.
    pending: list[tuple[str, Value]] = [("", body)]
    while pending:
        path, value = pending.pop()
        if isinstance(value, bool):
            yield path, value
        elif isinstance(value, dict):
            pending += ((f"{path}.{key}" if path else key, inner) for key, inner in value.items() if "." not in key)
