"""What `fluxbot explain` says."""

from __future__ import annotations

import pytest

from tests.command_line import ISSUER, RELEASE, SYNC, CommandLine


def ks(name: str, more: str = "") -> str:
    return (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
        f"metadata: {{name: {name}, namespace: flux-system}}\n"
        f"spec: {{path: ./{name}, interval: 1h, prune: true,\n"
        f"  sourceRef: {{kind: GitRepository, name: flux-system}}{more}}}\n"
    )


def files(infra: str = "", issuers: str = "") -> dict[str, str]:
    return {
        SYNC: "",
        "clusters/main/kustomization.yaml": "resources: [infra.yaml, issuers.yaml]\n",
        "clusters/main/infra.yaml": ks("infra", infra),
        "clusters/main/issuers.yaml": ks("issuers", issuers),
        "clusters/main/forgotten.yaml": ks("forgotten"),
        "infra/cert-manager.yaml": RELEASE,
        "issuers/ca.yaml": ISSUER,
    }


AFTER = ", dependsOn: [{name: infra}]"
WAIT = ", wait: true"


def test_a_rule_is_explained_by_its_manual_without_any_repository(fluxbot: CommandLine) -> None:
    said = fluxbot.run("explain", "crd-in-same-kustomization", "--path", "none")

    assert (said.status, said.err) == (0, "")
    assert said.out.startswith("# crd-in-same-kustomization (error)\n")
    assert "## Why it matters" in said.out


def test_a_kustomization_is_explained_by_place_owner_waits_and_fate(fluxbot: CommandLine) -> None:
    fluxbot.write(files(WAIT, AFTER))

    said = fluxbot.run("explain", "Kustomization/flux-system/issuers")

    assert said.status == 0
    assert (
        "`Kustomization/flux-system/issuers` in the cluster `clusters/main` (`clusters/main/issuers.yaml:2`)"
        in said.out
    )
    assert "applied by `Kustomization/flux-system/flux-system`" in said.out
    assert "waits for `Kustomization/flux-system/infra`" in said.out
    assert "`ClusterIssuer/ca` needs `ClusterIssuer.cert-manager.io`, brought by `HelmRelease/cert-manager/" in said.out
    assert "on a fresh cluster: it becomes ready at its first try" in said.out


def test_what_is_not_awaited_is_named(fluxbot: CommandLine) -> None:
    fluxbot.write(files("", AFTER))

    said = fluxbot.run("explain", "issuers")

    assert "for which `Kustomization/flux-system/infra` does not wait" in said.out
    assert "is not sure to find `ClusterIssuer.cert-manager.io` when it starts (`ClusterIssuer/ca`)" in said.out
    assert "it becomes ready, but not surely at its first try" in said.out


def test_what_never_becomes_ready_is_explained_down_to_the_cause(fluxbot: CommandLine) -> None:
    fluxbot.write({**files("", AFTER), "infra/issuer.yaml": ISSUER.replace("ca", "own")})

    said = fluxbot.run("explain", "issuers")

    assert "on a fresh cluster: it never becomes ready" in said.out
    assert "waits for `Kustomization/flux-system/infra`, which never becomes ready" in said.out
    assert "the dry-run of `Kustomization/flux-system/infra` refuses `ClusterIssuer/own`" in said.out
    assert 'no matches for kind "ClusterIssuer" in version "cert-manager.io/v1"' in said.out


def test_any_object_can_be_asked_for_by_kind_and_name(fluxbot: CommandLine) -> None:
    fluxbot.write(files(WAIT, AFTER))

    for subject in ("ClusterIssuer/ca", "clusterissuer/ca", "ca"):
        said = fluxbot.run("explain", subject)

        assert said.out.startswith("`ClusterIssuer/ca` in the cluster `clusters/main` (`issuers/ca.yaml:2`)\n")
        assert "applied by `Kustomization/flux-system/issuers`" in said.out


def test_a_release_says_what_it_brings(fluxbot: CommandLine) -> None:
    fluxbot.write(files())

    said = fluxbot.run("explain", "HelmRelease/cert-manager/cert-manager")

    assert "brings `ClusterIssuer.cert-manager.io`" in said.out


def test_two_objects_are_explained_by_why_the_first_waits_for_the_second(fluxbot: CommandLine) -> None:
    fluxbot.write(files(WAIT, AFTER))

    said = fluxbot.run("explain", "issuers", "infra")

    assert "`Kustomization/flux-system/issuers` waits for `Kustomization/flux-system/infra`" in said.out
    assert "`ClusterIssuer/ca` needs `ClusterIssuer.cert-manager.io`" in said.out


def test_two_objects_without_an_order_are_explained_by_why_the_first_should_wait(fluxbot: CommandLine) -> None:
    fluxbot.write(files())

    said = fluxbot.run("explain", "ClusterIssuer/ca", "HelmRelease/cert-manager/cert-manager")

    assert "does not wait for `Kustomization/flux-system/infra`" in said.out
    assert "it should: `ClusterIssuer/ca` needs `ClusterIssuer.cert-manager.io`" in said.out


def test_two_objects_of_one_kustomization_have_no_order(fluxbot: CommandLine) -> None:
    fluxbot.write({**files(), "infra/issuer.yaml": ISSUER})

    said = fluxbot.run("explain", "HelmRelease/cert-manager/cert-manager", "HelmRepository/cert-manager/jetstack")

    assert "`Kustomization/flux-system/infra` applies both, so nothing orders them" in said.out


def test_a_kustomization_that_nothing_applies_is_said_to_be_dead(fluxbot: CommandLine) -> None:
    fluxbot.write(files())

    said = fluxbot.run("explain", "Kustomization/flux-system/forgotten")

    assert said.status == 0
    assert "written in `clusters/main/forgotten.yaml`, but nothing applies it" in said.out


def test_a_name_in_two_clusters_is_explained_for_each_and_cluster_picks_one(fluxbot: CommandLine) -> None:
    test = {"clusters/test/flux-system/gotk-sync.yaml": "", "clusters/test/infra.yaml": ks("infra")}
    fluxbot.write({**files(), **test})

    both = fluxbot.run("explain", "Kustomization/flux-system/infra").out
    one = fluxbot.run("explain", "Kustomization/flux-system/infra", "--cluster", "clusters/test").out

    assert (both.count("in the cluster"), one.count("in the cluster")) == (2, 1)
    assert "in the cluster `clusters/test`" in one


def test_a_revision_can_be_asked_about(fluxbot: CommandLine) -> None:
    fluxbot.commit(files(WAIT, AFTER))
    fluxbot.commit({"clusters/main/issuers.yaml": ks("issuers")}, "change")

    assert "waits for `Kustomization" in fluxbot.run("explain", "issuers", "--rev", "main").out
    assert "waits for `Kustomization" not in fluxbot.run("explain", "issuers", "--rev", "change").out


def test_what_is_sure_only_because_another_needs_it_too_is_named(fluxbot: CommandLine) -> None:
    sites = ks("sites", ", dependsOn: [{name: issuers}]")
    fluxbot.write(
        {
            **files(),
            "clusters/main/kustomization.yaml": "resources: [infra.yaml, issuers.yaml, sites.yaml]\n",
            "clusters/main/sites.yaml": sites,
            "sites/certificate.yaml": "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: site}\n",
        }
    )

    said = fluxbot.run("explain", "sites")

    needed = "`Certificate/site` needs `Certificate.cert-manager.io`"
    assert f"{needed}, without which `Kustomization/flux-system/issuers` is never ready" in said.out
    assert "nothing was found that needs it" not in said.out


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "explain what?"),
        (("nothing-of-that-name",), "nothing is called nothing-of-that-name"),
        (("Deployment/infra",), "nothing is called Deployment/infra"),
        (("infra", "nothing"), "nothing is called nothing"),
        (("infra", "--path", "none"), "none is not a directory"),
        (("a\x1b[31m\u202eb",), r"nothing is called a\u001b[31m\u202eb"),
    ],
)
def test_what_cannot_be_explained_is_one_line(fluxbot: CommandLine, arguments: tuple[str, ...], why: str) -> None:
    fluxbot.write(files())

    said = fluxbot.run("explain", *arguments)

    assert (said.status, said.out, said.err.count("\n")) == (2, "", 1)
    assert why in said.err


def test_what_another_repository_holds_is_not_said_to_need_nothing(fluxbot: CommandLine) -> None:
    elsewhere = ks("issuers", AFTER).replace("name: flux-system}, dep", "name: other}, dep")
    fluxbot.write({**files(WAIT), "clusters/main/issuers.yaml": elsewhere})

    said = fluxbot.run("explain", "Kustomization/flux-system/issuers")

    assert "not built: the source GitRepository/flux-system/other is not in the tree" in said.out
    assert "what it applies is not known, so neither is why" in said.out
    assert "nothing was found that needs it" not in said.out
