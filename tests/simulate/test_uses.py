"""Objects that are not ready before another one is there."""

from __future__ import annotations

from bot.model.cluster import Provided
from bot.model.field import Body
from bot.model.ref import Ref
from bot.simulate.play import Play, play
from bot.simulate.stage import stage
from bot.simulate.uses import uses
from tests.sketched_cluster import Sketch, cluster, ks, names

WAIT: Body = {"wait": True}
ISSUER: Body = {"apiVersion": "cert-manager.io/v1", "kind": "ClusterIssuer", "metadata": {"name": "letsencrypt"}}
STAMPED: Body = {**ISSUER, "metadata": {"name": "letsencrypt", "namespace": "cert-manager"}}
THERE = Provided(patterns=("*.cert-manager.io",))


def certificate(**issuer: str) -> Body:
    return {
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": {"name": "web", "namespace": "flux-system"},
        "spec": {"issuerRef": {**issuer}},
    }


LETSENCRYPT = certificate(kind="ClusterIssuer", name="letsencrypt")


def used(*sketches: Sketch) -> list[tuple[str, str, str]]:
    found = uses(cluster(*sketches, provided=THERE))
    return [(ref.name, use.used.name, use.owner.name) for ref, some in found.items() for use in some]


def played(*sketches: Sketch, live: frozenset[Ref] = frozenset()) -> Play:
    return play(stage(cluster(*sketches, provided=THERE)), live=live)


def test_a_waiting_kustomization_waits_for_the_issuer_of_its_certificate() -> None:
    web, issuers = Sketch("web", spec=WAIT, objects=(LETSENCRYPT,)), Sketch("issuers", objects=(ISSUER,))

    assert used(web, issuers) == [("web", "letsencrypt", "issuers")]
    assert names(played(web, issuers).ready) == ["issuers", "web"]
    assert names(played(web, Sketch("issuers", objects=(ISSUER,), after=("web",))).ready) == []


def test_an_issuer_that_is_live_is_not_waited_for() -> None:
    web = Sketch("web", spec=WAIT, objects=(LETSENCRYPT,))
    issuers = Sketch("issuers", objects=(ISSUER,), after=("web",))
    live = frozenset(cluster(web, issuers).resources)

    assert names(played(web, issuers, live=live).ready) == ["issuers", "web"]


def test_a_cluster_wide_issuer_is_found_although_kustomize_gave_it_a_namespace() -> None:
    web = Sketch("web", spec=WAIT, objects=(LETSENCRYPT,))

    assert used(web, Sketch("issuers", objects=(STAMPED,))) == [("web", "letsencrypt", "issuers")]


def test_an_issuer_of_the_same_kustomization_or_of_nobody_is_no_matter() -> None:
    assert used(Sketch("web", spec=WAIT, objects=(LETSENCRYPT, ISSUER))) == []
    assert used(Sketch("web", spec=WAIT, objects=(LETSENCRYPT,))) == []


def test_an_issuer_of_another_group_or_namespace_is_another_one() -> None:
    foreign = certificate(kind="ClusterIssuer", name="letsencrypt", group="issuers.example.org")
    issuers = Sketch("issuers", objects=(ISSUER,))

    assert used(Sketch("web", spec=WAIT, objects=(foreign,)), issuers) == []
    assert used(Sketch("web", spec=WAIT, objects=(certificate(name="letsencrypt"),)), issuers) == []


def test_nothing_is_waited_for_without_a_wait() -> None:
    assert used(Sketch("web", objects=(LETSENCRYPT,)), Sketch("issuers", objects=(ISSUER,))) == []
    assert ks("web") in played(Sketch("web", objects=(LETSENCRYPT,))).ready
