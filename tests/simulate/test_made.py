"""What Flux reads before it begins, and who makes that."""

from __future__ import annotations

import pytest

from bot.model.cluster import Provided
from bot.model.field import Body
from bot.simulate.made import requirements
from bot.simulate.play import play
from bot.simulate.stage import stage
from tests.sketched_cluster import Sketch, cluster, hr, ks, names

SETTINGS: Body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "flux-system"}}
READING: Body = {"postBuild": {"substituteFrom": [{"kind": "ConfigMap", "name": "settings"}]}}
SECRET: Body = {"postBuild": {"substituteFrom": [{"kind": "Secret", "name": "keys"}]}}
ROOT = Sketch("root")


def made(*sketches: Sketch, provided: Provided | None = None) -> list[tuple[str, str]]:
    """The readers, each with who makes what it reads."""
    found = requirements(cluster(*sketches, provided=provided))
    return [(ref.name, each.owner.name) for ref, some in found.items() for one in some for each in one.made]


def test_what_another_kustomization_applies_is_made_by_it() -> None:
    apps, settings = Sketch("apps", parents=("root",), spec=READING), Sketch("settings", objects=(SETTINGS,))

    assert made(ROOT, apps, settings) == [("apps", "settings")]


def test_what_nothing_in_the_tree_makes_is_made_by_hand() -> None:
    assert made(ROOT, Sketch("apps", parents=("root",), spec=READING)) == []


def test_what_only_its_reader_applies_was_there_before() -> None:
    assert made(ROOT, Sketch("apps", parents=("root",), spec=READING, objects=(SETTINGS,))) == []


def test_an_entry_point_reads_what_was_there_before_flux() -> None:
    assert made(Sketch("root", spec=READING), Sketch("settings", objects=(SETTINGS,))) == []


def test_what_the_configuration_declares_is_there() -> None:
    apps, settings = Sketch("apps", parents=("root",), spec=READING), Sketch("settings", objects=(SETTINGS,))

    assert made(ROOT, apps, settings, provided=Provided(objects=("ConfigMap/settings",))) == []
    assert made(ROOT, apps, settings, provided=Provided(objects=("ConfigMap/flux-system/settings",))) == []


@pytest.mark.parametrize(
    ("api_version", "kind", "name", "spec"),
    [
        ("external-secrets.io/v1", "ExternalSecret", "keys", {}),
        ("external-secrets.io/v1", "ExternalSecret", "other", {"target": {"name": "keys"}}),
        ("bitnami.com/v1alpha1", "SealedSecret", "keys", {}),
        ("cert-manager.io/v1", "Certificate", "other", {"secretName": "keys"}),
    ],
)
def test_a_controller_makes_secrets_of_other_objects(api_version: str, kind: str, name: str, spec: Body) -> None:
    metadata: Body = {"name": name, "namespace": "flux-system"}
    source: Body = {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec}

    found = made(ROOT, Sketch("apps", parents=("root",), spec=SECRET), Sketch("secrets", objects=(source,)))

    assert found == [("apps", "secrets")]


def test_an_external_secret_that_only_adds_to_a_secret_does_not_make_it() -> None:
    spec: Body = {"target": {"creationPolicy": "Merge"}}
    metadata: Body = {"name": "keys", "namespace": "flux-system"}
    source: Body = {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": metadata,
        "spec": spec,
    }

    assert made(ROOT, Sketch("apps", parents=("root",), spec=SECRET), Sketch("secrets", objects=(source,))) == []


def test_what_goes_to_another_cluster_is_not_there_to_be_read() -> None:
    away: Body = {"kubeConfig": {"secretRef": {"name": "edge"}}}

    found = made(ROOT, Sketch("apps", parents=("root",), spec=READING), Sketch("edge", spec=away, objects=(SETTINGS,)))

    assert found == []


def test_a_kustomization_does_not_begin_before_its_variables_are_made() -> None:
    settings = Sketch("settings", objects=(SETTINGS,), after=("apps",))
    board = stage(cluster(ROOT, Sketch("apps", parents=("root",), spec=READING), settings))

    assert names(play(board).ready) == ["root"]
    live = frozenset(board.cluster.resources)
    assert names(play(board, live=live).ready) == ["apps", "root", "settings"]


def test_a_release_is_not_installed_before_its_values_are_made() -> None:
    values: Body = {"valuesFrom": [{"kind": "ConfigMap", "name": "settings"}]}
    shop = Sketch("shop", releases={"shop": ()}, release_spec=values)

    late = play(stage(cluster(shop, Sketch("settings", objects=(SETTINGS,), after=("none",)))))
    fine = play(stage(cluster(shop, Sketch("settings", objects=(SETTINGS,)))))

    assert hr("shop") not in late.released
    assert hr("shop") in fine.released
    assert ks("shop") in late.ready
