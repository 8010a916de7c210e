"""Variables that stay as they are written because nothing replaces them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bot.flux.kustomization import is_flux_kustomization
from bot.model.cluster import Cluster, Node
from bot.model.field import Value, mapping, mappings, text
from bot.model.ref import Ref
from bot.model.resource import Resource
from bot.simulate.ownership import applied
from bot.simulate.unset import is_text

_MARK = "kustomize.toolkit.fluxcd.io/substitute"
_EXPRESSION = re.compile(r"(?<!\$)\$\{([_a-zA-Z][_a-zA-Z0-9]*)(?:\}|:)", re.ASCII)


def defined(cluster: Cluster) -> Mapping[str, Ref]:
    """Each variable that a Kustomization of the cluster defines, with the first that does."""
    found: dict[str, Ref] = {}
    for ref, node in cluster.nodes.items():
        post_build = mapping(node.kustomization.spec, "postBuild")
        for name in mapping(post_build, "substitute"):
            found.setdefault(name, ref)
        for entry in mappings(post_build, "substituteFrom"):
            holder = cluster.resources.get(Ref("", text(entry, "kind"), ref.namespace, text(entry, "name")))
            for field in ("data", "stringData") if holder else ():
                for name in mapping(holder[0].body, field) if holder else ():
                    found.setdefault(name, ref)
    return found


def left_literal(node: Node, known: Mapping[str, Ref]) -> Iterator[tuple[Resource, str]]:
    """The objects that hold one of these variables as text, each with the first of its names."""
    for resource in applied(node):
        if is_text(resource.ref) or is_flux_kustomization(resource.body) or resource.marked(_MARK):
            continue
        name = next((name for name in names(resource.body) if name in known), None)
        if name:
            yield resource, name


def names(value: Value) -> Iterator[str]:
    """The variables in the texts of a value."""
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, str):
            if "${" in one:
                yield from _EXPRESSION.findall(one)
        elif isinstance(one, dict):
            pending += one.values()
        elif isinstance(one, list):
            pending += one
