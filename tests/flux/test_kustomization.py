"""A Flux Kustomization, read from its object."""

from __future__ import annotations

from bot.flux.kustomization import read_kustomization
from bot.model.field import Body
from bot.model.flux import HealthExpression, Kustomization, Timing
from bot.model.ref import GroupKind
from bot.model.resource import Origin, identity, resource


def read(spec: Body) -> Kustomization:
    body: Body = {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": "apps", "namespace": "shop"},
        "spec": spec,
    }
    ref = identity(body)
    return read_kustomization(resource(body, Origin("x.yaml", ref.group, ref.kind, ref.namespace, ref.name)))


def test_it_requires_its_source_its_variables_and_its_kubeconfig() -> None:
    found = read(
        {
            "sourceRef": {"kind": "OCIRepository", "name": "apps", "namespace": "flux-system"},
            "postBuild": {
                "substituteFrom": [
                    {"kind": "ConfigMap", "name": "settings"},
                    {"kind": "Secret", "name": "secrets", "optional": True},
                ]
            },
            "kubeConfig": {"configMapRef": {"name": "edge"}},
        }
    )

    assert [(str(one.ref), one.field) for one in found.requires] == [
        ("OCIRepository/flux-system/apps", ("spec", "sourceRef")),
        ("ConfigMap/shop/settings", ("spec", "postBuild", "substituteFrom", 0)),
        ("ConfigMap/shop/edge", ("spec", "kubeConfig", "configMapRef")),
    ]


def test_the_key_that_decrypts_is_made_by_hand() -> None:
    found = read({"decryption": {"provider": "sops", "secretRef": {"name": "sops-age"}}})

    assert found.requires == ()


def test_its_durations_are_seconds_and_what_is_no_duration_is_none() -> None:
    found = read({"interval": "1h", "retryInterval": "2m", "timeout": "${TIMEOUT}"})

    assert found.timing == Timing(3600, 120, None)


def test_its_health_expressions_name_kinds_of_any_version() -> None:
    found = read({"healthCheckExprs": [{"apiVersion": "example.org/v1", "kind": "Thing", "current": "status.up"}]})

    assert found.health_expressions == (HealthExpression(GroupKind("example.org", "Thing"), "status.up"),)
