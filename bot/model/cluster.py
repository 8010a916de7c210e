"""One cluster, as the repository makes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple, TypeAlias

from bot.model.ask import Rendered
from bot.model.flux import Kustomization, Release
from bot.model.limits import Exceeded
from bot.model.ref import GroupKind, Ref
from bot.model.resource import Resource
from bot.model.snapshot import Snapshot


class Confidence(StrEnum):
    """How well a statement is backed: rendered, read from the catalogue, or neither."""

    PROVEN = "proven"
    LIKELY = "likely"
    GUESS = "guess"

    @property
    def rank(self) -> int:
        return ("guess", "likely", "proven").index(self.value)


class Means(StrEnum):
    """By which way a kind comes into a cluster."""

    MANIFEST = "manifest"
    RELEASE = "release"
    CONTROLLER = "controller"


@dataclass(frozen=True, slots=True)
class Provision:
    """A kind that an object of this cluster brings.

    ``owner`` is the Kustomization that applies ``by`` (a HelmRelease, or the
    object whose controller makes the kind; the Kustomization itself for plain
    manifests). ``versions`` are the served ones, None where they are unknown.
    ``pattern`` is a regular expression on groups where the kinds are not known
    one by one.
    """

    what: GroupKind
    by: Ref
    owner: Ref
    means: Means
    confidence: Confidence
    versions: tuple[str, ...] | None = None
    note: str = ""
    pattern: str = ""

    def brings(self, what: GroupKind) -> bool:
        """Whether this provision covers a kind: by name, or by the pattern of its group (a Crossplane Provider)."""
        return what == self.what if not self.pattern else re.search(self.pattern, what.group) is not None


class Served(NamedTuple):
    """An API that a cluster may serve: ``monitoring.coreos.com/v1``, or with ``/ServiceMonitor`` behind it."""

    group: str
    version: str
    kind: str = ""

    @classmethod
    def of(cls, api: str) -> Served:
        """The API of a text as Helm's ``.Capabilities.APIVersions`` holds it."""
        parts = api.split("/")
        # The group is left out for Kubernetes' core: v1, v1/Pod.
        whole = ["", *parts] if re.fullmatch(r"v\d\w*", parts[0]) else [*parts, ""]
        return cls(*([*whole, ""][:3]))

    def __str__(self) -> str:
        return "/".join(part for part in self if part)


@dataclass(frozen=True, slots=True)
class Gated:
    """An object that a chart leaves out, without a word, while the cluster does not serve an API."""

    api: Served
    object: Ref
    version: str


@dataclass(frozen=True, slots=True)
class Output:
    """A build that worked. ``resources`` in kustomize's order."""

    resources: tuple[Resource, ...]


class Break(StrEnum):
    """Why a Kustomization cannot be built by Flux either."""

    PATH_NOT_FOUND = "path-not-found"
    BUILD_FAILS = "build-fails"


@dataclass(frozen=True, slots=True)
class Broken:
    """Flux fails here too: ``predicted`` is the text it would print, ``path`` and ``line`` the place to look.

    ``resources`` are the objects that would come once that is mended, as far as they are known.
    """

    why: Break
    message: str
    predicted: str
    path: str
    line: int = 1
    resources: tuple[Resource, ...] = ()


@dataclass(frozen=True, slots=True)
class Unresolved:
    """The repository does not show what this Kustomization applies, or does so beyond a limit."""

    why: str
    exceeded: Exceeded | None = None


Building: TypeAlias = Output | Broken | Unresolved


@dataclass(frozen=True, slots=True, order=True)
class Unset:
    """A variable that has neither a value nor a default, and an object in which it stands."""

    name: str
    by: Ref


@dataclass(frozen=True, slots=True)
class Node:
    """A Kustomization together with what it applies.

    ``parents`` are the Kustomizations that apply it, none for an entry point.
    ``provisions`` are the kinds that its objects bring. ``read`` are the files
    that its build consists of. ``gaps`` say what of it is not known although
    it was built; ``unread`` are the addresses of manifests that it takes from
    elsewhere, and the files that its broken build names and that are not
    there: nobody knows what they bring. ``charts`` are the charts of its
    releases, by release, as far as they were rendered and Flux is bound to
    render the same; ``gated`` what these leave out by the APIs that are there.
    ``unset`` are its variables without a value, each with
    every object in which it stands.
    """

    kustomization: Kustomization
    parents: tuple[Ref, ...]
    building: Building
    releases: tuple[Release, ...] = ()
    provisions: tuple[Provision, ...] = ()
    read: frozenset[str] = frozenset()
    gaps: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    charts: Mapping[Ref, Rendered] = field(default_factory=dict)
    gated: Mapping[Ref, tuple[Gated, ...]] = field(default_factory=dict)
    unset: tuple[Unset, ...] = ()

    @property
    def ref(self) -> Ref:
        return self.kustomization.ref

    @property
    def resources(self) -> tuple[Resource, ...]:
        """What it applies; where its build fails, what it would apply once that is mended."""
        return () if isinstance(self.building, Unresolved) else self.building.resources


@dataclass(frozen=True, slots=True)
class Provided:
    """What is there before Flux starts, with the place or setting that says so.

    ``kinds`` may hold patterns (``*.monitoring.coreos.com``) from the
    configuration; ``namespaces`` and ``objects`` likewise plain names.
    ``script`` is a bootstrap script of the tree: it may install more than what
    could be read from it. ``unread`` is one of which nothing could be read, or
    which the others run and the tree does not hold.
    """

    kinds: Mapping[GroupKind, str] = field(default_factory=dict)
    patterns: tuple[str, ...] = ()
    namespaces: Mapping[str, str] = field(default_factory=dict)
    script: str = ""
    unread: str = ""
    objects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Incomplete:
    """Something that could not be looked at, and why; ``exceeded`` where that is a limit."""

    about: Ref
    why: str
    exceeded: Exceeded | None = None


@dataclass(frozen=True)
class Cluster:
    """All that one cluster reads from one commit, and what that renders to.

    ``root`` is the path of its entry point; a Ref is unique only below one
    root. ``unapplied`` are Kustomizations in the tree that nothing applies,
    with their files.
    """

    root: str
    snapshot: Snapshot
    flux: str | None
    nodes: Mapping[Ref, Node]
    provided: Provided
    incomplete: tuple[Incomplete, ...] = ()
    unapplied: Mapping[Ref, str] = field(default_factory=dict)

    @cached_property
    def cut(self) -> str:
        """Why a part of the cluster is not read at all, whatever it holds; empty where all of it is."""
        return next((gap.why for gap in self.incomplete if gap.exceeded and gap.exceeded.of_cluster), "")

    @cached_property
    def releases(self) -> Mapping[Ref, tuple[Release, Ref]]:
        """Each HelmRelease with the Kustomization that applies it; the first where there are several."""
        found: dict[Ref, tuple[Release, Ref]] = {}
        for node in self.nodes.values():
            for release in node.releases:
                found.setdefault(release.ref, (release, node.ref))
        return found

    @cached_property
    def resources(self) -> Mapping[Ref, tuple[Resource, Ref]]:
        """Each applied object with the Kustomization that applies it; the first where there are several."""
        return self._applied[0]

    def appliers(self, ref: Ref) -> tuple[Ref, ...]:
        """All Kustomizations that apply an object: on a fresh cluster it is there once any of them gets so far."""
        first = self.resources.get(ref)
        return (first[1], *self._applied[1].get(ref, ())) if first else ()

    @cached_property
    def _applied(self) -> tuple[dict[Ref, tuple[Resource, Ref]], dict[Ref, list[Ref]]]:
        """The first that applies each object, and the others that do so as well."""
        first: dict[Ref, tuple[Resource, Ref]] = {}
        others: dict[Ref, list[Ref]] = {}
        for node in self.nodes.values():
            for resource in node.resources:
                known = first.setdefault(resource.ref, (resource, node.ref))
                if known[1] != node.ref and not resource.is_skipped:
                    others.setdefault(resource.ref, []).append(node.ref)
        return first, others

    @cached_property
    def kinds(self) -> frozenset[GroupKind]:
        """Every kind of which an object is applied: most clusters have none of what a rule looks for."""
        return frozenset(resource.group_kind for node in self.nodes.values() for resource in node.resources)

    @cached_property
    def _provisions(self) -> Mapping[GroupKind, tuple[Provision, ...]]:
        found: dict[GroupKind, list[Provision]] = {}
        for node in self.nodes.values():
            for provision in node.provisions:
                found.setdefault(provision.what, []).append(provision)
        return {what: tuple(some) for what, some in found.items()}

    @cached_property
    def _patterned(self) -> tuple[Provision, ...]:
        return tuple(one for node in self.nodes.values() for one in node.provisions if one.pattern)

    def providers(self, what: GroupKind) -> tuple[Provision, ...]:
        """Everything that brings a kind, in the order of the nodes."""
        named = self._provisions.get(what, ())
        return (*named, *(one for one in self._patterned if one.brings(what)))


@dataclass(frozen=True, slots=True)
class Change:
    """One cluster before and after; None where it did not or will not exist."""

    base: Cluster | None
    head: Cluster | None
