"""Kinds that are there without a chart, and what is known of a kind's scope."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from functools import cache

from bot.knowledge.charts import all_kinds
from bot.knowledge.shipped import shipped
from bot.model.field import mapping, mappings, strings, text
from bot.model.ref import GroupKind

# Kubernetes' own kinds outside namespaces (`kubectl api-resources --namespaced=false`), lower-cased.
_CLUSTER_SCOPED: dict[str, frozenset[str]] = {
    "": frozenset({"componentstatus", "namespace", "node", "persistentvolume"}),
    "admissionregistration.k8s.io": frozenset(
        {
            "mutatingadmissionpolicy",
            "mutatingadmissionpolicybinding",
            "mutatingwebhookconfiguration",
            "validatingadmissionpolicy",
            "validatingadmissionpolicybinding",
            "validatingwebhookconfiguration",
        }
    ),
    "apiextensions.k8s.io": frozenset({"customresourcedefinition"}),
    "apiregistration.k8s.io": frozenset({"apiservice"}),
    "authentication.k8s.io": frozenset({"selfsubjectreview", "tokenreview"}),
    "authorization.k8s.io": frozenset({"selfsubjectaccessreview", "selfsubjectrulesreview", "subjectaccessreview"}),
    "certificates.k8s.io": frozenset({"certificatesigningrequest", "clustertrustbundle"}),
    "flowcontrol.apiserver.k8s.io": frozenset({"flowschema", "prioritylevelconfiguration"}),
    "internal.apiserver.k8s.io": frozenset({"storageversion"}),
    "networking.k8s.io": frozenset({"ingressclass", "ipaddress", "servicecidr"}),
    "node.k8s.io": frozenset({"runtimeclass"}),
    "rbac.authorization.k8s.io": frozenset({"clusterrole", "clusterrolebinding"}),
    "resource.k8s.io": frozenset({"deviceclass", "devicetaintrule", "resourcepoolstatusrequest", "resourceslice"}),
    "scheduling.k8s.io": frozenset({"priorityclass"}),
    "storage.k8s.io": frozenset({"csidriver", "csinode", "storageclass", "volumeattachment", "volumeattributesclass"}),
    "storagemigration.k8s.io": frozenset({"storageversionmigration"}),
}

# Groups of Flux that are there only where their controller was chosen.
_OPTIONAL_FLUX = frozenset({"image.toolkit.fluxcd.io", "source.extensions.fluxcd.io", "fluxcd.controlplane.io"})


class FluxKind(StrEnum):
    """ALWAYS is there where Flux runs; OPTIONAL needs image automation, source-watcher or flux-operator."""

    ALWAYS = "always"
    OPTIONAL = "optional"


def is_builtin(what: GroupKind) -> bool:
    """Whether Kubernetes itself serves the kind (as of 1.36)."""
    return what.kind.lower() in _builtin_kinds(what.group)


@cache
def builtin_groups() -> frozenset[str]:
    """The groups that Kubernetes itself serves; empty for the core one."""
    return frozenset(mapping(shipped("kinds"), "kubernetes"))


def is_builtin_kind_name(kind: str) -> bool:
    """Whether Kubernetes serves a kind of this name in any group."""
    return kind.lower() in _builtin_names()


def flux_kinds() -> Iterator[tuple[GroupKind, FluxKind]]:
    """Every kind of Flux."""
    groups = mapping(shipped("kinds"), "flux")
    for group in groups:
        sort = FluxKind.OPTIONAL if group in _OPTIONAL_FLUX else FluxKind.ALWAYS
        yield from ((GroupKind(group, kind), sort) for kind in strings(groups, group))


def flux_kind(what: GroupKind) -> FluxKind | None:
    """Whether and how a kind belongs to Flux."""
    return _flux_kinds().get(what)


def config_only(group: str, kind: str) -> bool:
    """Whether such a document configures a tool on somebody's desk and is never applied to a cluster."""
    kinds = strings(shipped("kinds"), "config_only", group)
    return kind in kinds or "*" in kinds


def aggregated_by(group: str) -> str | None:
    """What serves a group that comes from an APIService and has no CRDs."""
    return text(shipped("kinds"), "aggregated", group) or None


def namespaced(what: GroupKind) -> bool | None:
    """Whether objects of this kind live in a namespace; None where nobody knows."""
    if is_builtin(what):
        return what.kind.lower() not in _CLUSTER_SCOPED.get(what.group, frozenset())
    if what.group.endswith((".fluxcd.io", "fluxcd.controlplane.io")) and what in _flux_kinds():
        return True
    scope = _scopes().get(what)
    return None if scope is None else scope == "N"


def platform_hint(what: GroupKind) -> str | None:
    """The platforms that bring a kind, such as ``rke2, gke``; true only where the user runs one of them."""
    names = [
        text(platform, "id")
        for platform in mappings(shipped("kinds"), "platforms")
        if what.kind.lower() in (kind.lower() for kind in strings(platform, "kinds", what.group))
    ]
    return ", ".join(names) or None


def group_known(group: str) -> bool:
    """Whether the catalogue knows a chart or component with CRDs of this group."""
    return group in _groups()


def by_plural(group: str, plural: str) -> GroupKind | None:
    """The kind that is called ``plural`` (or, lower-cased, like this itself) in a group."""
    return _plurals().get((group, plural.lower()))


@cache
def _builtin_kinds(group: str) -> frozenset[str]:
    return frozenset(strings(shipped("kinds"), "kubernetes", group))


@cache
def _builtin_names() -> frozenset[str]:
    groups = mapping(shipped("kinds"), "kubernetes")
    return frozenset(kind for group in groups for kind in strings(groups, group))


@cache
def _flux_kinds() -> dict[GroupKind, FluxKind]:
    return dict(flux_kinds())


@cache
def _scopes() -> dict[GroupKind, str]:
    return {what: scope for what, _, scope in all_kinds() if scope}


@cache
def _groups() -> frozenset[str]:
    return frozenset(what.group for what, _, _ in all_kinds())


@cache
def _plurals() -> dict[tuple[str, str], GroupKind]:
    found: dict[tuple[str, str], GroupKind] = {}
    for what, plural, _ in all_kinds():
        found[what.group, what.kind.lower()] = what
        if plural:
            found[what.group, plural] = what
    return found
