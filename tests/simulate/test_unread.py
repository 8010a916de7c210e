"""What could not be read and may bring a kind all the same."""

from __future__ import annotations

from dataclasses import replace

from bot.model.cluster import Cluster, Provided
from bot.model.ref import GroupKind
from bot.simulate.unread import elsewhere
from tests.loaded_cluster import ROOT, loaded
from tests.sketched_cluster import Sketch, cluster, ks

CERTIFICATE = GroupKind("cert-manager.io", "Certificate")
ELSEWHERE = "GitRepository/flux-system/x is another repository: https://example.com/"


def with_gap(gap: str) -> Cluster:
    made = cluster(Sketch("apps"))
    return replace(made, nodes={ref: replace(node, gaps=(gap,), unread=(gap,)) for ref, node in made.nodes.items()})


def test_where_all_was_read_nothing_comes_from_elsewhere() -> None:
    assert elsewhere(cluster(Sketch("cert-manager")), CERTIFICATE) is None


def test_an_unread_source_whose_address_speaks_of_the_project_may_bring_it() -> None:
    found = elsewhere(cluster(Sketch("security", unread=f"{ELSEWHERE}jetstack/cert-manager")), CERTIFICATE)

    assert found
    assert found.startswith("Kustomization/flux-system/security at security: ")


def test_an_unread_kustomization_whose_name_speaks_of_the_project_may_bring_it() -> None:
    assert elsewhere(cluster(Sketch("cert-manager-crds", unread=ELSEWHERE)), CERTIFICATE)


def test_an_unread_source_of_another_project_does_not() -> None:
    assert elsewhere(cluster(Sketch("grafana", unread=f"{ELSEWHERE}grafana/grafana")), CERTIFICATE) is None


def test_an_unread_kustomization_with_a_name_that_says_nothing_may_bring_anything() -> None:
    for name in ("crds", "infra", "cluster-addons", "flux-system"):
        assert elsewhere(cluster(Sketch(name, unread=ELSEWHERE)), CERTIFICATE)


def test_a_remote_file_that_was_cut_out_may_bring_what_its_address_speaks_of() -> None:
    url = "https://github.com/cert-manager/cert-manager/releases/download/v1/cert-manager.crds.yaml"

    assert elsewhere(with_gap(f"{url} is not fetched"), CERTIFICATE)
    assert elsewhere(with_gap("https://example.com/grafana.yaml is not fetched"), CERTIFICATE) is None


def test_a_generator_that_is_not_expanded_may_bring_what_it_speaks_of() -> None:
    def generator(of: str) -> Cluster:
        head = "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\nmetadata: {name: a, namespace: flux-system}\n"
        spec = f"spec: {{inputsFrom: [{{name: forge}}], resourcesTemplate: 'chart: {of}'}}\n"
        return loaded({f"{ROOT}/set.yaml": head + spec})

    assert elsewhere(generator("cert-manager"), CERTIFICATE)
    assert elsewhere(generator("traefik"), CERTIFICATE) is None


def test_a_read_kustomization_of_the_projects_name_hides_nothing() -> None:
    made = cluster(Sketch("cert-manager"), Sketch("grafana", unread=ELSEWHERE))

    assert ks("cert-manager") in made.nodes
    assert elsewhere(made, CERTIFICATE) is None


def test_a_bootstrap_script_that_could_not_be_read_may_bring_interfaces_that_many_projects_share() -> None:
    unread = replace(cluster(Sketch("apps")), provided=Provided(script="b.sh", unread="b.sh"))
    readable = replace(cluster(Sketch("apps")), provided=Provided(script="b.sh"))
    route = GroupKind("gateway.networking.k8s.io", "HTTPRoute")

    assert elsewhere(unread, route) == "b.sh"
    assert elsewhere(unread, CERTIFICATE) is None
    assert elsewhere(readable, route) is None


def test_of_the_files_that_a_broken_build_lacks_only_those_of_crds_may_bring_a_kind() -> None:
    def lacking(file: str) -> Cluster:
        made = cluster(Sketch("apps", broken=True))
        return replace(made, nodes={ref: replace(node, unread=(file,)) for ref, node in made.nodes.items()})

    for file in ("crds.yaml", "../crd", "cert-manager.crds.yaml"):
        assert elsewhere(lacking(file), CERTIFICATE) == file
    for file in ("namespace.yaml", "cert-manager.yaml", "ingress-traefikCRD.yaml"):
        assert elsewhere(lacking(file), CERTIFICATE) is None
