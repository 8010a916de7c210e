"""API versions of Flux that a release of Flux no longer serves (the changelogs of flux2 2.7, 2.8 and 2.9)."""

from __future__ import annotations

from bot.model.ref import HELM, KUSTOMIZE, SOURCE

_IMAGE = "image.toolkit.fluxcd.io"
_NOTIFICATION = "notification.toolkit.fluxcd.io"

_REMOVED: dict[tuple[str, str], str] = {
    (SOURCE, "v1beta1"): "2.7",
    (KUSTOMIZE, "v1beta1"): "2.7",
    (_IMAGE, "v1beta1"): "2.7",
    (_NOTIFICATION, "v1beta1"): "2.7",
    (HELM, "v2beta1"): "2.7",
    (SOURCE, "v1beta2"): "2.8",
    (KUSTOMIZE, "v1beta2"): "2.8",
    (HELM, "v2beta2"): "2.8",
    (_IMAGE, "v1beta2"): "2.9",
    (_NOTIFICATION, "v1beta2"): "2.9",
}

# What serves each group from there on.
_CURRENT = {
    SOURCE: "v1",
    KUSTOMIZE: "v1",
    HELM: "v2",
    _IMAGE: "v1",
}
_NOTIFIED = {"Receiver": "v1"}


def removed_in(group: str, version: str) -> str | None:
    """The release of Flux, such as ``2.8``, that first lacks an API version; None where all have it, or never did."""
    return _REMOVED.get((group, version))


def current(group: str, kind: str) -> str:
    """The version to write instead."""
    return _CURRENT.get(group) or _NOTIFIED.get(kind, "v1beta3")
