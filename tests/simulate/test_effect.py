"""What a merge does to the running cluster."""

from __future__ import annotations

from bot.model.field import Body
from bot.simulate.effect import effect
from tests.sketched_cluster import Sketch, cluster, hr, ks, names, played


def config(name: str, value: str = "1") -> Body:
    metadata: Body = {"name": name, "namespace": "default"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"value": value}}


def test_objects_are_created_changed_and_deleted() -> None:
    base = cluster(Sketch("apps", objects=(config("stays"), config("changes"), config("goes")), spec={"prune": True}))
    head = cluster(
        Sketch("apps", objects=(config("stays"), config("changes", "2"), config("comes")), spec={"prune": True})
    )

    found = effect(played(head, base))

    assert (names(found.created), names(found.changed), names(found.deleted)) == (["comes"], ["changes"], ["goes"])


def test_without_pruning_nothing_is_deleted() -> None:
    base = cluster(Sketch("apps", objects=(config("goes"),), spec={"prune": False}))

    assert effect(played(cluster(Sketch("apps")), base)).is_empty


def test_what_moves_to_another_owner_is_neither_created_nor_deleted() -> None:
    base = cluster(Sketch("one", objects=(config("moves"),), spec={"prune": True}), Sketch("two"))
    head = cluster(Sketch("one", spec={"prune": True}), Sketch("two", objects=(config("moves"),)))

    assert effect(played(head, base)).is_empty


def test_a_release_with_another_version_is_upgraded() -> None:
    def at(version: str) -> Body:
        return {"chart": {"spec": {"chart": "certs", "version": version, "sourceRef": {"name": "x"}}}}

    base = cluster(Sketch("apps", releases={"certs": ()}, release_spec=at("1.0.0")))
    head = cluster(Sketch("apps", releases={"certs": ()}, release_spec=at("1.1.0")))

    (upgrade,) = effect(played(head, base)).upgraded

    assert (upgrade.release, upgrade.before, upgrade.after) == (hr("certs"), "1.0.0", "1.1.0")


def test_what_could_not_be_read_before_is_not_said_to_be_created() -> None:
    base = cluster(Sketch("apps", unread="its source is elsewhere"))
    head = cluster(Sketch("apps", objects=(config("known"),)))

    assert effect(played(head, base)).created == ()


def test_a_build_that_breaks_deletes_nothing() -> None:
    base = cluster(Sketch("apps", objects=(config("stays"),), spec={"prune": True}))
    head = cluster(Sketch("apps", broken=True, spec={"prune": True}))

    assert effect(played(head, base)).is_empty


def test_a_cluster_that_is_new_creates_all_that_it_has() -> None:
    found = effect(played(cluster(Sketch("apps", objects=(config("one"),)))))

    assert found.is_new
    assert names(found.created) == ["one"]
    assert ks("apps") not in found.deleted
