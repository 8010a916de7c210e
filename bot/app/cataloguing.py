"""Rows of the catalogue from charts: the order of reading, fetching and rendering, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.app.local import hold
from bot.fetch.archive import unpacked
from bot.fetch.limits import as_set
from bot.fetch.refusal import Refusal
from bot.git.disk import folder
from bot.load.cataloguing import Chart, catalogued
from bot.model.allowance import size_limit
from bot.model.ask import Fetch, Fetched, Refused
from bot.model.field import Body
from bot.model.limits import Limits, passed
from bot.model.snapshot import Blob
from bot.ports import Answerer, BadQuestion


@dataclass(frozen=True, slots=True)
class Named:
    """A chart as the user names it: a directory, a ``.tgz``, ``oci://…``, or its name in the repository at ``url``.

    ``version`` may be a range; empty means the newest.
    """

    name: str
    url: str = ""
    version: str = ""

    @property
    def is_elsewhere(self) -> bool:
        """Whether it has to be fetched."""
        return bool(self.url) or self.name.startswith("oci://")


def row(named: Named, answering: Answerer, limits: Limits) -> Body:
    """The row of one chart. Raise BadQuestion where it is not to be had or cannot be rendered."""
    chart = _fetched(named, answering) if named.is_elsewhere else Chart(_on_disk(Path(named.name), limits))
    found = hold(catalogued(chart), limits.builds, answering, lambda _done, _asked: None)
    if isinstance(found, Refused):
        raise BadQuestion(f"the chart {named.name} is not rendered: {found.message}")
    return found


def _fetched(named: Named, answering: Answerer) -> Chart:
    ask = _by_index(named) if named.url else _by_registry(named)
    reply = answering.answer((ask,))[ask.key]
    if isinstance(reply, Fetched):
        return Chart(reply.files, ask.url)
    why = reply.message if isinstance(reply, Refused) else "nobody has it"
    raise BadQuestion(f"the chart {named.name} is not fetched: {why}")


def _by_index(named: Named) -> Fetch:
    return Fetch(named.url, named.name, named.version)


def _by_registry(named: Named) -> Fetch:
    """``oci://HOST/PATH``, with a tag or digest behind it where there is one."""
    whole, _, digest = named.name.partition("@")
    place, _, tag = whole.rpartition(":")
    if "/" in tag or not place.startswith("oci://"):
        place, tag = whole, ""
    newest = "" if tag or digest else "*"
    return Fetch(place, "", named.version or newest, tag, digest)


def _on_disk(path: Path, limits: Limits) -> Mapping[str, Blob]:
    if path.is_dir():
        files = folder(path, limits).files
        unread = next((name for name, blob in files.items() if blob.data is None), None)
        if unread is not None:
            raise BadQuestion(f"{path}: {unread} is too large: {passed(*size_limit(unread, limits))}")
        return files
    try:
        with path.open("rb") as file:
            archive = file.read(limits.chart_bytes + 1)
    except OSError as problem:
        raise BadQuestion(f"cannot read {path}: {problem.strerror}") from problem
    if len(archive) > limits.chart_bytes:
        raise BadQuestion(f"{path} is too large: {passed('chart_bytes', limits.chart_bytes)}")
    try:
        return unpacked(archive, as_set(limits))
    except Refusal as refusal:
        raise BadQuestion(f"{path}: {refusal}") from refusal
