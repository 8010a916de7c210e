"""What Kubernetes takes of its own kinds; the API server's own words are those of server-side apply."""

from __future__ import annotations

import pytest

from bot.knowledge.kubernetes import kubernetes_schema, releases
from bot.knowledge.schemas import invalid
from bot.knowledge.shipped import shipped
from bot.model.field import Body, Value, mapping
from tests.kubernetes_schemas import WRITTEN, made


def test_the_file_is_what_the_package_makes_of_it() -> None:
    assert WRITTEN.read_text() == made()


def test_every_kind_has_a_shape_that_takes_an_object_with_a_name_only_if_nothing_is_missed() -> None:
    kinds = [kind.split("/") for kind in mapping(shipped("kubernetes"), "kinds")]

    refused = [
        kind
        for group, version, kind in kinds
        if (shape := kubernetes_schema(group, kind, version)) is None
        or any(invalid(shape, {"metadata": {"name": "a"}}))
    ]

    assert len(kinds) > 50
    assert releases() == ("1.25", "1.37")
    assert refused == ["ClusterRoleBinding", "RoleBinding", "StorageClass"]


def _pod(container: Body) -> Body:
    return {"spec": {"containers": [{"name": "web", "image": "web", **container}]}}


@pytest.mark.parametrize(
    ("kind", "body", "field"),
    [
        ("ConfigMap", {"data": {"port": 8080}}, "data.port"),
        ("ConfigMap", {"data": {"on": True}}, "data.on"),
        ("Secret", {"stringData": {"port": 8080}}, "stringData.port"),
        ("Pod", _pod({"env": [{"name": "PORT", "value": 8080}]}), "spec.containers.0.env.0.value"),
        ("Pod", _pod({"enviroment": []}), "spec.containers.0.enviroment"),
        ("Pod", {"spec": {"nodeSelector": {"gpu": True}}}, "spec"),
        ("Pod", {"spec": {"containers": [], "nodeSelector": {"gpu": True}}}, "spec.nodeSelector.gpu"),
        ("Pod", {"spec": {"containers": {"name": "web"}}}, "spec.containers"),
        ("Service", {"spec": {"ports": [{"port": "80"}]}}, "spec.ports.0.port"),
        ("Namespace", {"metadata": {"labels": {"a": 1}}}, "metadata.labels.a"),
    ],
)
def test_what_no_release_takes_is_refused(kind: str, body: Body, field: str) -> None:
    shape = kubernetes_schema("", kind, "v1")
    assert shape

    found = next(invalid(shape, body))

    assert ".".join(map(str, found.field)) == field


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("ConfigMap", {"data": {"port": "8080"}, "immutable": True}),
        ("ConfigMap", {"data": None}),
        ("ConfigMap", {"data": {"port": "${PORT}"}, "immutable": "${IMMUTABLE}"}),
        ("Pod", _pod({"resources": {"limits": {"cpu": 0.5, "memory": "1Gi"}}})),
        ("Pod", _pod({"livenessProbe": {"httpGet": {"port": "http"}}, "stdin": None})),
        ("Pod", {"metadata": {"creationTimestamp": None}, "spec": {"containers": []}, "status": {"phase": 1}}),
        ("Service", {"spec": {"ports": [{"port": 80, "targetPort": "http"}, {"port": 81.0, "targetPort": 81}]}}),
        ("PersistentVolumeClaim", {"spec": {"resources": {"requests": {"storage": "1Gi"}}}}),
    ],
)
def test_what_a_release_takes_is_not_refused(kind: str, body: Value) -> None:
    shape = kubernetes_schema("", kind, "v1")
    assert shape

    assert list(invalid(shape, body)) == []


@pytest.mark.parametrize(
    ("group", "kind", "version"),
    [
        ("apps", "Deployment", "v1beta1"),
        ("", "List", "v1"),
        ("cert-manager.io", "Certificate", "v1"),
        ("apiextensions.k8s.io", "CustomResourceDefinition", "v1"),
    ],
)
def test_of_other_kinds_and_versions_nothing_is_known(group: str, kind: str, version: str) -> None:
    assert kubernetes_schema(group, kind, version) is None
