"""Archives as GitHub would send them if it were not GitHub: nothing but blobs by their names is kept."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import time
import tracemalloc
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.github.archive import unpack
from bot.github.storage import Entry, Storage, tree_of
from bot.ports import FluxbotError, TooLarge, Unreachable
from tests.hostile.cases import no_longer_than, strangers
from tests.hostile.strange_repository import name_of

ONE = b"kind: A\n"
BLOCK = 512


def wanted(**files: bytes) -> Mapping[str, Entry]:
    """What the tree says of some files, ``_`` standing for a dot."""
    named = [(path.replace("_", "."), name_of(data), len(data)) for path, data in files.items()]
    return {entry.path: entry for entry in tree_of(named, ()).files}


def packed(path: Path, *members: tuple[tarfile.TarInfo, bytes], honest: bool = True) -> Path:
    """An archive with these members and, at its end, an honest one."""
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as tar:
        for info, data in members:
            info.size = info.size or len(data)
            tar.addfile(info, io.BytesIO(data))
        if honest:
            last = tarfile.TarInfo("x/honest.yaml")
            last.size = len(ONE)
            tar.addfile(last, io.BytesIO(ONE))
    return path


def member(
    name: str, kind: bytes = tarfile.REGTYPE, link: str = "", pax: Mapping[str, str] | None = None
) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.pax_headers = kind, link, dict(pax or {})
    return info


STRANGE = {
    "climbing": member("x/../../../honest.yaml"),
    "absolute": member("/x/honest.yaml"),
    "no name": member(""),
    "only the folder": member("x"),
    "link": member("x/honest.yaml", tarfile.SYMTYPE, "/etc/passwd"),
    "link to the canary": member("x/honest.yaml", tarfile.SYMTYPE, "../canary"),
    "hard link": member("x/honest.yaml", tarfile.LNKTYPE, "/etc/passwd"),
    "hard link inside": member("x/honest.yaml", tarfile.LNKTYPE, "x/other.yaml"),
    "character device": member("x/honest.yaml", tarfile.CHRTYPE),
    "block device": member("x/honest.yaml", tarfile.BLKTYPE),
    "pipe": member("x/honest.yaml", tarfile.FIFOTYPE),
    "directory": member("x/honest.yaml", tarfile.DIRTYPE),
    "unknown type": member("x/honest.yaml", b"Z"),
    "renamed": member("x/other.yaml", pax={"path": "/etc/passwd"}),
    "long": member("x/" + "d/" * 2_000 + "honest.yaml"),
    "git": member("x/.git/hooks/post-checkout"),
}


@pytest.mark.parametrize("info", STRANGE.values(), ids=STRANGE)
def test_a_strange_member_is_passed_over_and_the_honest_file_is_kept(tmp_path: Path, info: tarfile.TarInfo) -> None:
    (tmp_path / "canary").write_bytes(b"secret\n")
    archive = packed(tmp_path / "x.tar.gz", (info, b""))

    unpack(archive, wanted(honest_yaml=ONE), Storage(tmp_path / "kept"))

    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.relative_to(tmp_path).parts[0] for path in kept} == {"canary", "x.tar.gz", "kept"}
    assert [path.read_bytes() for path in (tmp_path / "kept").rglob("*") if path.is_file()] == [ONE]


def test_content_that_is_not_what_the_tree_says_is_not_kept_and_a_later_right_one_is(tmp_path: Path) -> None:
    lie = b"kind: B\n"
    archive = packed(
        tmp_path / "x.tar.gz", (member("x/honest.yaml"), lie), (member("x/honest.yaml"), ONE), honest=False
    )
    storage = Storage(tmp_path / "kept")

    unpack(archive, wanted(honest_yaml=ONE), storage)

    assert storage.blob(name_of(ONE)) == ONE
    with pytest.raises(Unreachable):
        storage.blob(name_of(lie))


def test_an_archive_cut_short_keeps_what_came_whole_and_is_an_outage(tmp_path: Path) -> None:
    whole = packed(
        tmp_path / "x.tar.gz",
        (member("x/first.yaml"), b"first\n"),
        (member("x/big"), hashlib.shake_128(b"noise").digest(99_000)),
    )
    whole.write_bytes(whole.read_bytes()[:-200])
    storage = Storage(tmp_path / "kept")

    with pytest.raises(Unreachable, match="archive cannot be read"):
        unpack(whole, wanted(first_yaml=b"first\n"), storage)

    assert storage.blob(name_of(b"first\n")) == b"first\n"


def raw(tmp_path: Path, *blocks: bytes) -> Path:
    """An archive of these blocks, which tarfile would not write."""
    path = tmp_path / "raw.tar.gz"
    path.write_bytes(
        gzip.compress(b"".join(block + b"\0" * (-len(block) % BLOCK) for block in blocks), compresslevel=1)
    )
    return path


def head(size: bytes, kind: bytes = tarfile.REGTYPE, name: bytes = b"x/honest.yaml") -> bytes:
    """A member's head that says ``size``, as twelve bytes, with a right sum."""
    block = bytearray(name.ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + size + b"00000000000\0" + b" " * 8)
    block += kind + b"\0" * 100 + b"ustar\x0000"
    block += b"\0" * (BLOCK - len(block))
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def test_a_size_that_is_a_lie_keeps_nothing_and_does_not_hang(tmp_path: Path) -> None:
    for size in (b"77777777777\0", b"\x80" + b"\xff" * 11, b"\xff" * 12, b"\xff" * 11 + b"\0", b"zzzzzzzzzzz\0"):
        with no_longer_than(5), suppress(FluxbotError):
            unpack(raw(tmp_path, head(size), ONE), wanted(honest_yaml=ONE), Storage(tmp_path / "kept"))

    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK])
def test_a_name_that_would_fill_the_memory_is_refused_before_it_is_read(tmp_path: Path, kind: bytes) -> None:
    archive = raw(tmp_path, head(b"00400000000\0", kind), bytes(64 * 1024 * 1024))
    tracemalloc.start()

    with pytest.raises(TooLarge, match="name"):
        unpack(archive, {}, Storage(tmp_path / "kept"))

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * 1024 * 1024


def test_a_table_of_holes_without_an_end_is_not_waited_for(tmp_path: Path) -> None:
    sparse = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "x/honest.yaml"}
    for table in (b"99999\n", b"99999\n0\n", b"x\n", b"9" * 5_000 + b"\n"):
        archive = packed(tmp_path / "x.tar.gz", (member("x/s", pax={**sparse, "GNU.sparse.realsize": "8"}), table))

        with pytest.raises(Unreachable):
            unpack(archive, wanted(honest_yaml=ONE), Storage(tmp_path / "kept"))


def test_a_hundred_thousand_members_do_not_fill_the_memory(tmp_path: Path) -> None:
    archive = raw(tmp_path, head(b"00000000000\0", name=b"x/other.yaml") * 50_000, head(b"00000000010\0"), ONE)
    storage = Storage(tmp_path / "kept")
    tracemalloc.start()

    unpack(archive, wanted(honest_yaml=ONE), storage)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * 1024 * 1024
    assert storage.blob(name_of(ONE)) == ONE


def test_a_gigabyte_in_a_megabyte_is_refused_before_it_fills_memory_or_disk(tmp_path: Path) -> None:
    path = tmp_path / "bomb.tar.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(head(b"10000000000\0", name=b"x/zeros"))
        for _ in range(256):
            file.write(bytes(1024 * 1024))
    began = time.monotonic()

    with pytest.raises(TooLarge, match="100,000,000 bytes"):
        unpack(path, {}, Storage(tmp_path / "kept"), most=100_000_000)

    assert time.monotonic() - began < 10
    assert not (tmp_path / "kept").exists()


DAMAGE = st.lists(
    st.tuples(
        st.integers(0, 11),
        st.sampled_from((0, 1, 99, 100, 124, 125, 130, 135, 156, 157, 257, 345, 400, 511)),
        st.sampled_from(
            (b"0", b"7", b"9", b"x", b"g", b"L", b"S", b"\0", b"\xff", b"\x80", b"\n", b"=", b" ", b"9" * 12)
        ),
    ),
    max_size=6,
)
_SPARSE = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "4", "GNU.sparse.name": "x/s"}


def sample() -> bytes:
    """An archive that has every kind of head."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for info, data in (
            (member("x/honest.yaml"), ONE),
            (member("x/" + "l" * 200), ONE),
            (member("x/s", pax=_SPARSE), b"1\n0\n512\n".ljust(BLOCK, b"\0")),
            (member("x/t", pax={"GNU.sparse.map": "0,1,2,1", "GNU.sparse.size": "4"}), b"abc"),
            (member("x/link", tarfile.SYMTYPE, "honest.yaml"), b""),
        ):
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


SAMPLE = sample()


@strangers(share=4)
@given(damage=DAMAGE, length=st.none() | st.integers(0, len(SAMPLE)))
def test_no_damage_to_an_archive_makes_it_crash_hang_or_keep_what_is_not_wanted(
    tmp_path_factory: pytest.TempPathFactory, damage: list[tuple[int, int, bytes]], length: int | None
) -> None:
    data = bytearray(SAMPLE)
    for block, at, written in damage:
        data[block * BLOCK + at : block * BLOCK + at + len(written)] = written
    for start in range(0, len(data) - BLOCK + 1, BLOCK):
        if data[start + 257 : start + 262] == b"ustar":
            rest = sum(data[start : start + 148]) + sum(data[start + 156 : start + BLOCK])
            data[start + 148 : start + 156] = b"%06o\0 " % (rest + 256)
    folder = tmp_path_factory.getbasetemp() / "damaged"
    folder.mkdir(exist_ok=True)
    (folder / "x.tar.gz").write_bytes(gzip.compress(bytes(data[:length]), compresslevel=1))

    with no_longer_than(5), suppress(FluxbotError):
        unpack(folder / "x.tar.gz", wanted(honest_yaml=ONE, s=b"four", t=b"abcd"), Storage(folder / "kept"))

    assert {path.read_bytes() for path in (folder / "kept").rglob("*") if path.is_file()} <= {ONE}
