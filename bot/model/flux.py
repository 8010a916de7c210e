"""Flux's own objects, as far as order and content depend on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from bot.model.field import Body, FieldPath
from bot.model.ref import GroupKind, Ref
from bot.model.resource import Resource


@dataclass(frozen=True, slots=True)
class Dependency:
    """One entry of ``spec.dependsOn``; ``index`` is its place in the list."""

    ref: Ref
    index: int
    ready_expr: str = ""


@dataclass(frozen=True, slots=True)
class Required:
    """An object that a controller reads before it begins, and the field that names it."""

    ref: Ref
    field: FieldPath


@dataclass(frozen=True, slots=True)
class Timing:
    """How often a controller looks, and how long it waits, in seconds; None where nothing readable is written.

    ``retry`` is a Kustomization's ``retryInterval``.
    """

    interval: float | None = None
    retry: float | None = None
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class HealthExpression:
    """One entry of ``spec.healthCheckExprs``; an empty ``kind`` means all of the group (Flux 2.9)."""

    what: GroupKind
    current: str
    in_progress: str = ""
    failed: str = ""
    index: int = 0

    @property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """The expressions that are written, by their field, in the order in which Flux evaluates them."""
        every = (("inProgress", self.in_progress), ("failed", self.failed), ("current", self.current))
        return tuple((field, text) for field, text in every if text)


@dataclass(frozen=True, slots=True)
class Kustomization:
    """A Flux Kustomization. ``path`` is clamped to the artifact's root; the root is the empty string.

    ``after_releases`` are HelmReleases that are ready before it begins; only a ResourceSet can wait for one.
    """

    ref: Ref
    resource: Resource
    path: str
    source: Ref
    depends_on: tuple[Dependency, ...]
    wait: bool
    health_checks: tuple[Ref, ...]
    suspended: bool
    prune: bool
    target: str
    spec: Body
    health_expressions: tuple[HealthExpression, ...] = ()
    timing: Timing = Timing()
    requires: tuple[Required, ...] = ()
    after_releases: tuple[Dependency, ...] = ()


class ChartRef(NamedTuple):
    """Which chart: its name, the URL of its repository (empty if unknown), a version (empty if none is given).

    ``path`` is set where the chart lies in a repository that Flux reads: the
    directory below the source ``source``. ``tag`` and ``digest`` are those of
    an OCIRepository, of which Flux takes the digest before the version (its
    ``semver``), and that before the tag.
    """

    name: str
    url: str
    version: str
    source: Ref | None = None
    path: str = ""
    tag: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """A Flux HelmRelease. ``values`` are those known from the repository; ``values_unknown`` says what is not.

    ``retries`` is how often a failed installation is tried again, ``math.inf``
    for ever.
    """

    ref: Ref
    resource: Resource
    chart: ChartRef | None
    depends_on: tuple[Dependency, ...]
    values: Body
    values_unknown: tuple[str, ...]
    install_crds: str
    target_namespace: str
    creates_namespace: bool
    disable_wait: bool
    suspended: bool
    target: str
    retries: float = 0
    timing: Timing = Timing()
    requires: tuple[Required, ...] = ()
    health_expressions: tuple[HealthExpression, ...] = ()

    @property
    def gives_up(self) -> bool:
        """Whether one failed installation is the last: helm-controller then waits for a change of the release."""
        return self.retries == 0
