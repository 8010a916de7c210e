"""CustomResourceDefinitions, as manifests."""

from __future__ import annotations

from bot.model.field import Body, flag, mappings, text
from bot.model.ref import GroupKind
from bot.model.resource import identity

CRD = GroupKind("apiextensions.k8s.io", "CustomResourceDefinition")


def defined_by(body: Body) -> tuple[GroupKind, tuple[str, ...]] | None:
    """The kind that a CustomResourceDefinition defines, and its served versions; None for any other object.

    The old v1beta1 form with one ``spec.version`` counts too.
    """
    if body.get("kind") != CRD.kind or identity(body).group_kind != CRD:
        return None
    what = GroupKind(text(body, "spec", "group"), text(body, "spec", "names", "kind"))
    if not what.group or not what.kind:
        return None
    served = tuple(text(version, "name") for version in mappings(body, "spec", "versions") if flag(version, "served"))
    single = text(body, "spec", "version")
    return what, served or ((single,) if single else ())
