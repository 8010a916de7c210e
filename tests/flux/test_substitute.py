from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flux.substitute import Substituted, substitute, valid_name

# Facts published with fluxcd/pkg envsubst (its tests of evaluation and grammar), put in our own examples.
VARIABLES = {
    "app": "podinfo",
    "path": "/clusters/prod/apps.yaml",
    "mixed": "aBcABCabc",
    "empty": "",
    "two": "2",
    "minus": "-4",
    "lines": "one\ntwo\n",
}


def result(text: str, *, strict: bool = False) -> Substituted:
    return substitute(text, VARIABLES, strict=strict, unknown=lambda name: name.startswith("SECRET"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no variables", "no variables"),
        ("a ${app} b", "a podinfo b"),
        ("${app}${two}", "podinfo2"),
        ("${empty}", ""),
        ("${lines}", "onetwo"),
        # what is text
        ("$app", "$app"),
        ("costs 5$", "costs 5$"),
        ("}{$}", "}{$}"),
        (r"\\${app}\n", r"\\podinfo\n"),
        # escapes
        ("$${app}", "${app}"),
        ("$$app", "$app"),
        ("$$$${app}", "$${app}"),
        ("$$$app", "$$app"),
        ("$$${app}", "$podinfo"),
        ("$${app:=${two}}", "${app:=2}"),
        # defaults
        ("${app:=x}", "podinfo"),
        ("${app=x}", "podinfo"),
        ("${app:-x}", "podinfo"),
        ("${none:=x y: z}", "x y: z"),
        ("${none=x}", "x"),
        ("${none:-x}", "x"),
        ("${none:?x}", "x"),
        ("${none:+x}", "x"),
        ("${app:+x}", "podinfo"),
        ("${empty:=x}", "x"),
        ("${empty=x}", "x"),
        ("${none:=}", ""),
        ("${none:=$x}", "$x"),
        ("${none:=$$x}", "$$x"),
        ("${none:=$${app}}", "$podinfo"),
        ("${none:={}}", "{}"),
        ("${none:=[]}", "[]"),
        # defaults inside defaults
        ("${none:=${app}}", "podinfo"),
        ("${none:=a-${app}-b}", "a-podinfo-b"),
        ("${none:=${other:=${two}${app}}}", "2podinfo"),
        ("${none:=${app^^}}", "PODINFO"),
        # case
        ("${app^}", "Podinfo"),
        ("${app^^}", "PODINFO"),
        ("${mixed,}", "aBcABCabc"),
        ("${mixed,,}", "abcabcabc"),
        ("${app,^}", "podinfo"),
        ("${empty^}", ""),
        # length
        ("${#app}", "7"),
        ("${#empty}", "0"),
        # pieces
        ("${path:10}", "prod/apps.yaml"),
        ("${path:10:4}", "prod"),
        ("${app:99}", ""),
        ("${app:1:99}", "odinfo"),
        ("${app:x}", "podinfo"),
        ("${app: 3}", "podinfo"),
        ("${app:1:x}", "podinfo"),
        ("${app:1:-1}", "odinf"),
        ("${app:5:-4}", ""),
        ("${app:${two}}", "dinfo"),
        ("${app:${minus}:${two}}", "in"),
        ("${app:1::2}", "od"),
        # prefix and suffix
        ("${path#*/}", "clusters/prod/apps.yaml"),
        ("${path##*/}", "apps.yaml"),
        ("${path%/*}", "/clusters/prod"),
        ("${path%%/*}", ""),
        ("${path%.*}", "/clusters/prod/apps"),
        ("${path#nothing}", "/clusters/prod/apps.yaml"),
        ("${app#pod}", "info"),
        ("${app#[a-p]?}", "dinfo"),
        ("${app#[^a-o]}", "odinfo"),
        ("${app#[z-}", "podinfo"),
        (r"${app#\p}", "odinfo"),
        ("${app%${app}}", ""),
        # replacement
        ("${mixed/abc/X}", "aBcABCX"),
        ("${mixed//c/-}", "aB-ABCab-"),
        ("${mixed/#aB/X}", "XcABCabc"),
        ("${mixed/#abc/X}", "aBcABCabc"),
        ("${mixed/%abc/X}", "aBcABCX"),
        ("${mixed/%ABC/X}", "aBcABCabc"),
        ("${app/#/x-}", "x-podinfo"),
        ("${app/%/-x}", "podinfo-x"),
        ("${app/info/}", "pod"),
        ("${app//${app}/${two}}", "2"),
        (r"${path//\//-}", "-clusters-prod-apps.yaml"),
        (r"${app/pod/a\/b}", "a/binfo"),
        ("${app/pod/$$}", "$info"),
    ],
)
def test_text_becomes_what_envsubst_makes_of_it(text: str, expected: str) -> None:
    assert result(text).text == expected
    assert not result(text).error


def test_lengths_and_pieces_count_bytes() -> None:
    found = substitute("${#v} ${v:2} ${v^^}", {"v": "éß"}, strict=True, unknown=lambda _: False)

    assert found.text == "4 ß Éß"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${app", "missing closing brace"),
        ("${app-x}", "missing closing brace"),
        ("${app?x}", "missing closing brace"),
        ("${app+x}", "missing closing brace"),
        ("${app.name}", "missing closing brace"),
        ("${app }", "missing closing brace"),
        ("${}", "unable to parse variable name"),
        ("${ app }", "unable to parse variable name"),
        ("${@}", "unable to parse variable name"),
        ("${#}", "bad substitution"),
        ("${##app}", "bad substitution"),
        ("${app^x}", "bad substitution"),
        ("${app/x}", "bad substitution"),
        ("${app:=x", "unable to parse substitution within function"),
        ("${app:}", "unable to parse substitution within function"),
        ("${app#}", "unable to parse substitution within function"),
        ("${app:1:}", "unable to parse substitution within function"),
        ("${app:=${}}", "unable to parse variable name"),
    ],
)
def test_what_is_no_expression_fails_in_the_words_of_flux(text: str, message: str) -> None:
    assert result(f"{text}") == Substituted(text, error=f"variable substitution failed: {message}")


def test_an_undefined_variable_is_empty_and_named() -> None:
    assert result("a${none}b${other^^}${none} ${fine:=x}") == Substituted("ab x", undefined=("none", "other"))


@pytest.mark.parametrize(
    "expression",
    ["${none}", "${#none}", "${none^}", "${none:0}", "${none/a/b}", "${none#a}", "${app:=${none}}"],
)
def test_an_undefined_variable_is_an_error_when_strict(expression: str) -> None:
    assert result(expression, strict=True) == Substituted(
        expression,
        undefined=("none",),
        error='variable substitution failed: variable not set (strict mode): "none"',
    )


PUBLISHED = [
    # as the expression is written; of a variable that holds aBc-aBc, that is empty, and that is not there
    ("${v}", "aBc-aBc", "", None),
    ("${#v}", "7", "0", None),
    ("${v^}", "ABc-aBc", "", None),
    ("${v^^}", "ABC-ABC", "", None),
    ("${v,}", "aBc-aBc", "", None),
    ("${v,,}", "abc-abc", "", None),
    ("${v:4}", "aBc", "", None),
    ("${v:0:3}", "aBc", "", None),
    ("${v:2:2}", "c-", "", None),
    ("${v#*B}", "c-aBc", "", None),
    ("${v##*B}", "c", "", None),
    ("${v%B*}", "aBc-a", "", None),
    ("${v%%B*}", "a", "", None),
    ("${v/B/y}", "ayc-aBc", "", None),
    ("${v//B/y}", "ayc-ayc", "", None),
    ("${v/#a/y}", "yBc-aBc", "", None),
    ("${v/%c/y}", "aBc-aBy", "", None),
    ("${v=d}", "aBc-aBc", "d", "d"),
    ("${v:=d}", "aBc-aBc", "d", "d"),
    ("${v:-d}", "aBc-aBc", "d", "d"),
    ("$${v}", "${v}", "${v}", "${v}"),
    ("$v", "$v", "$v", "$v"),
]


@pytest.mark.parametrize(("expression", "full", "empty", "absent"), PUBLISHED, ids=[one[0] for one in PUBLISHED])
@pytest.mark.parametrize("strict", [False, True])
def test_the_published_table_of_expressions_holds_of_full_empty_and_absent_variables(
    expression: str, full: str, empty: str, absent: str | None, *, strict: bool
) -> None:
    def of(variables: dict[str, str]) -> Substituted:
        return substitute(expression, variables, strict=strict, unknown=lambda _: False)

    assert of({"v": "aBc-aBc"}) == Substituted(full)
    assert of({"v": ""}) == Substituted(empty)
    if absent is not None:
        assert of({}) == Substituted(absent)
    elif strict:
        assert of({}).error == 'variable substitution failed: variable not set (strict mode): "v"'
    else:
        assert of({}) == Substituted("0" if expression == "${#v}" else "", undefined=("v",))


@pytest.mark.parametrize("expression", ["${none:=x}", "${none=x}", "${none:-x}", "${none:?x}", "${none:+x}"])
def test_a_default_is_enough_when_strict(expression: str) -> None:
    assert result(expression, strict=True) == Substituted("x")


def test_a_default_that_is_not_used_is_not_missed() -> None:
    assert result("${app:=${none}}") == Substituted("podinfo")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${SECRET}", "${SECRET}"),
        ("${SECRET:=${app}}-${app}", "${SECRET:=${app}}-podinfo"),
        ("${none:=a${SECRET}${app}}", "a${SECRET}podinfo"),
        ("${app/pod/${SECRET}}", "${app/pod/${SECRET}}"),
        ("${#SECRET}", "${#SECRET}"),
    ],
)
@pytest.mark.parametrize("strict", [False, True])
def test_what_only_the_cluster_knows_stays_as_it_is_written(text: str, expected: str, *, strict: bool) -> None:
    assert result(text, strict=strict) == Substituted(expected, unknown=("SECRET",))


def test_a_known_value_wins_over_an_unknown_one() -> None:
    assert substitute("${a}", {"a": "1"}, strict=True, unknown=lambda _: True) == Substituted("1")


def test_a_bad_name_fails_even_where_it_is_not_used() -> None:
    assert substitute("text", {"b-c": "1", "a": "2"}, strict=False, unknown=lambda _: False) == Substituted(
        "text", error="'b-c' var name is invalid, must match '^[_[:alpha:]][_[:alpha:][:digit:]]*$'"
    )


@pytest.mark.parametrize(
    ("name", "valid"),
    [
        ("A", True),
        ("_a1", True),
        ("1a", False),
        ("a-b", False),
        ("a.b", False),
        ("é", False),
        ("", False),
        ("a\n", False),
    ],
)
def test_names_are_letters_digits_and_underscores(name: str, *, valid: bool) -> None:
    assert valid_name(name) is valid


@pytest.mark.parametrize(
    "text",
    [
        "${big}" * 20_000,
        "${big//x/${big}}",
        "${big^^}" * 20_000,
        "${none:=${big}${big}}" * 10_000,
    ],
)
def test_a_substitution_that_multiplies_is_refused_and_costs_nothing(text: str) -> None:
    start = time.process_time()

    found = substitute(text, {"big": "x" * 10_000}, strict=False, unknown=lambda _: False)

    assert time.process_time() - start < 5
    assert found == Substituted(
        text, error="variable substitution failed: the result is larger than 8388608 characters"
    )


def test_a_pattern_takes_no_longer_than_the_text_is_long() -> None:
    start = time.process_time()

    found = substitute("${v##*a*a*a*a*a*a*a*a*a*b}", {"v": "a" * 100_000}, strict=False, unknown=lambda _: False)

    assert time.process_time() - start < 5
    assert found.text == "a" * 100_000


def test_expressions_without_end_are_refused() -> None:
    found = result("${a:=" * 100_000)

    assert found.error == "variable substitution failed: more than 64 expressions inside each other"


@given(st.text(st.characters(exclude_characters="$")))
def test_text_without_a_dollar_is_never_changed(text: str) -> None:
    assert result(text) == Substituted(text)


@given(st.text())
def test_doubled_dollars_give_the_text_back(text: str) -> None:
    assert result(text.replace("$", "$$")) == Substituted(text)


@settings(max_examples=500)
@given(st.text("${}app_SECRET:=-+?^,#%/\\*[]12 ", max_size=60), st.booleans())
def test_substitution_never_raises_and_an_error_changes_nothing(text: str, strict: bool) -> None:
    found = result(text, strict=strict)

    assert not found.error or found.text == text
