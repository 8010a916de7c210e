"""Nothing outside of a working tree is read, nothing hangs, and the honest files beside the strange ones are read."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.git import process
from bot.git.disk import folder
from bot.git.repository import require_repository
from bot.model.snapshot import Snapshot
from bot.ports import BadQuestion
from tests.hostile.strange_repository import StrangeRepository, strange_repository

CANARY = b"kind: Secret\n# of the machine\n"
HONEST: dict[str, bytes | None] = {"apps/ks.yaml": b"kind: A\n"}


@pytest.fixture
def strange(tmp_path: Path) -> StrangeRepository:
    """A repository with one honest file; a canary lies beside it."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/canary.yaml").write_bytes(CANARY)
    return strange_repository(tmp_path / "fleet")


def contents(snapshot: Snapshot) -> dict[str, bytes | None]:
    return {path: blob.data for path, blob in snapshot.files.items()}


def seen(snapshot: Snapshot) -> tuple[dict[str, bytes | None], set[str]]:
    """What a tree holds: contents, and the names of links."""
    return contents(snapshot), set(snapshot.links)


def looks(strange: StrangeRepository) -> Iterator[Snapshot]:
    """Both ways in which files on disk are read."""
    yield require_repository(strange.root).working_tree()
    yield folder(strange.root)


LINKS = {
    "absolute": "/etc/passwd",
    "out of the tree": "../../outside/canary.yaml",
    "to a directory outside": "../../outside",
    "within the tree": "ks.yaml",
    "to the tree itself": "..",
    "dangling": "nowhere",
    "to itself": "link.yaml",
    "to a device": "/dev/zero",
    "to a process": "/proc/self/environ",
}


@pytest.mark.parametrize("target", LINKS.values(), ids=LINKS)
def test_a_link_is_named_and_what_it_leads_to_is_not_read(strange: StrangeRepository, target: str) -> None:
    (strange.root / "apps/link.yaml").symlink_to(target)

    for snapshot in looks(strange):
        assert seen(snapshot) == (HONEST, {"apps/link.yaml"})
    strange.commit_all()
    committed = require_repository(strange.root).snapshot("HEAD")
    assert seen(committed) == (HONEST, {"apps/link.yaml"})


def test_a_chain_of_links_leads_nowhere(strange: StrangeRepository) -> None:
    (strange.root / "a").symlink_to("b")
    (strange.root / "b").symlink_to("c")
    (strange.root / "c").symlink_to("../outside")

    for snapshot in looks(strange):
        assert seen(snapshot) == (HONEST, {"a", "b", "c"})


def test_a_hard_link_is_a_file_of_the_tree_as_it_is_for_git(strange: StrangeRepository) -> None:
    os.link(strange.root / "apps/ks.yaml", strange.root / "apps/again.yaml")

    for snapshot in looks(strange):
        assert contents(snapshot) == {**HONEST, "apps/again.yaml": HONEST["apps/ks.yaml"]}


def fifo(path: Path) -> None:
    os.mkfifo(path)


def unix_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        # By its own directory, because the address of a socket has at most 108 bytes.
        here = os.open(path.parent, os.O_RDONLY)
        one.bind(f"/proc/self/fd/{here}/{path.name}")
        os.close(here)


def device(path: Path) -> None:
    try:
        os.mknod(path, 0o666 | 0o020000, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("only root makes device files")


@pytest.mark.parametrize("made", [fifo, unix_socket, device])
def test_what_is_no_file_is_left_out_and_nobody_waits_for_it(
    strange: StrangeRepository, made: Callable[[Path], None]
) -> None:
    made(strange.root / "apps/strange.yaml")

    for snapshot in looks(strange):
        assert contents(snapshot) == HONEST


def test_a_tracked_file_that_became_a_pipe_is_left_out(strange: StrangeRepository) -> None:
    strange.write("apps/pipe.yaml", "kind: B\n")
    strange.commit_all()
    (strange.root / "apps/pipe.yaml").unlink()
    os.mkfifo(strange.root / "apps/pipe.yaml")

    assert contents(require_repository(strange.root).working_tree()) == HONEST


ODD_NAMES = {
    "line break": b"a\nb.yaml",
    "control": b"\x01\x1b[2J.yaml",
    "backslash": b"..\\..\\x.yaml",
    "blanks": b" .yaml ",
    "tilde": b"~root.yaml",
    "dash": b"--exec=x.yaml",
    "colon": b":(exclude)x.yaml",
    "direction": "\u202elmay.yaml".encode(),
}


@pytest.mark.parametrize("name", ODD_NAMES.values(), ids=ODD_NAMES)
def test_a_strange_name_is_a_name(strange: StrangeRepository, name: bytes) -> None:
    (strange.root / os.fsdecode(name)).write_bytes(b"odd\n")

    expected = {**HONEST, name.decode(): b"odd\n"}
    for snapshot in looks(strange):
        assert contents(snapshot) == expected
    strange.commit_all()
    assert contents(require_repository(strange.root).snapshot("HEAD")) == expected


def test_a_name_that_is_no_text_is_left_out(strange: StrangeRepository) -> None:
    (strange.root / os.fsdecode(b"\xff\xfe.yaml")).write_bytes(b"odd\n")

    for snapshot in looks(strange):
        assert contents(snapshot) == HONEST


def test_a_path_longer_than_a_system_call_takes_hides_no_other_file(strange: StrangeRepository) -> None:
    here = os.open(strange.root, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=here)
        below = os.open("d" * 250, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open("deep.yaml", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)

    for snapshot in looks(strange):
        assert contents(snapshot).items() >= HONEST.items()


def test_a_directory_nested_a_thousand_times_is_read(strange: StrangeRepository) -> None:
    deep = str(strange.root)
    for _ in range(1_500):
        deep += "/d"
        os.mkdir(deep)  # noqa: PTH102 - one by one: makedirs calls itself for each level
    Path(deep, "x.yaml").write_bytes(b"deep\n")

    found = contents(folder(strange.root))
    subprocess.run(("rm", "-r", strange.root / "d"), check=True)  # pytest's own sweeping does not get that deep

    assert found == {**HONEST, "d/" * 1_500 + "x.yaml": b"deep\n"}


def test_a_sparse_file_of_a_terabyte_costs_no_time(strange: StrangeRepository) -> None:
    with (strange.root / "huge.yaml").open("wb") as file:
        file.truncate(2**40)
    began = time.monotonic()

    found = folder(strange.root)

    assert (found.files["huge.yaml"].size, found.files["huge.yaml"].data) == (2**40, None)
    assert time.monotonic() - began < 5


@contextmanager
def changing(*acts: Callable[[], None]) -> Iterator[None]:
    """Another process that does these acts in turn, as fast as it can."""
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            for act in acts:
                act()

    worker = threading.Thread(target=work)
    worker.start()
    yield
    stop.set()
    worker.join()


def test_a_file_that_becomes_a_link_or_a_pipe_at_any_moment_never_leads_out_and_never_blocks(
    strange: StrangeRepository, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "outside/canary.yaml")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_bytes(b"kind: B\n")
    victim, spare = strange.root / "apps/victim.yaml", tmp_path / "spare"

    def become(kind: str) -> Callable[[], None]:
        def act() -> None:
            source = tmp_path / kind
            os.link(source, spare, follow_symlinks=False)
            spare.replace(victim)
            spare.unlink(missing_ok=True)  # a rename between two names of one file does nothing

        return act

    with changing(become("file"), become("link"), become("file"), become("pipe")):
        found = {contents(folder(strange.root)).get("apps/victim.yaml") for _ in range(300)}

    assert found <= {b"kind: B\n", None}


def test_a_directory_that_becomes_a_link_at_any_moment_never_leads_out(
    strange: StrangeRepository, tmp_path: Path
) -> None:
    inside, aside = strange.root / "dir", tmp_path / "aside"
    inside.mkdir()
    (inside / "canary.yaml").write_bytes(b"kind: B\n")

    def swap() -> None:
        inside.rename(aside)
        inside.symlink_to(tmp_path / "outside")
        inside.unlink()
        aside.rename(inside)

    with changing(swap):
        found = {contents(folder(strange.root)).get("dir/canary.yaml") for _ in range(300)}

    assert found <= {b"kind: B\n", None}


def test_a_pipe_that_git_waits_for_ends_in_one_line(
    strange: StrangeRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(strange.root / ".gitignore")
    monkeypatch.setattr(process, "LONGEST", 2.0)

    with pytest.raises(BadQuestion, match=r"^git did not finish reading .* within 2 s$"):
        require_repository(strange.root).working_tree()
