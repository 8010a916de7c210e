"""Objects that the schema of their kind refuses, those of Flux and those of Kubernetes itself."""

from __future__ import annotations

from collections.abc import Iterator

from bot.knowledge.kubernetes import kubernetes_schema
from bot.knowledge.schemas import FLUX, Invalid, fits, flux_schema, invalid
from bot.model.field import mapping
from bot.model.ref import GroupKind
from bot.model.resource import Resource
from bot.simulate.unset import minor_of

_RBAC = "rbac.authorization.k8s.io"
_AS_WRITTEN = frozenset({GroupKind(_RBAC, "Role"), GroupKind(_RBAC, "ClusterRole")})
_MERGE = ("kustomize.toolkit.fluxcd.io/ssa", "merge")
_SYSTEM = "kube-system"


def unfit(resource: Resource, flux: str | None) -> Invalid | None:
    """The first field, by its whole path, that no release takes which the cluster may have; ``flux`` is its Flux."""
    return next(_of_flux(resource, flux), None) or next(_of_kubernetes(resource), None)


def is_of_kubernetes(resource: Resource) -> bool:
    """Whether Kubernetes itself has the kind, in this version."""
    return kubernetes_schema(resource.ref.group, resource.ref.kind, resource.version) is not None


def _of_flux(resource: Resource, flux: str | None) -> Iterator[Invalid]:
    schema = flux_schema(resource.ref.group, resource.ref.kind, resource.version)
    if schema is None or (flux and minor_of(flux) > FLUX):
        return
    spec = mapping(resource.body, "spec")
    for one in invalid(schema, spec, ("spec",)) if not fits(schema, spec) else ():
        if flux or not one.undeclared:
            yield one


def _of_kubernetes(resource: Resource) -> Iterator[Invalid]:
    """Nothing of what is encrypted, which arrives in another form.

    Flux reads an object into the Go type of its kind and writes it anew, which drops unknown fields, but for those
    whose rules that would reset (fluxcd/pkg ssa ``normalize.UnstructuredList``); what does not fit the type goes to
    the API server as it is. Where an object is there before Flux applies it, what it lacks may be there, too.
    """
    schema = kubernetes_schema(resource.ref.group, resource.ref.kind, resource.version)
    if schema is None or "sops" in resource.body or fits(schema, resource.body):
        return
    is_part = resource.marked(_MERGE[0]) == _MERGE[1] or resource.ref.namespace == _SYSTEM
    for one in invalid(schema, resource.body):
        if not (one.lacks and is_part) and (not one.undeclared or resource.group_kind in _AS_WRITTEN):
            yield one
