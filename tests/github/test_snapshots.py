"""Commits brought from GitHub."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from bot.git.repository import require_repository
from bot.github.archive import unpack
from bot.github.snapshots import GitHubSnapshots
from bot.github.storage import Reader, Storage, tree_of
from bot.model.limits import Limits
from bot.model.snapshot import Snapshot
from bot.ports import NotFound, TooLarge, Unreachable
from tests.github.conftest import Desk
from tests.github_simulator.faults import Answered
from tests.github_simulator.git_writing import Content, Submodule, Symlink
from tests.github_simulator.world import Repository

ODD: dict[str, Content] = {
    "plain.yaml": "kind: A\n",
    "dos.yaml": b"kind: A\r\n",
    "latin1.yaml": b"name: \xe9\n",
    "bom.yaml": b"\xef\xbb\xbfkind: A\n",
    "nul.yaml": b"a\0b",
    "empty.yaml": b"",
    "picture.png": bytes(range(256)),
    "ünï code/näme.yaml": "kind: B\n",
    "large.yaml": b"# " + b"x" * 600_000,
    "huge.bin": b"y" * 1_200_000,
    "link.yaml": Symlink("plain.yaml"),
    "vendor/module": Submodule("1" * 40),
}


async def brought(desk: Desk, *commits: str) -> Snapshot:
    folder = await desk.connection.snapshots.fetch(desk.repository, commits)
    return Reader().snapshot(folder, commits[-1])


async def local(where: Repository, commit: str) -> Snapshot:
    return require_repository(where.git.path).snapshot(commit)


async def test_a_commit_brought_blob_by_blob_equals_what_git_reads(desk: Desk) -> None:
    commit = await desk.github.acts.push(desk.fleet, "main", ODD)
    desk.github.counts.clear()

    snapshot = await brought(desk, commit)

    assert snapshot == await local(desk.fleet, commit)


async def test_a_commit_brought_as_an_archive_equals_what_git_reads_and_costs_few_requests(desk: Desk) -> None:
    many = {f"pictures/{n}.png": bytes([n]) for n in range(20)}
    attributes = {".gitattributes": "hidden.yaml export-ignore\nstamp.yaml export-subst\n"}
    special = {"hidden.yaml": "kind: H\n", "stamp.yaml": "# $Format:%H$\n"}
    commit = await desk.github.acts.push(desk.fleet, "main", {**ODD, **many, **attributes, **special})
    desk.github.counts.clear()

    snapshot = await brought(desk, commit)

    assert snapshot == await local(desk.fleet, commit)
    assert desk.github.counts["GET codeload"] == 1
    # The tree, the archive with its redirect, and once in a batch what the archive lacks or has otherwise.
    assert sum(n for route, n in desk.github.counts.items() if "access_tokens" not in route) == 4


async def test_what_is_here_already_is_not_asked_for_again(desk: Desk) -> None:
    first = await desk.github.acts.push(desk.fleet, "main", ODD)
    await brought(desk, first)
    second = await desk.github.acts.push(desk.fleet, "main", {"plain.yaml": "kind: C\n"})
    desk.github.counts.clear()

    snapshot = await brought(desk, first, second)

    assert snapshot.data("plain.yaml") == b"kind: C\n"
    assert dict(desk.github.counts) == {"GET /repos/{owner}/{repo}/git/trees/{tree_sha}": 1, "POST /graphql": 1}


async def test_a_tree_too_large_for_one_answer_is_walked(desk: Desk) -> None:
    files = {f"d{n}/f{m}.yaml": f"{n} {m}\n" for n in range(4) for m in range(5)}
    commit = await desk.github.acts.push(desk.fleet, "main", {**files, "d0/deep/x.yaml": "x\n"})
    desk.fleet.tree_limit = 8

    snapshot = await brought(desk, commit)

    assert snapshot == await local(desk.fleet, commit)


async def test_a_broken_download_is_an_outage_and_leaves_nothing_wrong_behind(desk: Desk) -> None:
    many = {f"pictures/{n}.png": bytes([n]) for n in range(20)}
    commit = await desk.github.acts.push(desk.fleet, "main", many)
    desk.github.fail_next("GET", "/repos/*/tarball/*", Answered(503), times=3)

    with pytest.raises(Unreachable):
        await brought(desk, commit)

    assert await brought(desk, commit) == await local(desk.fleet, commit)


async def test_a_commit_that_does_not_exist_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        await brought(desk, "0" * 40)


async def test_what_is_forgotten_is_gone_from_the_disk(desk: Desk) -> None:
    commit = await desk.github.acts.push(desk.fleet, "main", ODD)
    await desk.connection.snapshots.fetch(desk.repository, [commit])
    assert list(desk.folder.iterdir())

    await desk.connection.snapshots.forget(desk.installation.id, None)

    assert list(desk.folder.iterdir()) == []


def test_a_blob_whose_content_is_not_what_its_name_says_is_not_kept(tmp_path: Path) -> None:
    storage = Storage(tmp_path)

    assert not storage.put("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", b"something else")
    assert storage.put("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", b"")


def archive(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for info, data in members:
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def test_an_archive_writes_nothing_but_blobs_by_their_names(tmp_path: Path) -> None:
    evil = archive(
        tmp_path / "evil.tar.gz",
        (member("x/../../escaped.yaml"), b"out\n"),
        (member("/absolute.yaml"), b"out\n"),
        (member("x/link.yaml", tarfile.SYMTYPE, "/etc/passwd"), b""),
        (member("x/hard.yaml", tarfile.LNKTYPE, "/etc/passwd"), b""),
        (member("x/device", tarfile.CHRTYPE), b""),
        (member("x/other.yaml"), b"replaced\n"),
    )
    wanted = {
        entry.path: entry for entry in tree_of([("other.yaml", "0" * 40, 9), ("link.yaml", "1" * 40, 0)], ()).files
    }

    unpack(evil, wanted, Storage(tmp_path / "storage"))

    assert sorted(path.name for path in tmp_path.iterdir()) == ["evil.tar.gz"]


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    bomb = archive(tmp_path / "bomb.tar.gz", (member("x/zeros"), bytes(2_000_000)))

    with pytest.raises(TooLarge, match="1,000,000 bytes"):
        unpack(bomb, {}, Storage(tmp_path), most=1_000_000)


@pytest.mark.parametrize("data", [b"", b"no archive", b"\x1f\x8b\x08\0\0\0\0\0\0\0broken"])
def test_an_archive_that_is_none_is_an_outage(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "broken.tar.gz"
    path.write_bytes(data)

    with pytest.raises(Unreachable):
        unpack(path, {}, Storage(tmp_path))


def test_of_many_commits_the_longest_unused_go_with_what_only_they_hold(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    shared, old = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", "d00491fd7e5bb6fa28c517a0bb32b8b506539d4d"
    storage.put(shared, b"")
    storage.put(old, b"1\n")
    storage.put_tree(f"{0:040x}", tree_of([("a.yaml", old, 2)], ()))
    for number in range(1, 70):
        storage.put_tree(f"{number:040x}", tree_of([("a.yaml", shared, 0)], ()))

    storage.sweep()

    assert storage.tree(f"{0:040x}") is None
    assert storage.blob(shared) == b""
    with pytest.raises(Unreachable):
        storage.blob(old)


async def test_a_commit_beyond_the_limits_is_too_large_and_says_which_setting_raises_it(desk: Desk) -> None:
    pictures: dict[str, Content] = {f"{n}.png": bytes([n]) * 400_000 for n in range(8)}
    commit = await desk.github.acts.push(desk.fleet, "main", {**pictures, "more.yaml": "a: b\n"})

    for limits, setting in (
        (Limits(repository_files=2), "FLUXBOT_LIMIT_REPOSITORY_FILES"),
        (Limits(repository_bytes=1_000_000), "FLUXBOT_LIMIT_REPOSITORY_MIB"),
        (Limits(archive_bytes=100), "FLUXBOT_LIMIT_ARCHIVE_MIB"),
        (Limits(archive_unpacked_bytes=1_000_000), "FLUXBOT_LIMIT_ARCHIVE_UNPACKED_MIB"),
    ):
        snapshots = GitHubSnapshots(desk.connection.client, desk.folder / setting, limits)

        with pytest.raises(TooLarge, match=f"{setting} raises it"):
            await snapshots.fetch(desk.repository, (commit,))


async def test_limits_that_are_raised_count_for_commits_that_are_already_here(desk: Desk) -> None:
    commit = await desk.github.acts.push(desk.fleet, "main", {"large.yaml": b"# " + b"x" * 1_000_000})
    small = Limits(file_bytes=1_000)

    folder = await GitHubSnapshots(desk.connection.client, desk.folder, small).fetch(desk.repository, (commit,))
    before = Reader(small).snapshot(folder, commit)
    await desk.connection.snapshots.fetch(desk.repository, (commit,))
    after = Reader().snapshot(folder, commit)

    assert before.data("large.yaml") is None
    assert after.data("large.yaml") == b"# " + b"x" * 1_000_000
