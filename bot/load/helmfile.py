"""Helmfiles: charts that somebody installs by hand before Flux starts."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.flux.release import laid_over
from bot.load.template import HOLE, bodies, lines
from bot.load.twin import Twins
from bot.manifest.documents import read
from bot.model.field import Body, Value, at, items, mapping, mappings, strings, text
from bot.model.flux import Release
from bot.model.snapshot import Snapshot, joined

_NAME = re.compile(r"helmfile[^/]*\.ya?ml(\.gotmpl)?$")
_FIELD = re.compile(r"\s*(-\s+)?(name|namespace|chart|url):\s*[\"']?([^\s\"'#]+)")


@dataclass(frozen=True, slots=True)
class Installed:
    """A chart, installed before Flux starts.

    ``unknown``: it has values that the repository does not show.
    ``crds_only``: its CRDs are taken out of a render, nothing else is applied.
    ``skip_crds``: the render leaves the chart's ``crds/`` out.
    """

    place: str
    chart: str
    url: str
    values: Body
    unknown: bool
    namespace: str = ""
    crds_only: bool = False
    skip_crds: bool = False


def is_helmfile(path: str, data: bytes) -> bool:
    """Whether a file lists releases for helmfile; ``bases`` and values files do not."""
    # Most paths have neither word, and their files need not be searched.
    return ("helmfile" in path or "bootstrap" in path) and b"releases:" in data and _may_list_releases(path)


def _may_list_releases(path: str) -> bool:
    directory, name = posixpath.split(path)
    return bool(_NAME.match(name)) or any(step.startswith(("helmfile", "bootstrap")) for step in directory.split("/"))


def installed_by(path: str, snapshot: Snapshot, twins: Twins) -> Iterator[Installed]:
    """The charts that the helmfile at ``path`` installs."""
    data = snapshot.data(path) or b""
    documents = bodies(data, snapshot.limits.yaml) or (_read_by_line(data),)
    repositories = {text(one, "name"): one for body in documents for one in mappings(body, "repositories")}
    for body in documents:
        defaults = mapping(body, "helmDefaults")
        reader = _Reader(path, snapshot, twins, repositories, defaults)
        yield from (reader.installed(one) for one in mappings(body, "releases") if at(one, "installed") is not False)


@dataclass(frozen=True, slots=True)
class _Reader:
    path: str
    snapshot: Snapshot
    twins: Twins
    repositories: Mapping[str, Body]
    defaults: Body

    def installed(self, release: Body) -> Installed:
        name, namespace = text(release, "name"), text(release, "namespace")
        chart, url = self._chart(text(release, "chart"))
        twin = None
        if not chart or not _is_readable(release):
            twin = self.twins.find(name, namespace)
        inherited = not chart
        if inherited and twin and twin.chart:
            chart, url = twin.chart.name, twin.chart.url
        values, unknown = self._values(release, twin, inherited=inherited)
        creates = at({**self.defaults, **release}, "createNamespace") is not False
        crds_only = self._takes_only_crds()
        kept = namespace if creates and not crds_only and HOLE not in namespace else ""
        return Installed(self.path, chart or name, url, values, unknown, kept, crds_only)

    def _chart(self, chart: str) -> tuple[str, str]:
        """Name and URL of ``repository/chart`` or an OCI URL; empty where a template makes it."""
        if HOLE in chart or not chart:
            return "", ""
        alias, _, name = chart.rpartition("/")
        if chart.startswith("oci://"):
            return name, chart
        repository = self.repositories.get(alias, {})
        url = text(repository, "url")
        return name, f"oci://{url}/{name}" if at(repository, "oci") is True else url

    def _takes_only_crds(self) -> bool:
        told = (*strings(self.defaults, "args"), *strings(self.defaults, "postRendererArgs"))
        asked = any("--include-crds" in word or "CustomResourceDefinition" in word for word in told)
        return asked or "crd" in posixpath.basename(self.path)

    def _values(self, release: Body, twin: Release | None, *, inherited: bool) -> tuple[Body, bool]:
        merged: Body = {}
        unknown = text(release, "chart") == "" and twin is None
        sources: list[Value] = items(release, "values")
        if inherited and twin and not sources:
            sources = [HOLE]
        for source in sources:
            found = source if isinstance(source, dict) else self._file(source, twin)
            merged = laid_over(merged, found or {})
            unknown = unknown or found is None or (found is twin_values(twin) and bool(twin and twin.values_unknown))
        for setting in mappings(release, "set"):
            merged = laid_over(merged, _nested(text(setting, "name"), at(setting, "value")))
        return merged, unknown

    def _file(self, source: Value, twin: Release | None) -> Body | None:
        """The values in a file; those of the twin where a template makes the file; None where neither is there."""
        name = source if isinstance(source, str) else ""
        place = self._place(name)
        data = self.snapshot.data(place) if place else None
        documents = read(data, self.snapshot.limits.yaml).documents if data else ()
        if documents and not name.endswith(".gotmpl"):
            return documents[0].body
        return twin_values(twin)

    def _place(self, name: str) -> str | None:
        """The path of a values file; what stands before a template's end is unknown, so the one file that ends so."""
        _, hole, rest = name.rpartition(HOLE)
        if not hole:
            return joined(posixpath.dirname(self.path), name)
        found = [path for path in self.snapshot.files if f"/{path}".endswith(rest)] if rest.startswith("/") else []
        return found[0] if len(found) == 1 else None


def twin_values(twin: Release | None) -> Body | None:
    return twin.values if twin else None


def _is_readable(release: Body) -> bool:
    """Whether all values of a release stand in the helmfile or in plain files."""
    names = strings(release, "values")
    return not any(HOLE in name or name.endswith(".gotmpl") for name in names)


def _nested(path: str, value: Value) -> Body:
    for step in reversed(path.split(".")):
        value = {step: value}
    return value if isinstance(value, dict) else {}


def _read_by_line(data: bytes) -> Body:
    """Releases and repositories of a file that is no YAML even without its templates; values are not known then."""
    entries: list[Body] = []
    for line in lines(data):
        found = _FIELD.match(line)
        if not found:
            continue
        if found[1]:
            entries.append({"values": [HOLE]})
        if entries:
            entries[-1].setdefault(found[2], found[3])
    releases: list[Value] = [entry for entry in entries if "chart" in entry]
    repositories: list[Value] = [entry for entry in entries if "url" in entry]
    return {"releases": releases, "repositories": repositories}
