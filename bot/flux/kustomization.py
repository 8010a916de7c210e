"""A Flux Kustomization, read from its object."""

from __future__ import annotations

from bot.model.field import Body, Value, flag, mapping, mappings, text
from bot.model.flux import Dependency, Kustomization
from bot.model.ref import HELM, KUSTOMIZE, SOURCE, Ref, group_of, kustomization, release
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


def _source(entry: Body, namespace: str) -> Ref:
    kind = text(entry, "kind") or "GitRepository"
    return Ref(SOURCE, kind, text(entry, "namespace") or namespace, text(entry, "name"))


def _checked(entry: Body) -> Ref:
    return Ref(group_of(text(entry, "apiVersion")), text(entry, "kind"), text(entry, "namespace"), text(entry, "name"))
