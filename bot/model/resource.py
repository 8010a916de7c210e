"""An object that Flux applies, and where a human wrote it."""

from __future__ import annotations

from typing import NamedTuple

from bot.model.field import Body, mapping, text
from bot.model.ref import GroupKind, Ref, group_kind, group_of


class Origin(NamedTuple):
    """Where an object comes from. A tuple, because that is made several times faster, and there are many.

    ``path`` is the file that kustomize's origin annotation names; ``kind`` and
    ``name`` are what stands there, before patches and variables changed them,
    as far as the build still knows. ``generated`` marks the output of a
    generator, whose ``path`` is the kustomization file that configures it.
    """

    path: str
    group: str
    kind: str
    namespace: str
    name: str
    generated: bool = False


class Resource(NamedTuple):
    """One object as it is sent to the cluster, variables replaced. A tuple for the same reason."""

    ref: Ref
    version: str
    body: Body
    origin: Origin

    @property
    def group_kind(self) -> GroupKind:
        ref = self.ref
        return group_kind(ref.group, ref.kind)

    @property
    def api_version(self) -> str:
        return f"{self.ref.group}/{self.version}" if self.ref.group else self.version

    def marked(self, key: str) -> str:
        """The value of a label or annotation, lower-cased, annotations first.

        Flux reads its own marks from either and ignores case (fluxcd/pkg ssa, ``AnyInMetadata``).
        """
        metadata = mapping(self.body, "metadata")
        return (text(metadata, "annotations", key) or text(metadata, "labels", key)).lower()

    @property
    def is_skipped(self) -> bool:
        """Whether Flux leaves the object out, before the dry-run and for good."""
        metadata = self.body.get("metadata")
        if not isinstance(metadata, dict) or ("annotations" not in metadata and "labels" not in metadata):
            return False
        marks = ("kustomize.toolkit.fluxcd.io/reconcile", "disabled"), ("kustomize.toolkit.fluxcd.io/ssa", "ignore")
        return any(self.marked(key) == value for key, value in marks)


def identity(body: Body) -> Ref:
    """The identity that a manifest gives itself; missing parts are empty."""
    version, kind, metadata = body.get("apiVersion"), body.get("kind"), body.get("metadata")
    if isinstance(metadata, dict) and isinstance(version, str) and isinstance(kind, str):
        namespace, name = metadata.get("namespace", ""), metadata.get("name")
        if isinstance(namespace, str) and isinstance(name, str):  # as nearly all are, and asked for most of all
            return Ref(group_of(version), kind, namespace, name)
    return Ref(
        group_of(text(body, "apiVersion")), text(body, "kind"), text(metadata, "namespace"), text(metadata, "name")
    )


def resource(body: Body, origin: Origin) -> Resource:
    """The object of a manifest."""
    group, _, version = text(body, "apiVersion").rpartition("/")
    metadata = body.get("metadata")
    ref = Ref(group, text(body, "kind"), text(metadata, "namespace"), text(metadata, "name"))
    return Resource(ref, version, body, origin)
