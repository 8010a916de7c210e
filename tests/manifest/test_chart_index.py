"""The index of a Helm repository."""

from __future__ import annotations

import pytest

from bot.manifest.chart_index import MOST_VERSIONS, Listed, chart_index

INDEX = b"""\
apiVersion: v1
entries:
  widgets:
  - annotations:
      urls: [not, these]
      version: nor this
    created: "2026-01-01T00:00:00Z"
    dependencies:
    - {name: common, version: 9.9.9}
    digest: SHA256:ABC
    name: widgets
    urls:
    - a.tgz
    - https://mirror.example.org/a.tgz
    version: 1.10
  - version: 1.0.0
  gadgets:
  - {version: 2.0.0, urls: [g.tgz], digest: def}
generated: "2026-01-01T00:00:00Z"
"""


def test_version_address_and_digest_of_each_version_are_found() -> None:
    assert chart_index(INDEX) == {
        "widgets": (Listed("1.10", ("a.tgz", "https://mirror.example.org/a.tgz"), "abc"), Listed("1.0.0", (), "")),
        "gadgets": (Listed("2.0.0", ("g.tgz",), "def"),),
    }


def test_json_is_read_like_yaml() -> None:
    assert chart_index(b'{"entries": {"a": [{"version": "1.0.0", "urls": ["u"], "digest": "d"}]}}') == {
        "a": (Listed("1.0.0", ("u",), "d"),)
    }


@pytest.mark.parametrize("data", [b"", b"a", b"- a", b"entries: a", b"entries: {a: {b: c}}"])
def test_what_lists_nothing_is_empty(data: bytes) -> None:
    assert chart_index(data) == {}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"a: [", "is not YAML"),
        (b"\xff\xfe\x00", "is not YAML"),
        (b"a: &a [*a]", "holds an alias"),
        (b"[" * 100_000, "is nested as no index is"),
        (b"? {a: b}\n: c", "is nested as no index is"),
        (b"entries: {a: [" + b"{version: a}," * (MOST_VERSIONS + 1) + b"]}", "lists more than 200,000 versions"),
    ],
)
def test_what_is_no_index_is_refused_without_a_word_of_it(data: bytes, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        chart_index(data)
