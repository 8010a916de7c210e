"""What the CEL expressions of a cluster come to: those that Flux cannot read, and those that never hold.

An expression is tried on the dependency as the tree writes it, with a status
as Flux sets it. What else stands in a live object is not known, so only
expressions that read nothing else are decided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.flux.cel import fields_read
from bot.flux.truth import Truth, syntax_error, truth, undeclared
from bot.model.cluster import Cluster
from bot.model.field import Body, FieldPath, Value, mapping, text
from bot.model.flux import Dependency, HealthExpression, Kustomization
from bot.model.ref import Ref
from bot.model.resource import Resource

_METADATA = ("name", "namespace", "generation", "labels", "annotations")
_STATUS = ("conditions", "observedGeneration")


class Flaw(StrEnum):
    UNREADABLE = "unreadable"
    """Flux refuses the whole object, and tries again only once its spec changes."""
    NEVER = "never"
    """It stays false even when the dependency is ready."""


@dataclass(frozen=True, slots=True)
class Flawed:
    """An expression of ``about`` at ``field``; ``dependency`` is whom it is about, ``said`` the parser's words."""

    about: Ref
    field: FieldPath
    flaw: Flaw
    said: str = ""
    dependency: Ref | None = None


class Moment(StrEnum):
    """How a dependency may stand when Flux looks at it."""

    READY = "ready"
    FAILING = "failing"
    NOT_BEGUN = "not begun"
    """Ready, but with the spec that it had before."""


_STATES: Mapping[Moment, tuple[int, str]] = {
    Moment.READY: (2, "True"),
    Moment.FAILING: (2, "False"),
    Moment.NOT_BEGUN: (1, "True"),
}
"""The observed generation, where the present one is 2, and the status of the condition Ready."""

_OTHERS: tuple[Body, ...] = (
    {"type": "Healthy", "status": "True"},
    {"type": "Released", "status": "True"},
    {"type": "TestSuccess", "status": "True"},
    {"type": "Reconciling", "status": "False"},
    {"type": "Stalled", "status": "False"},
)
"""Conditions that an object may have beside Ready, and may not."""


def flawed(cluster: Cluster) -> Mapping[Ref, tuple[Flawed, ...]]:
    """By Kustomization and HelmRelease its expressions that keep it from ever being ready."""
    found: dict[Ref, list[Flawed]] = {}
    for ref, node in cluster.nodes.items():
        for one in (*_health(ref, node.kustomization.health_expressions), *_ready(cluster, node.kustomization)):
            found.setdefault(ref, []).append(one)
    for ref, (release, _) in cluster.releases.items():
        reads = _dependencies(cluster, release.resource, release.depends_on)
        for one in (*_health(ref, release.health_expressions), *reads):
            found.setdefault(ref, []).append(one)
    return {ref: tuple(some) for ref, some in found.items()}


def _health(ref: Ref, entries: tuple[HealthExpression, ...]) -> Iterator[Flawed]:
    for entry in entries:
        for field, written in entry.texts:
            said = syntax_error(written)
            if said:
                path: FieldPath = ("spec", "healthCheckExprs", entry.index, field)
                yield Flawed(ref, path, Flaw.UNREADABLE, said)


def _ready(cluster: Cluster, kustomization: Kustomization) -> Iterator[Flawed]:
    return _dependencies(cluster, kustomization.resource, kustomization.depends_on)


def _dependencies(cluster: Cluster, resource: Resource, entries: tuple[Dependency, ...]) -> Iterator[Flawed]:
    for entry in entries:
        if not entry.ready_expr:
            continue
        path: FieldPath = ("spec", "dependsOn", entry.index, "readyExpr")
        said = syntax_error(entry.ready_expr) or _stray(entry.ready_expr)
        if said:
            yield Flawed(resource.ref, path, Flaw.UNREADABLE, said, entry.ref)
        elif _never(cluster, resource, entry):
            yield Flawed(resource.ref, path, Flaw.NEVER, "", entry.ref)


def _never(cluster: Cluster, resource: Resource, entry: Dependency) -> bool:
    """Whether an expression is false of a dependency that is ready, whatever conditions it has beside that."""
    some = (holds(cluster, resource, entry, Moment.READY, others=others) for others in (False, True))
    return all(one is Truth.FALSE for one in some)


def _stray(expression: str) -> str:
    """A field that is read of nothing; only ``dep`` and ``self`` are variables here."""
    name = undeclared(expression, ("status", "metadata", "spec"))
    return f"undeclared reference to '{name}'" if name else ""


def holds(cluster: Cluster, resource: Resource, entry: Dependency, moment: Moment, *, others: bool = False) -> Truth:
    """Whether a ``readyExpr`` holds while its dependency stands like that; unknown where it reads more than is known.

    With ``others`` the dependency has further conditions.
    """
    found = _object(cluster, entry.ref)
    if found is None or not (_is_known(entry.ready_expr, "dep") and _is_known(entry.ready_expr, "self")):
        return Truth.UNKNOWN
    generation, ready = _STATES[moment]
    conditions: list[Value] = [{"type": "Ready", "status": ready}, *(_OTHERS if others else ())]
    status: Body = {"observedGeneration": generation, "conditions": conditions}
    values: Body = {
        "dep": {**_identity(found), "status": status},
        "self": _identity(resource),
    }
    return truth(entry.ready_expr, values)


def _object(cluster: Cluster, ref: Ref) -> Resource | None:
    node, release = cluster.nodes.get(ref), cluster.releases.get(ref)
    if node:
        return node.kustomization.resource
    return release[0].resource if release else None


def _is_known(expression: str, variable: str) -> bool:
    """Whether an expression reads only what is known of a variable."""
    read = fields_read(expression, variable)
    return read is not None and all(_known_field(path, variable) for path in read)


def _known_field(path: tuple[str, ...], variable: str) -> bool:
    match path:
        case ("metadata", field, *_):
            return field in _METADATA
        case ("status", field, *_):
            return field in _STATUS and variable == "dep"
        case (field, *_):
            return field in ("apiVersion", "kind")
        case _:
            return False


def _identity(resource: Resource) -> Body:
    """What is known of an object's head; a label whose value is a variable is left out."""
    metadata: Body = {"name": resource.ref.name, "namespace": resource.ref.namespace, "generation": 2}
    for field in ("labels", "annotations"):
        written = mapping(resource.body, "metadata", field)
        metadata[field] = {key: value for key, value in written.items() if "${" not in text(written, key)}
    return {"apiVersion": resource.api_version, "kind": resource.ref.kind, "metadata": metadata}


def counts_as_new(resource: Resource, texts: tuple[tuple[str, str], ...]) -> bool:
    """Whether health expressions take an object for healthy that was only just made and has no status yet."""
    body: Body = {**resource.body, "metadata": {**mapping(resource.body, "metadata"), "generation": 1}}
    for field, written in texts:
        found = truth(written, body)
        if found is not Truth.FALSE:
            return field == "current" and found is Truth.TRUE
    return False


def predicted(one: Flawed) -> str:
    """The text that Flux prints (kustomize-controller ``checkDependencies``; fluxcd/pkg ``runtime/cel``)."""
    if one.flaw is Flaw.UNREADABLE:
        return f"failed to parse the CEL expression: ERROR: <input>: {one.said}"
    named = f"{one.dependency.namespace}/{one.dependency.name}" if one.dependency else ""
    return f"dependency '{named}' is not ready according to readyExpr eval"
