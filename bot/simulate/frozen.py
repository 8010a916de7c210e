"""Fields that the API server refuses to change on an object that is there.

Kubernetes' own validation (``pkg/apis/*/validation``, the ``Validate…Update``
functions). A field that the change takes out, or that was not written before,
is left to the cluster and says nothing, unless what it falls back to is known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import NamedTuple

from bot.model.field import Body, Value, at, flag, mapping, text
from bot.model.ref import GroupKind
from bot.model.resource import Resource

_ALWAYS: dict[GroupKind, tuple[str, ...]] = {
    GroupKind("apps", "Deployment"): ("spec.selector",),
    GroupKind("apps", "DaemonSet"): ("spec.selector",),
    GroupKind("apps", "ReplicaSet"): ("spec.selector",),
    GroupKind("apps", "StatefulSet"): ("spec.selector", "spec.serviceName", "spec.podManagementPolicy"),
    GroupKind("batch", "Job"): ("spec.selector", "spec.template", "spec.completionMode"),
    GroupKind("rbac.authorization.k8s.io", "RoleBinding"): ("roleRef",),
    GroupKind("rbac.authorization.k8s.io", "ClusterRoleBinding"): ("roleRef",),
    GroupKind("", "Service"): ("spec.clusterIP",),
    GroupKind("", "Secret"): ("type",),
    GroupKind("", "PersistentVolumeClaim"): ("spec.storageClassName", "spec.volumeName", "spec.accessModes"),
    GroupKind("storage.k8s.io", "StorageClass"): (
        "provisioner",
        "parameters",
        "reclaimPolicy",
        "volumeBindingMode",
    ),
    GroupKind("scheduling.k8s.io", "PriorityClass"): ("value", "preemptionPolicy"),
    GroupKind("networking.k8s.io", "IngressClass"): ("spec.controller",),
}
_UNITS = {"": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50}
_QUANTITY = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)([kMGTP]|[KMGTP]i|)", re.ASCII)
_VARIABLE = "${"


class Frozen(NamedTuple):
    """A field that changes and may not, as a dotted path below the object."""

    field: str
    effect: str


def frozen(before: Resource, after: Resource) -> Iterator[Frozen]:
    """The fields of one object whose change the API server refuses."""
    for field in _ALWAYS.get(after.group_kind, ()):
        old, new = at(before.body, *field.split(".")), at(after.body, *field.split("."))
        if old not in (None, "") and new not in (None, "") and old != new and _is_certain(old, new):
            yield Frozen(field, "cannot be changed")
    special = _SPECIAL.get(after.group_kind)
    if special:
        yield from special(before.body, after.body)


def _is_certain(*values: Value) -> bool:
    return _VARIABLE not in str(values)


def _volume_claims(old: Body, new: Body) -> Iterator[Frozen]:
    """StatefulSet: names, classes, modes and sizes of the templates; metadata that defaulting adds does not count."""
    was, now = _templates(old), _templates(new)
    if was != now and _is_certain(str(was), str(now)):
        yield Frozen("spec.volumeClaimTemplates", "cannot be changed")


def _templates(body: Body) -> list[tuple[str, str]]:
    listed = at(body, "spec", "volumeClaimTemplates")
    entries = listed if isinstance(listed, list) else []
    return [(text(one, "metadata", "name"), str(mapping(one, "spec"))) for one in entries]


def _shrinks(old: Body, new: Body) -> Iterator[Frozen]:
    path = ("spec", "resources", "requests", "storage")
    was, now = _size(text(old, *path)), _size(text(new, *path))
    if was is not None and now is not None and now < was:
        yield Frozen("spec.resources.requests.storage", "cannot shrink")


def _size(quantity: str) -> Decimal | None:
    """A quantity in bytes; None for a form that is not read."""
    found = _QUANTITY.fullmatch(quantity)
    if found is None:
        return None
    factor = Decimal(2 if found[2].endswith("i") else 10) ** _UNITS[found[2]]
    return Decimal(found[1]) * factor


def _fixed(old: Body, new: Body) -> Iterator[Frozen]:
    """A ConfigMap or Secret that says of itself that it is ``immutable``."""
    if not flag(old, "immutable"):
        return
    for field in ("data", "binaryData", "stringData"):
        if mapping(old, field) != mapping(new, field) and _is_certain(str(old), str(new)):
            yield Frozen(field, "cannot be changed because of `immutable: true`")


_SPECIAL: dict[GroupKind, Callable[[Body, Body], Iterator[Frozen]]] = {
    GroupKind("apps", "StatefulSet"): _volume_claims,
    GroupKind("", "PersistentVolumeClaim"): _shrinks,
    GroupKind("", "ConfigMap"): _fixed,
    GroupKind("", "Secret"): _fixed,
}
