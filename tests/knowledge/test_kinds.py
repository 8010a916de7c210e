from __future__ import annotations

from bot.knowledge.kinds import (
    FluxKind,
    aggregated_by,
    by_plural,
    config_only,
    flux_kind,
    flux_kinds,
    group_known,
    is_builtin,
    is_builtin_kind_name,
    namespaced,
    platform_hint,
)
from bot.knowledge.references import references_of
from bot.knowledge.soft import SOFT
from bot.model.ref import GroupKind


def test_kubernetes_serves_its_own_kinds_and_no_others() -> None:
    assert is_builtin(GroupKind("apps", "Deployment"))
    assert is_builtin(GroupKind("", "ConfigMap"))
    assert not is_builtin(GroupKind("apps", "Certificate"))
    assert not is_builtin(GroupKind("policy", "PodSecurityPolicy"))


def test_a_kind_name_can_be_built_in_without_its_group() -> None:
    assert is_builtin_kind_name("Deployment")
    assert not is_builtin_kind_name("HelmRelease")


def test_the_core_of_flux_is_always_there_and_its_extras_are_not() -> None:
    assert flux_kind(GroupKind("helm.toolkit.fluxcd.io", "HelmRelease")) is FluxKind.ALWAYS
    assert flux_kind(GroupKind("image.toolkit.fluxcd.io", "ImagePolicy")) is FluxKind.OPTIONAL
    assert flux_kind(GroupKind("fluxcd.controlplane.io", "ResourceSet")) is FluxKind.OPTIONAL
    assert flux_kind(GroupKind("cert-manager.io", "Certificate")) is None


def test_every_kind_of_flux_is_namespaced() -> None:
    assert all(namespaced(what) for what, _ in flux_kinds())


def test_configuration_of_tools_is_never_applied() -> None:
    assert config_only("kustomize.config.k8s.io", "Component")
    assert config_only("kubeadm.k8s.io", "ClusterConfiguration")
    assert not config_only("kustomize.toolkit.fluxcd.io", "Kustomization")


def test_an_aggregated_group_names_what_serves_it() -> None:
    assert aggregated_by("metrics.k8s.io") == "metrics-server (APIService)"
    assert aggregated_by("cert-manager.io") is None


def test_built_in_kinds_know_whether_they_have_a_namespace() -> None:
    assert namespaced(GroupKind("", "Service")) is True
    assert namespaced(GroupKind("", "Namespace")) is False
    assert namespaced(GroupKind("rbac.authorization.k8s.io", "ClusterRole")) is False
    assert namespaced(GroupKind("rbac.authorization.k8s.io", "Role")) is True


def test_the_scope_of_a_custom_resource_comes_from_its_crd() -> None:
    assert namespaced(GroupKind("cert-manager.io", "ClusterIssuer")) is False
    assert namespaced(GroupKind("cert-manager.io", "Issuer")) is True
    assert namespaced(GroupKind("example.org", "Thing")) is None


def test_a_kind_of_a_platform_names_the_platform() -> None:
    assert platform_hint(GroupKind("talos.dev", "ServiceAccount")) == "talos"
    assert platform_hint(GroupKind("route.openshift.io", "Route")) == "openshift"
    assert platform_hint(GroupKind("cert-manager.io", "Issuer")) is None


def test_the_catalogue_knows_groups_and_plurals() -> None:
    assert group_known("cert-manager.io")
    assert not group_known("example.org")
    assert by_plural("monitoring.coreos.com", "prometheuses") == GroupKind("monitoring.coreos.com", "Prometheus")


def test_every_soft_kind_is_one_that_the_catalogue_knows() -> None:
    known = [by_plural(soft.partition(".")[2], soft.partition(".")[0]) for soft in SOFT]

    assert [str(what) for what in known] == list(SOFT)


def test_an_ingress_names_its_class_and_secrets() -> None:
    targets = {target for one in references_of(GroupKind("networking.k8s.io", "Ingress")) for target in one.targets}

    assert {GroupKind("networking.k8s.io", "IngressClass"), GroupKind("", "Secret")} <= targets
