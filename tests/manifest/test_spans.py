from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.manifest.documents import read
from bot.manifest.encoding import decoded
from bot.manifest.spans import Located, document_of, located, places
from bot.model.field import Body, FieldPath, Value, at
from bot.model.ref import Ref
from bot.model.span import Span

RELEASE = """\
# the application
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: app, labels: {a: b}}  # flow
spec:
  dependsOn:
    - name: one
      namespace: x

    # the second
    - name: &two "two"
  text: |
    first

    last

  # about wait
  wait: &yes true
  again: *yes
  empty:
  path: ./apps/
    app
"""


def written(text: str, field: FieldPath, *, key: bool = False) -> tuple[str, int, int]:
    span = places(text.encode())[0].span("f.yaml", field, key=key)
    return text[span.start : span.end], span.line, span.end_line


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (("kind",), ("Kustomization", 3, 3)),
        (("metadata",), ("{name: app, labels: {a: b}}", 4, 4)),
        (("metadata", "labels", "a"), ("b", 4, 4)),
        (("spec", "dependsOn", 0), ("name: one\n      namespace: x", 7, 8)),
        (("spec", "dependsOn", 1, "name"), ('"two"', 11, 11)),
        (
            ("spec", "dependsOn"),
            ('- name: one\n      namespace: x\n\n    # the second\n    - name: &two "two"', 7, 11),
        ),
        (("spec", "text"), ("|\n    first\n\n    last", 12, 15)),
        (("spec", "wait"), ("true", 18, 18)),
        (("spec", "again"), ("*yes", 19, 19)),
        (("spec", "empty"), ("", 20, 20)),
        (("spec", "path"), ("./apps/\n    app", 21, 22)),
    ],
)
def test_a_field_has_the_place_of_its_value(field: FieldPath, value: tuple[str, int, int]) -> None:
    assert written(RELEASE, field) == value


@pytest.mark.parametrize(
    ("field", "key"),
    [
        (("spec",), ("spec", 5, 5)),
        (("metadata", "labels"), ("labels", 4, 4)),
        (("spec", "dependsOn", 0), ("-", 7, 7)),
        (("spec", "dependsOn", 1), ("-", 11, 11)),
        (("spec", "dependsOn", 1, "name"), ("name", 11, 11)),
        (("spec", "text"), ("text", 12, 12)),
    ],
)
def test_a_key_has_its_own_place(field: FieldPath, key: tuple[str, int, int]) -> None:
    assert written(RELEASE, field, key=True) == key


@pytest.mark.parametrize(
    ("field", "place"),
    [
        (("spec", "timeout"), ("spec", 5, 5)),
        (("spec", "timeout", "x", 3), ("spec", 5, 5)),
        (("spec", "dependsOn", 1, "namespace"), ("-", 11, 11)),
        (("spec", "dependsOn", 7, "name"), ("dependsOn", 6, 6)),
        (("spec", "dependsOn", -1), ("dependsOn", 6, 6)),
        (("spec", "dependsOn", "name"), ("dependsOn", 6, 6)),
        (("kind", "x"), ("kind", 3, 3)),
        (("status", "x"), ("apiVersion: kustomize.toolkit.fluxcd.io/v1", 2, 2)),
    ],
)
def test_an_absent_field_has_the_place_of_the_nearest_key_above_it(
    field: FieldPath, place: tuple[str, int, int]
) -> None:
    assert not places(RELEASE.encode())[0].has(field)
    assert written(RELEASE, field) == place


def test_a_document_has_the_place_of_all_its_content() -> None:
    span = places(RELEASE.encode())[0].span("f.yaml", ())

    assert (span.path, span.line, span.end_line) == ("f.yaml", 2, 22)
    assert RELEASE[span.start : span.end].startswith("apiVersion")


def test_what_comes_through_an_alias_or_a_merge_key_is_where_it_was_written() -> None:
    text = "base: &base\n  retries: 3\n  name: x\none:\n  <<: *base\n  name: own\ntwo: *base\n"

    assert written(text, ("one", "retries")) == ("3", 2, 2)
    assert written(text, ("one", "name")) == ("own", 6, 6)
    assert written(text, ("two", "retries"), key=True) == ("retries", 2, 2)
    assert places(text.encode())[0].has(("one", "retries"))
    assert not places(text.encode())[0].has(("one", "<<"))


def test_a_sequence_may_stand_at_the_indentation_of_its_key() -> None:
    text = "a:\n- x\n# - no\n-   # - either\n  k: 1\n- - deep\nb: 2\n"

    assert written(text, ("a",)) == ("- x\n# - no\n-   # - either\n  k: 1\n- - deep", 2, 6)
    assert written(text, ("a", 1)) == ("k: 1", 5, 5)
    assert written(text, ("a", 1), key=True) == ("-", 4, 4)
    assert written(text, ("a", 2), key=True) == ("-", 6, 6)
    assert written(text, ("a", 2, 0)) == ("deep", 6, 6)


def test_a_block_scalar_keeps_the_breaks_that_belong_to_it() -> None:
    text = "a: |+\n  x\n\n\n# comment\nb: >-\n  y\n\n\nc: |\n"

    assert written(text, ("a",)) == ("|+\n  x\n\n", 1, 3)
    assert written(text, ("b",)) == (">-\n  y", 6, 7)
    assert written(text, ("c",)) == ("|", 10, 10)


def test_lines_are_those_that_an_editor_counts() -> None:
    text = 'a: "x\u2028y"\r\nb: é😀\r\nc: 1\r\n'

    assert written(text, ("b",)) == ("é😀", 2, 2)
    assert written(text, ("c",)) == ("1", 3, 3)


def test_offsets_do_not_count_the_byte_order_mark() -> None:
    data = "a: x\nb: y\n".encode("utf-8-sig")

    assert places(data)[0].span("f", ("b",)) == Span("f", 2, 2, 8, 9)


def test_a_broken_document_has_its_first_line_and_the_others_have_all() -> None:
    text = "a: 1\n---\n\n# why\nb: [\nc: 2\n---\nd: 3\n"
    first, broken, last = places(text.encode())

    assert first.span("f", ("a",)).line == 1
    assert broken.span("f", ("c",)) == Span("f", 5, 5, 16, 20)
    assert not broken.has(())
    assert last.span("f", ("d",)).line == 8


def test_a_file_that_is_no_text_has_a_first_line() -> None:
    (only,) = places(b"\xff\xfe\x00")

    assert only.span("f", ("a",), key=True) == Span("f", 1, 1)


OBJECTS = b"""\
apiVersion: v1
kind: Namespace
metadata: {name: _}
---
---
apiVersion: v1
kind: ConfigMap
metadata: {name: a, namespace: one}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: a, namespace: two}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: b}
---
apiVersion: v1
kind: SecretList
items:
- {apiVersion: v1, kind: Secret, metadata: {name: s}}
- {apiVersion: v1, kind: Secret, metadata: {name: t}}
- 3
"""


@pytest.mark.parametrize(
    ("group", "kind", "namespace", "name", "index"),
    [
        ("", "ConfigMap", "one", "a", 2),
        ("", "ConfigMap", "two", "a", 3),
        ("", "ConfigMap", "three", "a", 2),
        ("", "ConfigMap", "three", "b", 4),
        ("", "ConfigMap", "one", "c", None),
        ("", "Namespace", "", "renamed", 0),
        ("", "Secret", "x", "t", 5),
        ("", "Secret", "x", "u", None),
        ("apps", "Namespace", "", "_", None),
    ],
)
def test_an_object_is_found_by_kind_and_name_then_by_namespace_then_as_the_only_one(
    group: str, kind: str, namespace: str, name: str, index: int | None
) -> None:
    assert document_of(OBJECTS, group, kind, namespace, name) == index


def test_an_object_in_a_list_is_located_by_its_item() -> None:
    assert located(OBJECTS, Ref("", "Secret", "", "t")) == Located(5, ("items", 1))


def test_the_only_object_of_a_file_is_found_whatever_its_kind() -> None:
    assert document_of(b"kind: A\nmetadata: {name: x}\n", "g", "B", "", "y") == 0
    assert document_of(b"", "g", "B", "", "y") is None
    assert document_of(b"\xff", "g", "B", "", "y") is None


def test_an_object_without_namespace_is_preferred_to_one_in_another() -> None:
    data = b"kind: A\nmetadata: {name: x, namespace: n}\n---\nkind: A\nmetadata: {name: x}\n"

    assert document_of(data, "", "A", "m", "x") == 1


STRINGS = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=20)


def values(leaves: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(STRINGS, inner, max_size=4),
        max_leaves=12,
    )


VALUES = values(st.none() | st.booleans() | st.integers(-99, 99) | STRINGS)
TEXTS = values(STRINGS)


@st.composite
def files(draw: st.DrawFn) -> str:
    """A stream as PyYAML may write it, in any of its styles."""
    style = draw(st.sampled_from([None, None, '"', "'", "|", ">"]))
    inner = TEXTS if style else VALUES  # a style for all would force tags on what is no string
    documents = draw(st.lists(st.dictionaries(STRINGS, inner, min_size=1, max_size=4), min_size=1, max_size=3))
    text = yaml.safe_dump_all(
        documents,
        default_flow_style=draw(st.sampled_from([False, False, None, True])),
        default_style=style,
        indent=draw(st.sampled_from([2, 4])),
        width=draw(st.sampled_from([10, 80])),
        allow_unicode=draw(st.booleans()),
        explicit_start=True,
    )
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


def fields(value: Value, field: FieldPath = ()) -> Iterator[FieldPath]:
    yield field
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from fields(inner, (*field, name))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from fields(inner, (*field, position))


def column(text: str, span: Span) -> int:
    return span.start - text.rfind("\n", 0, span.start) - 1


def alone(text: str, value: Span, parent: Span) -> str:
    """A document ``v: <value>``, indented as the value was in the collection around it."""
    depth = 0 if text[parent.start] in "{[" else column(text, parent)
    first, *rest = text[value.start : value.end].split("\n")
    inner = [line[depth:] if not line[:depth].strip() else line for line in rest]
    is_block = first.startswith(("-", "? ")) or ": " in first or first.rstrip().endswith(":")
    before = "\n" + " " * (column(text, value) - depth) if is_block else ""
    return "v: " + before + "\n".join([first, *inner]) + "\n"


def body_alone(text: str, value: Span, parent: Span) -> Body | None:
    documents = read(alone(text, value, parent).encode()).documents
    return documents[0].body if documents else None


@settings(max_examples=500, deadline=None)
@given(files())
def test_the_text_at_the_place_of_a_value_reads_as_that_value(text: str) -> None:
    data = text.encode()
    reading = read(data)
    assume(reading.problem is None)
    for document in reading.documents:
        there = places(data)[document.index]
        for field in fields(document.body):
            value, parent = there.span("f", field), there.span("f", field[:-1])
            assert there.has(field)
            assert value.line <= value.end_line
            assert text[value.end - 1 : value.end] != "\n" or "+" in text[value.start : value.end]
            if field:
                assert body_alone(text, value, parent) == {"v": at(document.body, *field)}


@settings(max_examples=500)
@given(st.binary() | st.text("ab:-[]{}&*!|>'\"#?%, \n\t\r\ufeff\x85é0", max_size=60).map(str.encode))
def test_every_place_lies_in_the_file_whatever_it_holds(data: bytes) -> None:
    every = places(data)

    try:
        length = len(decoded(data))
    except UnicodeDecodeError:
        length = 0
    for there in every:
        for field in ((), ("a",), ("a", 0), (0, "b"), ("b", "a")):
            for key in (False, True):
                span = there.span("f", field, key=key)
                assert 0 <= span.start <= span.end <= length
    for document in read(data).documents:
        assert all(every[document.index].has(field) for field in fields(document.body))
