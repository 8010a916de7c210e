"""Archives, the hostile ones too."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile

import pytest

from bot.fetch.archive import unpacked
from bot.fetch.limits import FetchLimits
from bot.fetch.refusal import Refusal
from tests.fetch.charts import chart, packed

LIMITS = FetchLimits()
GOOD = {"w/Chart.yaml": b"name: w\n"}


def refused(archive: bytes, limits: FetchLimits = LIMITS) -> str:
    with pytest.raises(Refusal) as refusal:
        unpacked(archive, limits)
    return str(refusal.value)


def entry(name: str, kind: bytes, **more: object) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type = kind
    for key, value in more.items():
        setattr(made, key, value)
    return made


def test_files_are_found_below_the_one_folder_and_named_as_git_names_them() -> None:
    files = unpacked(chart(files={"templates/a.yaml": "kind: ConfigMap\n"}), LIMITS)

    assert sorted(files) == ["Chart.yaml", "crds/widget.yaml", "templates/a.yaml"]
    assert files["templates/a.yaml"].data == b"kind: ConfigMap\n"
    assert files["templates/a.yaml"].sha == hashlib.sha1(b"blob 16\0kind: ConfigMap\n").hexdigest()  # noqa: S324 - git's


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_and_foreign_names_are_read_in_every_form_of_tar(form: int) -> None:
    name = f"{'folder/' * 15}{'n' * 80}.yaml" if form == tarfile.USTAR_FORMAT else f"{'ordner/' * 40}ä.yaml"
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=form, pax_headers={"comment": "x"}) as archive:
        archive.addfile(entry("w", tarfile.DIRTYPE))
        for path in ("w/Chart.yaml", f"w/{name}"):
            made = tarfile.TarInfo(path)
            made.size = 3
            archive.addfile(made, io.BytesIO(b"a: "))

    assert sorted(unpacked(gzip.compress(tar.getvalue()), LIMITS)) == ["Chart.yaml", name]


@pytest.mark.parametrize(
    "made",
    [
        entry("w/link", tarfile.SYMTYPE, linkname="/etc/passwd"),
        entry("w/link", tarfile.LNKTYPE, linkname="w/Chart.yaml"),
        entry("w/device", tarfile.CHRTYPE, devmajor=1, devminor=3),
        entry("w/device", tarfile.BLKTYPE),
        entry("w/pipe", tarfile.FIFOTYPE),
        entry("w/sparse", tarfile.GNUTYPE_SPARSE),
    ],
)
def test_what_is_no_plain_file_is_refused(made: tarfile.TarInfo) -> None:
    assert refused(packed(GOOD, made)) == "the archive holds a link, a device or something else that is no file"


@pytest.mark.parametrize(
    "name", ["w/../../etc/passwd", "/etc/passwd", "../w/a", "w/./a", "w//a", "a", "w/", "w/a\udcff", "w/" + "x" * 300]
)
def test_a_path_out_of_the_folder_is_refused(name: str) -> None:
    said = refused(packed({**GOOD, name: b""}))

    assert "out of its folder" in said or "UTF-8" in said


def test_a_second_folder_and_a_file_that_comes_twice_are_refused() -> None:
    assert refused(packed({**GOOD, "v/Chart.yaml": b""})) == "the archive holds a file twice"
    assert refused(packed({**GOOD, "v/other.yaml": b""})) == "the archive holds more than one folder"


def test_an_archive_without_a_chart_is_refused() -> None:
    assert refused(packed({"w/values.yaml": b""})) == "the archive holds no Chart.yaml"


def test_a_gzip_bomb_is_not_unpacked() -> None:
    bomb = packed({**GOOD, "w/zeros": b"\0" * 80_000_000})

    assert len(bomb) < 100_000
    assert refused(bomb).startswith(f"the archive unpacks to more than {200 * len(bomb):,} bytes")


def test_a_bomb_within_the_ratio_ends_at_the_limit() -> None:
    assert refused(packed({**GOOD, "w/a": bytes(2_000_000)}), FetchLimits(unpacked=1_000_000, ratio=10_000)) == (
        "the archive unpacks to more than 1,000,000 bytes"
    )


def test_too_many_files_and_too_large_ones_are_refused() -> None:
    many = packed({**GOOD, **{f"w/{number}": b"" for number in range(2001)}})

    assert refused(many) == "the archive holds more than 2,000 files"
    assert "more than 5,242,880 bytes in one file" in refused(
        packed({**GOOD, "w/a": bytes(6_000_000)}), FetchLimits(ratio=10_000)
    )


def test_very_many_folders_are_refused() -> None:
    folders = [entry(f"w/{number}", tarfile.DIRTYPE) for number in range(9000)]

    assert refused(packed(GOOD, *folders)) == "the archive is no usual tar"


def _header(kind: bytes, size: bytes) -> bytes:
    made = bytearray(entry("w/a", kind).tobuf())
    made[124:136] = size
    return bytes(made)


@pytest.mark.parametrize("size", [b"77777777777\0", b"\x80" + b"\0" * 3 + b"\xff" * 8, b"\xff" * 12, b"-0000000001\0"])
@pytest.mark.parametrize("kind", [b"0", b"x", b"g", b"L", b"5"])
def test_a_size_that_lies_is_refused(kind: bytes, size: bytes) -> None:
    assert "holds" in refused(gzip.compress(_header(kind, size) + bytes(1024)))


def test_a_huge_header_is_refused() -> None:
    header = b"1" * 2_000_000

    assert refused(gzip.compress(_header(b"x", b"%011o\0" % len(header)) + header)).startswith("the archive")


@pytest.mark.parametrize(
    "record", [b"19 GNU.sparse.major=1\n", b"11 size=99\n", b"99 path=a\n", b"path", b"x path=a\n"]
)
def test_a_header_that_tells_a_sparse_file_another_size_or_nothing_is_refused(record: bytes) -> None:
    padded = record + bytes(-len(record) % 512)

    assert refused(gzip.compress(_header(b"x", b"%011o\0" % len(record)) + padded + bytes(512))).startswith(
        "the archive"
    )


@pytest.mark.parametrize(
    "archive",
    [b"", b"PK\3\4", gzip.compress(b"x", mtime=0), chart()[:200], gzip.compress(b"\0" * 512, mtime=0)],
    ids=["nothing", "zip", "no tar", "half", "no files"],
)
def test_what_is_no_archive_is_refused(archive: bytes) -> None:
    assert refused(archive)
