"""What source-controller leaves out of an artifact."""

from __future__ import annotations

from bot.flux.packing import packed, unpacked
from bot.flux.tree import Tree
from bot.model.snapshot import Blob, Snapshot


def _snapshot(**written: str) -> Snapshot:
    files = {path: Blob(path, len(text), text.encode()) for path, text in written.items()}
    return Snapshot("test", files)


def test_files_of_version_control_ci_and_pictures_are_left_out_by_default() -> None:
    left = ("a.png", ".github/workflows/ci.yaml", "apps/.sops.yaml", ".gitlab-ci.yml", "charts/x.tar.gz", ".gitignore")
    snapshot = _snapshot(**dict.fromkeys((*left, "apps/release.yaml"), ""))

    assert set(packed(snapshot)) == {"apps/release.yaml"}


def test_a_repository_excludes_everything_and_takes_directories_in_again() -> None:
    snapshot = _snapshot(
        **{".sourceignore": "# all\n/*\n!/apps/\n", "apps/a.yaml": "", "docs/b.yaml": "", "c.yaml": ""}
    )

    assert set(packed(snapshot)) == {"apps/a.yaml"}


def test_patterns_of_a_sub_directory_are_bound_to_it() -> None:
    snapshot = _snapshot(
        **{
            "apps/.sourceignore": "/local\n*.txt\n",
            "apps/local/a.yaml": "",
            "local/b.yaml": "",
            "apps/x/c.txt": "",
            "d.txt": "",
        }
    )

    assert set(packed(snapshot)) == {"apps/.sourceignore", "local/b.yaml", "d.txt"}


def test_what_the_source_itself_ignores_wins() -> None:
    snapshot = _snapshot(**{"a.png": "", "b.yaml": "", "hack/c.yaml": ""})

    assert set(packed(snapshot, "!a.png\n/hack\n")) == {"a.png", "b.yaml"}


def test_what_lies_in_a_directory_that_is_called_like_an_archive_is_left_out_with_it() -> None:
    whole = _snapshot(**{"old.zip/a.yaml": "a", "apps/.github/b.yaml": "b", "apps/c.yaml": "c", "zip/d.yaml": "d"})

    assert unpacked(whole) == {"old.zip/a.yaml", "apps/.github/b.yaml"}


def test_an_artifact_holds_all_but_what_is_left_out() -> None:
    tree = Tree(_snapshot(**{"apps/a.yaml": "a", "hack/b.yaml": "b"}), left_out=frozenset({"hack/b.yaml"}))

    assert set(tree.files) == {"apps/a.yaml"}
    assert tree.blob("hack/b.yaml") is None
    assert not tree.has_directory("hack")
    assert tree.place("apps/a.yaml") == "apps/a.yaml"
    assert not tree.moves
