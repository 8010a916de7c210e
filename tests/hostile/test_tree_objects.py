"""Trees that no git made: names that lead out, names that stand twice, and billions of names."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.flux.build import plan
from bot.flux.kustomization import read_kustomization
from bot.flux.tree import Tree
from bot.git.repository import require_repository
from bot.model.cluster import Break, Broken
from bot.model.field import Body
from bot.model.resource import Origin, resource
from bot.model.snapshot import Snapshot
from bot.ports import BadQuestion, TooLarge
from tests.hostile.strange_repository import Entry, StrangeRepository, strange_repository


@pytest.fixture
def strange(tmp_path: Path) -> StrangeRepository:
    return strange_repository(tmp_path / "fleet")


def contents(snapshot: Snapshot) -> dict[str, bytes | None]:
    return {path: blob.data for path, blob in snapshot.files.items()}


def test_names_that_differ_in_case_only_are_two_files(strange: StrangeRepository) -> None:
    blob = strange.blob(b"kind: B\n")
    head = strange.commit(strange.tree([Entry("100644", b"A.yaml", blob), Entry("100644", b"a.yaml", blob)]))

    assert set(require_repository(strange.root).snapshot(head).files) == {"A.yaml", "a.yaml"}


@pytest.mark.parametrize("name", [b"..", b".", b".git", b"", b"a/../../b", b"/etc/passwd", b"a//b", b"../outside"])
def test_a_tree_object_with_a_name_that_leads_out_is_read_without_it(strange: StrangeRepository, name: bytes) -> None:
    evil, good = strange.blob(b"evil\n"), strange.blob(b"kind: A\n")
    below = strange.tree([Entry("100644", b"config", evil)])
    entries = [Entry("100644", b"good.yaml", good)]
    files = strange.commit(strange.tree([*entries, Entry("100644", name, evil)]))
    folders = strange.commit(strange.tree([*entries, Entry("40000", name, below)]))

    for commit in (files, folders):
        try:
            found = contents(require_repository(strange.root).snapshot(commit))
        except BadQuestion:
            continue  # git itself refuses a tree with such a name
        assert found == {"good.yaml": b"kind: A\n"}


def test_a_tree_object_may_name_one_path_twice_or_as_file_and_directory(strange: StrangeRepository) -> None:
    one, two = strange.blob(b"kind: A\n"), strange.blob(b"kind: B\n")
    below = strange.tree([Entry("100644", b"x.yaml", two)])
    twice = [Entry("100644", b"a.yaml", one), Entry("100644", b"a.yaml", two), Entry("40000", b"a.yaml", below)]

    found = contents(require_repository(strange.root).snapshot(strange.commit(strange.tree(twice))))

    assert found == {"a.yaml": b"kind: B\n", "a.yaml/x.yaml": b"kind: B\n"}


def test_submodules_devices_and_unknown_modes_are_left_out(strange: StrangeRepository) -> None:
    good = strange.blob(b"kind: A\n")
    odd = [Entry(mode, f"m{mode}".encode(), good) for mode in ("020666", "060666", "010644", "140777")]
    entries = [Entry("100644", b"good.yaml", good), *odd, Entry("160000", b"vendor", "1" * 40)]

    snapshot = require_repository(strange.root).snapshot(strange.commit(strange.tree(entries)))

    assert snapshot.files["good.yaml"].data == b"kind: A\n"
    assert "vendor" not in snapshot.files
    assert not snapshot.links


def test_a_link_in_a_tree_object_over_a_path_that_a_build_reads_is_a_path_that_is_not_there(
    strange: StrangeRepository,
) -> None:
    target = strange.blob(b"/etc")
    head = strange.commit(strange.tree([Entry("120000", b"apps", target)]))
    body: Body = {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": "apps", "namespace": "flux-system"},
        "spec": {"path": "./apps"},
    }

    planned = plan(
        read_kustomization(resource(body, Origin("x.yaml", "", "", "", ""))),
        Tree(require_repository(strange.root).snapshot(head)),
    )

    assert isinstance(planned, Broken)
    assert planned.why is Break.PATH_NOT_FOUND
    assert "Flux leaves links out of its artifacts" in planned.message


def test_trees_that_hold_each_other_and_name_ten_billion_files_are_refused_quickly(strange: StrangeRepository) -> None:
    level = strange.tree([Entry("100644", f"f{n}".encode(), strange.blob(b"boom\n")) for n in range(10)])
    for _ in range(9):
        level = strange.tree([Entry("40000", f"d{n}".encode(), level) for n in range(10)])
    bomb = strange.commit(level)

    with pytest.raises(TooLarge, match="holds too many files: the limit is 200,000;"):
        require_repository(strange.root).snapshot(bomb)
