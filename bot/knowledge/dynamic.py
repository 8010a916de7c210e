"""Kinds that other objects make: never missing, only later.

From the documentation of the projects named below; which kinds a package or
operator brings is known by group only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.model.field import Body, text
from bot.model.ref import GroupKind, group_of

CROSSPLANE_OWN = ("pkg", "apiextensions", "ops", "protection", "meta.pkg")


@dataclass(frozen=True, slots=True)
class Made:
    """What an object makes: the kind ``what``, or all kinds of the groups that ``group_pattern`` matches."""

    what: GroupKind | None
    group_pattern: str = ""

    def covers(self, what: GroupKind) -> bool:
        if self.what is not None:
            return self.what == what
        return re.search(self.group_pattern, what.group) is not None


@dataclass(frozen=True, slots=True)
class Trigger:
    """Objects that make all kinds of some groups. ``said`` names them to the user; ``kinds`` empty: a chart does it."""

    said: str
    group: str
    kinds: tuple[str, ...]
    makes: str
    excludes: tuple[str, ...] = ()


_TRIGGERS = (
    Trigger(
        "a Crossplane Provider",
        "pkg.crossplane.io",
        ("Provider",),
        r"(^|\.)(upbound|crossplane)\.io$",
        tuple(f"{own}.crossplane.io" for own in CROSSPLANE_OWN),
    ),
    Trigger("a Gatekeeper ConstraintTemplate", "templates.gatekeeper.sh", (), r"^constraints\.gatekeeper\.sh$"),
    Trigger("a kro ResourceGraphDefinition", "kro.run", (), r"^kro\.run$"),
    Trigger(
        "the Tekton operator's TektonConfig",
        "operator.tekton.dev",
        ("TektonConfig", "TektonPipeline", "TektonTrigger", "TektonChain", "TektonHub", "TektonResult"),
        r"(^|\.)tekton\.dev$",
        ("operator.tekton.dev",),
    ),
    Trigger(
        "a KnativeServing or KnativeEventing",
        "operator.knative.dev",
        ("KnativeServing", "KnativeEventing"),
        r"(^|\.)knative\.dev$",
        ("operator.knative.dev",),
    ),
    Trigger(
        "the Tigera operator's Installation",
        "operator.tigera.io",
        ("Installation", "APIServer"),
        r"projectcalico\.org$",
    ),
    Trigger("a KubeVirt", "kubevirt.io", ("KubeVirt",), r"(^|\.)kubevirt\.io$", ("cdi.kubevirt.io",)),
    Trigger("a CDI", "cdi.kubevirt.io", ("CDI",), r"(^|\.)cdi\.kubevirt\.io$"),
    Trigger("Azure Service Operator, as its crdPattern says", "", (), r"\.azure\.com$"),
    Trigger(
        "a ConfigConnector",
        "core.cnrm.cloud.google.com",
        ("ConfigConnector",),
        r"\.cnrm\.cloud\.google\.com$",
        ("core.cnrm.cloud.google.com",),
    ),
    Trigger("an ACK controller", "", (), r"\.services\.k8s\.aws$"),
    Trigger(
        "a provider of the Cluster API operator",
        "operator.cluster.x-k8s.io",
        (
            "CoreProvider",
            "BootstrapProvider",
            "ControlPlaneProvider",
            "InfrastructureProvider",
            "AddonProvider",
            "IPAMProvider",
            "RuntimeExtensionProvider",
        ),
        r"(^|\.)cluster\.x-k8s\.io$",
        ("operator.cluster.x-k8s.io",),
    ),
    Trigger(
        "a FluxInstance",
        "fluxcd.controlplane.io",
        ("FluxInstance",),
        r"\.toolkit\.fluxcd\.io$|^source\.extensions\.fluxcd\.io$",
    ),
)

# The groups of a Crossplane package, by a word in `spec.package`.
_PACKAGES = (
    (r"provider-(family-)?aws", r"(^|\.)aws(\.m)?\.(upbound|crossplane)\.io$"),
    (r"provider-(family-)?gcp", r"(^|\.)gcp(\.m)?\.(upbound|crossplane)\.io$"),
    (r"provider-(family-)?azure", r"(^|\.)azure(ad)?(\.m)?\.(upbound|crossplane)\.io$"),
    (r"provider-kubernetes", r"^kubernetes(\.m)?\.crossplane\.io$"),
    (r"provider-helm", r"^helm(\.m)?\.crossplane\.io$"),
)
GROUPS = frozenset(
    {"templates.gatekeeper.sh", "apiextensions.crossplane.io", "kro.run", "pkg.crossplane.io"}
    | {trigger.group for trigger in _TRIGGERS}
)
"""Those of all that makes kinds; most objects of a cluster are of none of these."""


def made_by(body: Body) -> tuple[Made, ...]:
    """The kinds that appear after this object was applied and its controller has seen it."""
    group = group_of(text(body, "apiVersion"))
    if group not in GROUPS:
        return ()
    match group, text(body, "kind"):
        case "templates.gatekeeper.sh", "ConstraintTemplate":
            return _one("constraints.gatekeeper.sh", text(body, "spec", "crd", "spec", "names", "kind"))
        case "apiextensions.crossplane.io", "CompositeResourceDefinition":
            kinds = (text(body, "spec", names, "kind") for names in ("names", "claimNames"))
            return tuple(made for kind in kinds for made in _one(text(body, "spec", "group"), kind))
        case "kro.run", "ResourceGraphDefinition":
            return _one(text(body, "spec", "schema", "group") or "kro.run", text(body, "spec", "schema", "kind"))
        case "pkg.crossplane.io", "Provider":
            return (Made(None, _package_groups(text(body, "spec", "package"))),)
        case _, kind:
            return tuple(Made(None, _pattern(trigger)) for trigger in _triggers(group, kind))


def trigger_of(what: GroupKind) -> str | None:
    """What makes a kind at run time, such as ``a Crossplane Provider``; None where a CRD is written or installed."""
    for trigger in _TRIGGERS:
        if what not in _WRITTEN and re.search(_pattern(trigger), what.group):
            return trigger.said
    return None


# kro's own kind is a CRD of its chart; KubeVirt's and CDI's come with their operators.
_WRITTEN = frozenset(
    {
        GroupKind("kro.run", "ResourceGraphDefinition"),
        GroupKind("kubevirt.io", "KubeVirt"),
        GroupKind("cdi.kubevirt.io", "CDI"),
    }
)


def _one(group: str, kind: str) -> tuple[Made, ...]:
    return (Made(GroupKind(group, kind)),) if group and kind else ()


def _triggers(group: str, kind: str) -> Iterator[Trigger]:
    return (trigger for trigger in _TRIGGERS if trigger.group == group and kind in trigger.kinds)


def _pattern(trigger: Trigger) -> str:
    """The pattern of the groups it makes, its excludes taken out."""
    if not trigger.excludes:
        return trigger.makes
    return rf"^(?!(?:{'|'.join(map(re.escape, trigger.excludes))})$).*(?:{trigger.makes})"


def _package_groups(package: str) -> str:
    for word, groups in _PACKAGES:
        if re.search(word, package):
            return groups
    return _pattern(_TRIGGERS[0])
