"""Whether anything can be found for which a dependency is needed."""

from __future__ import annotations

import pytest

from bot.model.field import Body
from bot.simulate.founded import is_founded
from bot.simulate.stage import stage
from tests.sketched_cluster import Sketch, cluster, ks

DISKS: Body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "disks"}}
IN_DISKS: Body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "disks"}}
NAMING: Body = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "a", "namespace": "flux-system"},
    "data": {"url": "http://storage.example.org"},
}
WAIT: Body = {"wait": True}


def founded(*sketches: Sketch) -> bool:
    return is_founded(stage(cluster(*sketches)), ks("apps"), ks("storage"))


def test_two_that_have_nothing_to_do_with_each_other_are_not() -> None:
    assert not founded(Sketch("apps", after=("storage",)), Sketch("storage"))


@pytest.mark.parametrize(
    ("apps", "storage"),
    [
        (Sketch("apps", needs=("Disk",)), Sketch("storage", defines=("Disk",))),
        (Sketch("apps", needs=("Disk",)), Sketch("storage", releases={"operator": ("Disk",)})),
        (Sketch("apps", objects=(IN_DISKS,)), Sketch("storage", objects=(DISKS,))),
        (Sketch("apps", objects=(NAMING,)), Sketch("storage")),
        (
            Sketch("apps", releases={"x": ()}, release_spec={"dependsOn": [{"name": "y"}]}),
            Sketch("storage", releases={"y": ()}),
        ),
        (Sketch("apps"), Sketch("storage", unread="another repository")),
        (Sketch("apps", unread="another repository"), Sketch("storage")),
    ],
)
def test_a_kind_a_namespace_a_release_a_name_or_a_doubt_is_a_reason(apps: Sketch, storage: Sketch) -> None:
    assert founded(apps, storage)


def test_what_a_child_needs_is_needed_by_its_parent() -> None:
    child = Sketch("child", parents=("apps",), needs=("Disk",))

    assert founded(Sketch("apps"), child, Sketch("storage", defines=("Disk",)))


def test_what_comes_before_a_dependency_or_is_waited_for_by_it_is_seen_to() -> None:
    apps = Sketch("apps", needs=("Disk",))

    assert founded(apps, Sketch("storage", after=("disks",)), Sketch("disks", defines=("Disk",)))
    assert founded(apps, Sketch("storage", spec=WAIT), Sketch("disks", parents=("storage",), defines=("Disk",)))
    assert not founded(apps, Sketch("storage"), Sketch("other", defines=("Disk",)))
