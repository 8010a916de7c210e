from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.manifest.documents import RawDocument, Reading, YamlProblem, dump, is_encrypted, read
from bot.manifest.encoding import decoded, encoded
from bot.model.field import Value


def body(text: str) -> dict[str, Value]:
    reading = read(text.encode())
    assert reading.problem is None
    return reading.documents[0].body


def test_documents_are_counted_with_the_empty_ones_and_placed_on_their_content() -> None:
    reading = read(b"# head\n---\n---\n# a comment\na: 1\nb:\n  - 2\n\n# tail\n---\n- no mapping\n---\nc: 3\n")

    assert reading == Reading(
        (RawDocument(1, 5, 7, {"a": 1, "b": [2]}), RawDocument(3, 13, 13, {"c": 3})),
        None,
    )


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "---\n---\n", "just words\n", "- a\n- b\n"])
def test_a_file_without_mappings_has_no_documents_and_no_problem(text: str) -> None:
    assert read(text.encode()) == Reading((), None)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("yes", "yes"),
        ("No", "No"),
        ("on", "on"),
        ("y", "y"),
        ("true", True),
        ("FALSE", False),
        ("tRue", "tRue"),
        ("~", None),
        ("", None),
        ("null", None),
        ("2024-01-31", "2024-01-31"),
        ("2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"),
        ("12:30:45", "12:30:45"),
        ("0644", 420),
        ("0o644", 420),
        ("0x1F", 31),
        ("-0b101", -5),
        ("089", 89.0),
        ("1_000", 1000),
        ("+12", 12),
        ("1.5e3", 1500.0),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1.2.3", "1.2.3"),
        ("-", None),
        ("+", "+"),
        (".nan", ".nan"),
        ("-.inf", "-.inf"),
        ("1e999", "1e999"),
        ("18446744073709551615", 18446744073709551615),
        ("18446744073709551616", 18446744073709551616.0),
        ("'12'", "12"),
        ('"true"', "true"),
        ("!!str 12", "12"),
        ("! 12", "12"),
        ('!!int "12"', 12),
        ("!!binary aGVs bG8=", "hello"),
        ("!!binary ???", "???"),
        ("=", "="),
        ("|\n  two\n  lines\n", "two\nlines\n"),
        (">-\n  two\n  words\n", "two words"),
    ],
)
def test_scalars_mean_what_go_yaml_takes_them_for(written: str, value: Value) -> None:
    if written == "-":
        assert body("k:\n-\n") == {"k": [None]}
        return

    found = body(f"k: {written}\n")["k"]

    assert found == value
    assert type(found) is type(value)


def test_a_number_of_ten_thousand_digits_is_text() -> None:
    assert body(f"k: {'9' * 10_000}\n") == {"k": "9" * 10_000}


def test_keys_are_always_strings() -> None:
    assert body('1: a\n0x10: b\ntrue: c\n~: d\n1.50: e\n"x": f\non: g\n') == {
        "1": "a",
        "16": "b",
        "true": "c",
        "~": "d",
        "1.50": "e",
        "x": "f",
        "on": "g",
    }


def test_json_is_yaml() -> None:
    assert body('{"kind": "ConfigMap", "data": {"a": [1, null, "x\\u00e9"]}}') == {
        "kind": "ConfigMap",
        "data": {"a": [1, None, "xé"]},
    }


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_byte_order_marks_and_carriage_returns_change_nothing(codec: str, line_break: str) -> None:
    data = line_break.join(("# é", "a: ü", "---", "b: |", "  x", "  y", "")).encode(codec)

    assert read(data) == Reading(
        (RawDocument(0, 2, 2, {"a": "ü"}), RawDocument(1, 4, 6, {"b": "x\ny\n"})),
        None,
    )


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
def test_an_edited_text_returns_to_the_encoding_of_its_file(codec: str) -> None:
    data = "a: ü\r\n".encode(codec)

    assert encoded(decoded(data), data) == data


def test_aliases_and_merge_keys_are_followed() -> None:
    found = body(
        "base: &base {a: 1, b: 2}\n"
        "more: &more {b: 3, c: 4}\n"
        "one:\n  <<: *base\n  b: own\n"
        "two:\n  <<: [*more, *base]\n"
        'quoted: {"<<": *base}\n'
        "list: [*base]\n"
    )

    assert found["one"] == {"a": 1, "b": "own"}
    assert found["two"] == {"a": 1, "b": 3, "c": 4}
    assert found["quoted"] == {"<<": {"a": 1, "b": 2}}
    assert found["list"] == [{"a": 1, "b": 2}]


def test_an_anchor_may_be_defined_twice() -> None:
    assert body("a: &x 1\nb: *x\nc: &x 2\nd: *x\n") == {"a": 1, "b": 1, "c": 2, "d": 2}


def test_a_list_of_objects_stays_one_document() -> None:
    assert read(b"kind: List\nitems:\n- kind: A\n- kind: B\n").documents[0].body["kind"] == "List"


@pytest.mark.parametrize("tag", ["!env_var", "!include", "!!python/name:os.system", "!<tag:x,2024:y>"])
def test_a_document_with_tags_of_an_application_is_no_manifest(tag: str) -> None:
    reading = read(f"a: 1\n---\nb:\n  - {tag} x\n---\nc: 3\n".encode())

    assert [document.index for document in reading.documents] == [0, 2]
    assert reading.problem is None


@pytest.mark.parametrize(
    ("broken", "line", "message"),
    [
        ("b: [1\nc: 2\n", 5, "while parsing a flow sequence: did not find expected ',' or ']'"),
        ("b: 'x\n", 5, "while scanning a quoted scalar: found unexpected end of stream"),
        ("b: x: y\n", 4, "mapping values are not allowed in this context"),
        ("b:\n\t- x\n", 5, "while scanning for the next token: found character that cannot start any token"),
        ("b: *nowhere\n", 4, "unknown anchor referenced"),
        ("b: &b [*b]\n", 4, "anchor 'b' value contains itself"),
        ("b: 1\nc: 2\nb: 3\n", 6, 'mapping key "b" already defined at line 4'),
        ("b: {{ .Values.x }}\n", 4, "invalid map key: a key must be a string"),
        ("{{- if x }}\n", 4, None),
        ("<<: 1\n", 4, "map merge requires map or sequence of maps as the value"),
        ("x: &x {}\n<<: *x\n<<: *x\n", 6, 'mapping key "<<" already defined at line 5'),
    ],
)
def test_a_broken_document_is_a_problem_on_its_line_and_hides_no_other(
    broken: str, line: int, message: str | None
) -> None:
    reading = read(f"a: 1\nz: 2\n---\n{broken}---\nd: 4\n".encode())

    assert [(document.index, document.body) for document in reading.documents] == [(0, {"a": 1, "z": 2}), (2, {"d": 4})]
    assert reading.documents[1].line == 5 + broken.count("\n")
    assert reading.problem is not None
    assert message is None or reading.problem == YamlProblem(line, message)


def test_of_several_problems_the_first_is_told() -> None:
    reading = read(b"a: 1\na: 2\n---\nb: [\n---\nc: 1\n---\nd: }\n")

    assert reading.problem == YamlProblem(2, 'mapping key "a" already defined at line 1')
    assert [document.index for document in reading.documents] == [2]


@pytest.mark.parametrize("data", [b"a: 1\nb: \xff\xfe\n", b"\xff\xfe\x00", b"a: \xed\xa0\x80\n"])
def test_a_file_that_is_no_text_is_a_problem(data: bytes) -> None:
    reading = read(data)

    assert not reading.documents
    assert reading.problem is not None
    assert reading.problem.message == "the file is not UTF-8 text"


def test_a_control_character_is_a_problem_on_its_line() -> None:
    reading = read("a: é\nb: \x07\n---\nc: 1\n".encode())

    assert reading.problem == YamlProblem(2, "control characters are not allowed")
    assert [document.body for document in reading.documents] == [{"c": 1}]


def test_aliases_that_multiply_are_refused_and_cost_nothing() -> None:
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]\n" for n in range(1, 30))
    bomb = f"l0: &l0 [x]\n{levels}---\nc: 1\n".encode()
    start = time.process_time()

    reading = read(bomb)

    assert time.process_time() - start < 5
    assert reading.problem == YamlProblem(7, "too many aliases", "yaml_nodes")
    assert [document.body for document in reading.documents] == [{"c": 1}]


def test_merge_keys_that_multiply_are_refused() -> None:
    levels = "".join(f"l{n}: &l{n} {{<<: [*l{n - 1}, *l{n - 1}], k{n}: 1}}\n" for n in range(1, 40))

    reading = read(f"l0: &l0 {{x: 1}}\n{levels}".encode())

    assert reading.problem is not None
    assert reading.problem.message == "too many aliases"


@pytest.mark.parametrize(
    "deep",
    [
        "k: " + "[" * 50_000,
        "k: " + "{a: " * 50_000,
        "- " * 50_000,
        "a: &a" + "".join(f"\n{' ' * n}k: &k{n}" for n in range(1, 300)),
        "l0: &l0 [x]\n" + "".join(f"l{n}: &l{n} [*l{n - 1}]\n" for n in range(1, 300)),
    ],
)
def test_nesting_without_end_is_refused_and_costs_nothing(deep: str) -> None:
    start = time.process_time()

    reading = read(f"{deep}\n---\nc: 1\n".encode())

    assert time.process_time() - start < 5
    assert reading.problem is not None
    assert reading.problem.message == "more than 200 levels of nesting"
    assert [document.body for document in reading.documents] == [{"c": 1}]


def test_what_sops_encrypted_is_recognised() -> None:
    assert is_encrypted({"kind": "Secret", "sops": {"mac": "ENC[…]", "version": "3.9.0"}})
    assert not is_encrypted({"kind": "Secret", "sops": "no"})
    assert not is_encrypted({"kind": "Secret", "data": {"sops": "x"}})


STRINGS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | STRINGS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(STRINGS, inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(st.dictionaries(STRINGS, VALUES, min_size=1, max_size=4))
def test_what_is_dumped_reads_as_the_same_value(value: dict[str, Value]) -> None:
    written = dump(value)

    assert read(written.encode()) == Reading((RawDocument(0, 1, written.count("\n"), value),), None)
    assert json.loads(written) == value


@settings(max_examples=500)
@given(st.binary() | st.text("ab:-[]{}&*!|>'\"#%, \n\t\r\ufeff\x85é$0", max_size=60).map(str.encode))
def test_reading_never_raises_and_its_lines_lie_in_the_file(data: bytes) -> None:
    reading = read(data)

    lines = data.count(b"\n") + 1
    assert all(1 <= document.line <= document.end_line <= lines for document in reading.documents)
    assert reading.problem is None or 1 <= reading.problem.line <= lines
    assert json.dumps([document.body for document in reading.documents], allow_nan=False)
