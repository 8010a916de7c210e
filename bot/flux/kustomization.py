"""A Flux Kustomization, read from its object."""

from __future__ import annotations

from collections.abc import Iterator

from bot.flux.duration import seconds
from bot.model.field import Body, FieldPath, Value, flag, items, mapping, mappings, text
from bot.model.flux import Dependency, HealthExpression, Kustomization, Required, Timing
from bot.model.ref import HELM, KUSTOMIZE, SOURCE, GroupKind, Ref, group_of, kustomization, release
from bot.model.resource import Resource
from bot.model.snapshot import clamped

SOURCE_EXTENSIONS = "source.extensions.fluxcd.io"


def read_kustomization(resource: Resource) -> Kustomization:
    """The Kustomization that an object of that kind is; absent fields take Flux's defaults."""
    spec = mapping(resource.body, "spec")
    namespace = resource.ref.namespace
    return Kustomization(
        ref=resource.ref,
        resource=resource,
        path=clamped(text(spec, "path")),
        source=_source(mapping(spec, "sourceRef"), namespace),
        depends_on=tuple(
            Dependency(kustomization(ns, name), index, expr) for index, ns, name, expr in dependencies(spec, namespace)
        ),
        wait=flag(spec, "wait"),
        health_checks=tuple(_checked(entry) for entry in mappings(spec, "healthChecks")),
        suspended=flag(spec, "suspend"),
        prune=flag(spec, "prune"),
        target=target_cluster(spec),
        spec=spec,
        health_expressions=tuple(health_expressions(spec)),
        timing=timing(spec),
        requires=tuple(_requires(spec, namespace)),
    )


def dependencies(spec: Body, namespace: str) -> list[tuple[int, str, str, str]]:
    """The entries of ``spec.dependsOn`` as index, namespace (default: the dependent's own), name, readyExpr."""
    entries = spec.get("dependsOn")
    listed = entries if isinstance(entries, list) else []
    return [
        (index, text(entry, "namespace") or namespace, text(entry, "name"), text(entry, "readyExpr"))
        for index, entry in enumerate(listed)
        if text(entry, "name")
    ]


def read_release_dependencies(spec: Body, namespace: str) -> tuple[Dependency, ...]:
    """The entries of a HelmRelease's ``spec.dependsOn``; they name HelmReleases only."""
    return tuple(Dependency(release(ns, name), index, expr) for index, ns, name, expr in dependencies(spec, namespace))


def target_cluster(spec: Body) -> str:
    """Which cluster the objects go to: empty for the one that Flux runs in, else the kubeconfig's name."""
    config = mapping(spec, "kubeConfig")
    return text(config, "secretRef", "name") or text(config, "configMapRef", "name")


def is_flux_kustomization(body: Value) -> bool:
    """Whether a manifest is a Flux Kustomization (and not kustomize's own)."""
    return text(body, "kind") == "Kustomization" and group_of(text(body, "apiVersion")) == KUSTOMIZE


def is_helm_release(body: Value) -> bool:
    return text(body, "kind") == "HelmRelease" and group_of(text(body, "apiVersion")) == HELM


def timing(spec: Body) -> Timing:
    """The durations of a Kustomization or HelmRelease."""
    return Timing(
        *(seconds(text(spec, field)) for field in ("interval", "retryInterval", "timeout")),
    )


def required(kind: str, namespace: str, value: Value, *field: str | int) -> Iterator[Required]:
    """The object that the name at a field of ``spec`` stands for; none where the field is absent."""
    name = text(value, *field, "name")
    if name:
        path: FieldPath = ("spec", *field)
        yield Required(Ref("", kind, namespace, name), path)


def required_each(spec: Body, namespace: str, *field: str) -> Iterator[Required]:
    """The ConfigMaps and Secrets that a list names and that must be there; optional ones need not."""
    for index, entry in enumerate(items(spec, *field)):
        if not flag(entry, "optional"):
            yield from required(text(entry, "kind"), namespace, spec, *field, index)


def _requires(spec: Body, namespace: str) -> Iterator[Required]:
    """What kustomize-controller reads before it applies anything.

    The key of ``decryption`` is not among them: a tree can hold it only encrypted
    with itself, so it is made by hand.
    """
    if text(spec, "sourceRef", "name"):
        yield Required(_source(mapping(spec, "sourceRef"), namespace), ("spec", "sourceRef"))
    yield from required_each(spec, namespace, "postBuild", "substituteFrom")
    yield from required("Secret", namespace, spec, "kubeConfig", "secretRef")
    yield from required("ConfigMap", namespace, spec, "kubeConfig", "configMapRef")


def health_expressions(spec: Body) -> Iterator[HealthExpression]:
    """The entries of ``spec.healthCheckExprs``, of a Kustomization or (since Flux 2.8) a HelmRelease."""
    for index, entry in enumerate(items(spec, "healthCheckExprs")):
        if isinstance(entry, dict):
            what = GroupKind(group_of(text(entry, "apiVersion")), text(entry, "kind"))
            current, in_progress, failed = (text(entry, field) for field in ("current", "inProgress", "failed"))
            yield HealthExpression(what, current, in_progress, failed, index)


def _source(entry: Body, namespace: str) -> Ref:
    kind = text(entry, "kind") or "GitRepository"
    return Ref(SOURCE, kind, text(entry, "namespace") or namespace, text(entry, "name"))


def _checked(entry: Body) -> Ref:
    """What a health check names; without an ``apiVersion`` Flux takes it for a Deployment's, ``apps/v1``."""
    return Ref(
        group_of(text(entry, "apiVersion") or "apps/v1"),
        text(entry, "kind"),
        text(entry, "namespace"),
        text(entry, "name"),
    )
