"""Revisions and working trees as snapshots, on repositories that git itself made."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from bot.git.disk import folder
from bot.git.repository import open_repository, require_repository
from bot.model.limits import LIMITS
from bot.ports import BadQuestion, TooLarge

_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
}


def git(directory: Path, *arguments: str, stdin: bytes = b"") -> str:
    done = subprocess.run(
        ["git", "-C", str(directory), *arguments], env=_ENVIRONMENT, input=stdin, capture_output=True, check=True
    )
    return done.stdout.decode().strip()


def repository(path: Path, **files: str) -> Path:
    """A repository with one commit; ``__`` in a name stands for ``/``, a last ``_`` for ``.``."""
    path.mkdir(parents=True, exist_ok=True)
    git(path, "init", "--quiet", "--initial-branch=main")
    commit(path, **files)
    return path


def commit(path: Path, **files: str) -> str:
    for name, text in files.items():
        file = path / (name.replace("__", "/").replace("_", ".", 1))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    git(path, "add", "--all")
    git(path, "commit", "--quiet", "--allow-empty", "--message", "change")
    return git(path, "rev-parse", "HEAD")


def test_a_snapshot_holds_what_was_committed_and_not_what_lies_on_disk(tmp_path: Path) -> None:
    root = repository(tmp_path / "fleet", apps__ks_yaml="committed\n")
    (root / "apps/ks.yaml").write_text("changed\n")
    (root / "new.yaml").write_text("new\n")

    snapshot = require_repository(root).snapshot("HEAD")

    assert {path: blob.data for path, blob in snapshot.files.items()} == {"apps/ks.yaml": b"committed\n"}
    assert snapshot.label == git(root, "rev-parse", "HEAD")
    assert snapshot.files["apps/ks.yaml"].sha == git(root, "rev-parse", "HEAD:apps/ks.yaml")


def test_a_working_tree_has_uncommitted_files_but_no_ignored_and_no_deleted_ones(tmp_path: Path) -> None:
    root = repository(tmp_path / "fleet", old_yaml="old\n", gone_yaml="gone\n", kept_yaml="kept\n")
    (root / ".gitignore").write_text("*.tmp\n")
    (root / "old.yaml").write_text("edited\n")
    (root / "new.yaml").write_text("new\n")
    (root / "x.tmp").write_text("ignored\n")
    (root / "gone.yaml").unlink()

    snapshot = require_repository(root).working_tree()

    assert {path: blob.data for path, blob in snapshot.files.items()} == {
        ".gitignore": b"*.tmp\n",
        "kept.yaml": b"kept\n",
        "new.yaml": b"new\n",
        "old.yaml": b"edited\n",
    }


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_an_unchanged_file_has_the_same_sha_in_the_working_tree_and_in_its_commit(
    tmp_path: Path, algorithm: str
) -> None:
    git(tmp_path, "init", "--quiet", f"--object-format={algorithm}")
    commit(tmp_path, a_yaml="same\n", empty_yaml="")

    found = require_repository(tmp_path)

    assert found.working_tree().files == found.snapshot("HEAD").files


def test_a_folder_of_a_working_tree_means_the_whole_repository(tmp_path: Path) -> None:
    root = repository(tmp_path / "fleet", apps__ks_yaml="a\n", clusters__ks_yaml="b\n")

    found = require_repository(root / "apps")

    assert found.path == root.resolve()
    assert set(found.working_tree().files) == {"apps/ks.yaml", "clusters/ks.yaml"}


def test_a_bare_repository_has_revisions_and_no_working_tree(tmp_path: Path) -> None:
    root = repository(tmp_path / "fleet", ks_yaml="a\n")
    git(tmp_path, "clone", "--quiet", "--bare", str(root), str(tmp_path / "bare.git"))

    found = require_repository(tmp_path / "bare.git")

    assert set(found.snapshot("main").files) == {"ks.yaml"}
    with pytest.raises(BadQuestion, match="is a bare repository: name a revision"):
        found.working_tree()


def test_links_are_named_and_never_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret.yaml").write_text("secret\n")
    root = repository(tmp_path / "fleet", ks_yaml="a\n")
    (root / "file.yaml").symlink_to(tmp_path / "outside/secret.yaml")
    (root / "directory").symlink_to(tmp_path / "outside")
    commit(root)

    found = require_repository(root)

    for snapshot in (found.snapshot("HEAD"), found.working_tree(), folder(root)):
        assert set(snapshot.files) == {"ks.yaml"}
        assert snapshot.links == {"file.yaml", "directory"}


def test_a_tracked_directory_that_became_a_link_is_not_entered(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/ks.yaml").write_text("secret\n")
    root = repository(tmp_path / "fleet", apps__ks_yaml="a\n", b_yaml="b\n")
    (root / "apps/ks.yaml").unlink()
    (root / "apps").rmdir()
    (root / "apps").symlink_to(tmp_path / "outside")

    snapshot = require_repository(root).working_tree()

    assert set(snapshot.files) == {"b.yaml"}
    assert snapshot.links == {"apps"}


def test_a_submodule_is_left_out(tmp_path: Path) -> None:
    root = repository(tmp_path / "fleet", ks_yaml="a\n")
    git(root, "update-index", "--add", "--cacheinfo", "160000", "1" * 40, "vendor")
    git(root, "commit", "--quiet", "--message", "submodule")

    assert set(require_repository(root).snapshot("HEAD").files) == {"ks.yaml"}


def test_names_that_are_no_text_or_leave_the_tree_are_left_out(tmp_path: Path) -> None:
    root = repository(tmp_path / "fleet", ks_yaml="a\n")
    blob = git(root, "rev-parse", "HEAD:ks.yaml")
    entries = b"".join(b"100644 blob %s\t%s\0" % (blob.encode(), name) for name in (b"fine.yaml", b"\xff.yaml"))
    tree = git(root, "mktree", "-z", stdin=entries)
    climbing = b"100644 ..\0" + bytes.fromhex(blob) + b"40000 sub\0" + bytes.fromhex(tree)
    crafted = git(root, "hash-object", "-t", "tree", "-w", "--stdin", "--literally", stdin=climbing)
    head = git(root, "commit-tree", "-m", "crafted", crafted)

    assert set(require_repository(root).snapshot(head).files) == {"sub/fine.yaml"}


def test_a_file_that_is_too_large_keeps_its_sha_and_size_and_has_no_content(tmp_path: Path) -> None:
    root = repository(tmp_path / "fleet", picture_png="x" * 1_100_000, dashboard_json="y" * 1_100_000)

    for snapshot in (require_repository(root).snapshot("HEAD"), require_repository(root).working_tree()):
        assert snapshot.files["picture.png"].data is None
        assert snapshot.files["picture.png"].size == 1_100_000
        assert snapshot.files["picture.png"].sha == git(root, "rev-parse", "HEAD:picture.png")
        assert len(snapshot.data("dashboard.json") or b"") == 1_100_000


def test_two_snapshots_of_one_repository_share_their_blobs(tmp_path: Path) -> None:
    root = repository(tmp_path / "fleet", a_yaml="a\n", b_yaml="b\n")
    first = git(root, "rev-parse", "HEAD")
    second = commit(root, b_yaml="changed\n")
    found = require_repository(root)

    base, head = found.snapshot(first), found.snapshot(second)

    assert head.files["a.yaml"] is base.files["a.yaml"]
    assert (base.data("b.yaml"), head.data("b.yaml")) == (b"b\n", b"changed\n")


CHANGES: Mapping[str, Mapping[str, str | None]] = {
    "nothing": {},
    "content": {"apps/ks.yaml": "other\n"},
    "an addition in the middle": {"apps-more.yaml": "new\n"},
    "a removal": {"b.yaml": None},
    "a file becomes a link": {"b.yaml": "-> apps/ks.yaml"},
    "a link becomes a file": {"way": "file\n"},
    "another link": {"way": "-> b.yaml"},
    "a file becomes a directory": {"b.yaml": None, "b.yaml/inner.yaml": "inner\n"},
    "one too large": {"picture.bin": "x" * 2 * 1024 * 1024},
    "a hidden one": {".sourceignore": "b.yaml\n"},
    "thousands": {f"n-{number}.yaml": f"{number}\n" for number in range(2_100)},
}
"""By what it is: paths with their new content, a link where that begins with an arrow, None where it goes."""


def _change(root: Path, change: Mapping[str, str | None]) -> None:
    for name, text in change.items():
        path = root / name
        path.unlink(missing_ok=True)
        path.parent.mkdir(exist_ok=True)
        if text and text.startswith("-> "):
            path.symlink_to(text.removeprefix("-> "))
        elif text:
            path.write_text(text)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("backwards", [False, True])
def test_a_second_snapshot_is_the_same_as_if_it_were_the_first(tmp_path: Path, change: str, backwards: bool) -> None:
    root = repository(tmp_path / "fleet", apps__ks_yaml="committed\n", b_yaml="b\n")
    (root / "way").symlink_to("apps")
    commit(root)
    _change(root, CHANGES[change])
    commit(root)
    revisions = ["HEAD", "HEAD~1"] if backwards else ["HEAD~1", "HEAD"]

    read = require_repository(root)
    first, second = (read.snapshot(revision) for revision in revisions)
    assert first.directories
    alone = require_repository(root).snapshot(revisions[1])

    assert second == alone
    assert list(second.files) == list(alone.files)
    assert second.directories == alone.directories


def test_a_submodule_that_was_a_file_is_gone_from_a_second_snapshot(tmp_path: Path) -> None:
    root = repository(tmp_path / "fleet", vendored="a file\n", b_yaml="b\n")
    first = git(root, "rev-parse", "HEAD")
    git(root, "rm", "--quiet", "vendored")
    git(root, "update-index", "--add", "--cacheinfo", f"160000,{first},vendored")
    git(root, "commit", "--quiet", "--message", "vendored")

    read = require_repository(root)
    paths = [list(read.snapshot(revision).files) for revision in (first, "HEAD", first)]

    assert paths == [["b.yaml", "vendored"], ["b.yaml"], ["b.yaml", "vendored"]]


def test_what_a_second_snapshot_holds_beyond_the_limit_is_refused_as_in_a_first(tmp_path: Path) -> None:
    root = repository(tmp_path / "fleet", b_yaml="b" * 60)
    commit(root, c_yaml="c" * 60)

    read = open_repository(root, replace(LIMITS, repository_bytes=100))
    assert read is not None
    assert list(read.snapshot("HEAD~1").files) == ["b.yaml"]

    with pytest.raises(TooLarge, match="holds too much to be read"):
        read.snapshot("HEAD")


def test_the_merge_base_is_where_two_branches_parted(tmp_path: Path) -> None:
    root = repository(tmp_path / "fleet", a_yaml="a\n")
    parted = git(root, "rev-parse", "HEAD")
    git(root, "checkout", "--quiet", "-b", "topic")
    commit(root, b_yaml="b\n")
    git(root, "checkout", "--quiet", "main")
    commit(root, c_yaml="c\n")

    assert require_repository(root).merge_base("main", "topic") == parted


def test_revisions_without_shared_history_are_compared_as_they_are(tmp_path: Path) -> None:
    root = repository(tmp_path / "fleet", a_yaml="a\n")
    main = git(root, "rev-parse", "HEAD")
    git(root, "checkout", "--quiet", "--orphan", "other")
    commit(root, b_yaml="b\n")

    assert require_repository(root).merge_base("main", "other") == main


@pytest.mark.parametrize("rev", ["nowhere", "--all", "-h", "", "HEAD:ks.yaml", "a\nb", "a\0b"])
def test_an_unknown_revision_is_one_clear_line(tmp_path: Path, rev: str) -> None:
    root = repository(tmp_path / "fleet", ks_yaml="a\n")

    with pytest.raises(BadQuestion) as raised:
        require_repository(root).snapshot(rev)

    assert str(raised.value) == f"unknown revision {rev!r} in {root}"


def test_a_repository_without_commits_says_so(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")

    with pytest.raises(BadQuestion, match=r"has no commits$"):
        require_repository(tmp_path).snapshot("HEAD")


def test_a_folder_outside_of_any_repository_has_none(tmp_path: Path) -> None:
    assert open_repository(tmp_path) is None
    with pytest.raises(BadQuestion, match=r"is not in a git repository$"):
        require_repository(tmp_path)


def test_what_is_no_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    for path in (tmp_path / "file", tmp_path / "absent"):
        with pytest.raises(BadQuestion, match=f"^{path} is not a directory$"):
            open_repository(path)


def test_the_watcher_that_a_repository_configures_is_not_started(tmp_path: Path) -> None:
    root = repository(tmp_path / "fleet", ks_yaml="a\n")
    hook = tmp_path / "watcher"
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
    hook.chmod(0o755)
    git(root, "config", "core.fsmonitor", str(hook))

    require_repository(root).working_tree()

    assert not (tmp_path / "started").exists()


def test_git_variables_of_the_caller_do_not_lead_to_another_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = repository(tmp_path / "fleet", mine_yaml="a\n")
    other = repository(tmp_path / "other", theirs_yaml="b\n")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))

    assert set(require_repository(root).snapshot("HEAD").files) == {"mine.yaml"}


def test_a_missing_object_is_named_and_not_fetched(tmp_path: Path) -> None:
    root = repository(tmp_path / "fleet", ks_yaml="a\n")
    blob = git(root, "rev-parse", "HEAD:ks.yaml")
    (root / ".git/objects" / blob[:2] / blob[2:]).unlink()

    with pytest.raises(BadQuestion, match=f"lacks the content of object {blob}: fetch the whole repository first$"):
        require_repository(root).snapshot("HEAD")


def test_a_plain_folder_is_read_whole_without_git(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/config").write_text("x")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden/a.yaml").write_text("a\n")
    (tmp_path / os.fsdecode(b"\xff.yaml")).write_text("no name\n")
    os.mkfifo(tmp_path / "pipe")

    snapshot = folder(tmp_path)

    assert {path: blob.data for path, blob in snapshot.files.items()} == {".hidden/a.yaml": b"a\n"}
    assert snapshot.label == str(tmp_path.resolve())
