"""A Flux HelmRelease, read from its object and the objects that it names."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TypeAlias

from bot.flux.kustomization import (
    health_expressions,
    read_release_dependencies,
    required,
    required_each,
    target_cluster,
    timing,
)
from bot.manifest.documents import read
from bot.model.field import Body, Value, at, flag, mapping, mappings, text
from bot.model.flux import ChartRef, Release, Required
from bot.model.ref import SOURCE, Ref
from bot.model.resource import Resource

Find: TypeAlias = Callable[[Ref], Resource | None]


def read_release(resource: Resource, find: Find) -> Release:
    """The release that an object of that kind is; ``find`` looks objects of the same cluster up."""
    spec = mapping(resource.body, "spec")
    namespace = resource.ref.namespace
    values, unknown = _values(spec, namespace, find)
    install = mapping(spec, "install")
    return Release(
        ref=resource.ref,
        resource=resource,
        chart=_chart(spec, namespace, find),
        depends_on=read_release_dependencies(spec, namespace),
        values=values,
        values_unknown=tuple(unknown),
        install_crds=text(install, "crds") or "Create",
        target_namespace=text(spec, "targetNamespace") or namespace,
        creates_namespace=flag(install, "createNamespace"),
        disable_wait=flag(install, "disableWait"),
        suspended=flag(spec, "suspend"),
        target=target_cluster(spec),
        retries=_retries(install),
        timing=timing(spec),
        requires=tuple(_requires(spec, namespace)),
        health_expressions=tuple(health_expressions(spec)),
    )


def _retries(install: Body) -> float:
    """How often a failed installation is tried again.

    Below zero means for ever, as ``RetryOnFailure`` does; what cannot be read,
    a variable, counts as that too.
    """
    if text(install, "strategy", "name") == "RetryOnFailure":
        return math.inf
    retries = at(install, "remediation", "retries")
    if retries is None:
        return 0
    return retries if isinstance(retries, int) and retries >= 0 else math.inf


def _requires(spec: Body, namespace: str) -> Iterator[Required]:
    """What helm-controller reads before it installs anything."""
    for field in (("chartRef",), ("chart", "spec", "sourceRef")):
        entry = mapping(spec, *field)
        if text(entry, "name"):
            kind, home = text(entry, "kind") or "HelmRepository", text(entry, "namespace") or namespace
            yield Required(Ref(SOURCE, kind, home, text(entry, "name")), ("spec", *field))
    yield from required_each(spec, namespace, "valuesFrom")
    yield from required("Secret", namespace, spec, "kubeConfig", "secretRef")
    yield from required("ConfigMap", namespace, spec, "kubeConfig", "configMapRef")


def _chart(spec: Body, namespace: str, find: Find) -> ChartRef | None:
    reference = mapping(spec, "chartRef")
    if not reference:
        return _templated(mapping(spec, "chart", "spec"), namespace, find)
    source = Ref(SOURCE, text(reference, "kind"), text(reference, "namespace") or namespace, text(reference, "name"))
    found = find(source)
    if source.kind == "HelmChart" and found:
        return _templated(mapping(found.body, "spec"), found.ref.namespace, find)
    described = mapping(found.body, "spec") if found else {}
    url = text(described, "url")
    name = url.rstrip("/").rpartition("/")[2] or source.name
    ref = mapping(described, "ref")
    return ChartRef(name, url, text(ref, "semver"), source, tag=text(ref, "tag"), digest=text(ref, "digest"))


def _templated(chart: Body, namespace: str, find: Find) -> ChartRef | None:
    """The chart of ``spec.chart.spec``, or of a HelmChart."""
    name = text(chart, "chart")
    if not name:
        return None
    reference = mapping(chart, "sourceRef")
    kind = text(reference, "kind") or "HelmRepository"
    source = Ref(SOURCE, kind, text(reference, "namespace") or namespace, text(reference, "name"))
    if kind in ("GitRepository", "Bucket"):
        return ChartRef(name.rstrip("/").rpartition("/")[2], "", text(chart, "version"), source, name)
    found = find(source)
    return ChartRef(name, text(found.body, "spec", "url") if found else "", text(chart, "version"), source)


def _values(spec: Body, namespace: str, find: Find) -> tuple[Body, list[str]]:
    """The values that the repository shows, later ones laid over earlier ones, and what it does not show."""
    merged: Body = {}
    unknown: list[str] = []
    for entry in mappings(spec, "valuesFrom"):
        found = _values_from(entry, namespace, find)
        if found is None:
            unknown.append(f"{text(entry, 'kind')}/{namespace}/{text(entry, 'name')}")
        else:
            merged = laid_over(merged, found)
    return laid_over(merged, mapping(spec, "values")), unknown


def _values_from(entry: Body, namespace: str, find: Find) -> Body | None:
    holder = find(Ref("", text(entry, "kind"), namespace, text(entry, "name")))
    if holder is None or text(entry, "kind") != "ConfigMap":
        return None
    content = text(holder.body, "data", text(entry, "valuesKey") or "values.yaml")
    target = text(entry, "targetPath")
    if target:
        return _nested(target, content)
    documents = read(content.encode()).documents
    return documents[0].body if documents else {}


def _nested(path: str, value: Value) -> Body:
    for step in reversed(path.split(".")):
        value = {step: value}
    return value if isinstance(value, dict) else {}


def laid_over(under: Body, over: Body) -> Body:
    """Both mappings merged, ``over`` winning, mappings merged in depth as Helm merges values."""
    return {**under, **dict(_merged(under, over))}


def _merged(under: Body, over: Body) -> Iterator[tuple[str, Value]]:
    for key, value in over.items():
        below = under.get(key)
        yield key, laid_over(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
