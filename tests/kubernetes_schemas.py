"""Makes ``bot/knowledge/kubernetes.json``: ``python -m tests.kubernetes_schemas``.

The package ``kubernetes-validate`` carries the OpenAPI definitions of each release of Kubernetes. The
file holds what any of them takes, all fields that one has, and no type where two
differ: what it refuses, no release takes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from bot.model.field import Body, Value, items, mapping, mappings, strings, text

WRITTEN: Final = Path(__file__).parent.parent / "bot" / "knowledge" / "kubernetes.json"
_FOLDER: Final = re.compile(r"v1\.(\d+)\.\d+-local")
_STABLE: Final = re.compile(r"v\d+")
_PREFIX: Final = re.compile(r"io\.k8s\.(api\.|apimachinery\.pkg\.|kube-aggregator\.pkg\.apis\.)?(apis\.)?")
_GROUPS: Final = frozenset(
    {"", "apps", "autoscaling", "batch", "policy", "admissionregistration.k8s.io", "apiregistration.k8s.io"}
    | {"networking.k8s.io", "node.k8s.io", "rbac.authorization.k8s.io", "scheduling.k8s.io", "storage.k8s.io"}
)
"""Those of which people write objects. CRDs, whose schema refers to itself, come from charts and release pages."""

_MISSED: Final[Mapping[str, tuple[str, ...]]] = {
    "apps.v1.DeploymentSpec": ("selector", "template"),
    "apps.v1.StatefulSetSpec": ("selector", "template"),
    "apps.v1.DaemonSetSpec": ("selector", "template"),
    "autoscaling.v2.HorizontalPodAutoscalerSpec": ("scaleTargetRef", "maxReplicas"),
    "batch.v1.JobSpec": ("template",),
    "batch.v1.CronJobSpec": ("schedule", "jobTemplate"),
    "core.v1.PodSpec": ("containers",),
    "core.v1.Container": ("name",),
    "core.v1.ContainerPort": ("containerPort",),
    "core.v1.EnvVar": ("name",),
    "core.v1.Volume": ("name",),
    "core.v1.VolumeMount": ("name", "mountPath"),
    "core.v1.KeyToPath": ("key", "path"),
    "core.v1.SecretKeySelector": ("key",),
    "core.v1.ConfigMapKeySelector": ("key",),
    "core.v1.PersistentVolumeClaimVolumeSource": ("claimName",),
    "core.v1.HTTPGetAction": ("port",),
    "core.v1.TCPSocketAction": ("port",),
    "core.v1.PodAffinityTerm": ("topologyKey",),
    "core.v1.TopologySpreadConstraint": ("maxSkew", "topologyKey", "whenUnsatisfiable"),
    "core.v1.ServicePort": ("port",),
    "networking.v1.HTTPIngressPath": ("pathType", "backend"),
    "networking.v1.IngressServiceBackend": ("name",),
    "rbac.v1.RoleBinding": ("roleRef",),
    "rbac.v1.ClusterRoleBinding": ("roleRef",),
    "rbac.v1.RoleRef": ("kind", "name"),
    "rbac.v1.Subject": ("kind", "name"),
    "rbac.v1.PolicyRule": ("verbs",),
    "storage.v1.StorageClass": ("provisioner",),
}
"""The fields that the API server misses (``pkg/apis/*/validation``).

OpenAPI calls more of them required: for some it takes nothing, as for ``serviceName`` of a StatefulSet,
and others it fills in, as ``apiGroup`` of a ``roleRef``.
"""


def made() -> str:
    """The content of the file."""
    releases = dict(sorted(_releases()))
    shapes = reduce(_merged, (_shapes(defined) for defined in releases.values()))
    kinds: Body = {kind: name for defined in releases.values() for kind, name in sorted(_kinds(defined))}
    named = sorted(_reached(shapes, (str(name) for name in kinds.values())))
    lines = ",\n".join(f"{_compact(name)}:{_compact(shapes[name])}" for name in named)
    span = f'"from":"1.{min(releases)}","to":"1.{max(releases)}"'
    return f'{{{span},"kinds":{_compact(kinds)},"shapes":{{\n{lines}\n}}}}\n'


def _compact(value: Value) -> str:
    return json.dumps(value, separators=(",", ":"))


def _releases() -> Iterator[tuple[int, Body]]:
    spec = find_spec("kubernetes_validate")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("kubernetes_validate")
    for folder in Path(spec.submodule_search_locations[0], "kubernetes-json-schema").iterdir():
        if found := _FOLDER.fullmatch(folder.name):
            yield int(found[1]), mapping(json.loads((folder / "_definitions.json").read_text()), "$defs")


def _kinds(defined: Body) -> Iterator[tuple[str, str]]:
    """``apps/v1/Deployment`` and its definition, of what has ``metadata`` and can be applied."""
    for name, one in defined.items():
        whole = text(one, "properties", "metadata", "$ref").endswith(".ObjectMeta")
        for known in mappings(one, "x-kubernetes-group-version-kind"):
            group, version = text(known, "group"), text(known, "version")
            if whole and group in _GROUPS and _STABLE.fullmatch(version):
                yield f"{group}/{version}/{text(known, 'kind')}", _named(name)


def _named(name: str) -> str:
    return _PREFIX.sub("", name)


def _shapes(defined: Body) -> Body:
    return {_named(name): _shape(_named(name), one) for name, one in defined.items()}


def _shape(name: str, defined: Value) -> Body:
    """A definition: the types of its ``fields`` and those that are ``required``; nothing where all is taken."""
    fields = {field: _type(one) for field, one in mapping(defined, "properties").items()}
    if "metadata" in fields and "status" in fields:
        fields["status"] = ""  # Nobody applies it.
    called = set(strings(defined, "required"))
    return _with(fields, [field for field in _MISSED.get(name, ()) if field in called])


def _with(fields: Body, required: list[Value]) -> Body:
    if not fields:
        return {}
    return {"fields": fields, "required": required} if required else {"fields": fields}


def _type(one: Value) -> Value:
    """A type by its name, ``#Name`` for a definition, ``[type]``, ``{"*": type}``; empty where all is taken."""
    if named := text(one, "$ref"):
        return f"#{_named(named.rpartition('/')[2])}"
    kind = text(one, "type") or next((each for each in strings(one, "type") if each != "null"), "")
    if kind == "array":
        return [_type(mapping(one, "items"))]
    if kind == "object":
        return {"*": _type(rest)} if (rest := mapping(one, "additionalProperties")) else ""
    return kind


def _merged(older: Body, newer: Body) -> Body:
    """What one of two releases takes."""
    both = {name: _either(mapping(older, name), newer[name]) for name in older.keys() & newer.keys()}
    return {**older, **newer, **both}


def _either(one: Body, newer: Value) -> Body:
    before, after = mapping(one, "fields"), mapping(newer, "fields")
    if not before or not after:
        return {}
    differ = {name: "" for name in before.keys() & after.keys() if before[name] != after[name]}
    required = [name for name in items(one, "required") if name in items(newer, "required")]
    return _with({**before, **after, **differ}, required)


def _reached(shapes: Body, roots: Iterable[str]) -> set[str]:
    """The definitions that the kinds are made of."""
    seen: set[str] = set()
    pending = list(roots)
    while pending:
        name = pending.pop()
        if name not in seen and name in shapes:
            seen.add(name)
            pending += [found for one in mapping(shapes, name, "fields").values() for found in _references(one)]
    return seen


def _references(one: Value) -> Iterator[str]:
    if isinstance(one, list):
        yield from _references(one[0])
    elif isinstance(one, dict):
        yield from _references(one["*"])
    elif isinstance(one, str) and one.startswith("#"):
        yield one[1:]


if __name__ == "__main__":
    WRITTEN.write_text(made())
