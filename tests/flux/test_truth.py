"""What a CEL expression comes to."""

from __future__ import annotations

import time

import pytest

from bot.flux.truth import Truth, syntax_error, truth, undeclared
from bot.model.field import Body

READY: Body = {"status": {"observedGeneration": 2, "conditions": [{"type": "Ready", "status": "True"}]}}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("status.conditions.filter(e, e.type == 'Ready').all(e, e.status == 'True')", Truth.TRUE),
        ("status.observedGeneration == 3", Truth.FALSE),
        ("has(status.phase) && status.phase == 'ready'", Truth.FALSE),
        ("status.?phase.orValue('none') == 'none'", Truth.TRUE),
        ("'READY'.lowerAscii() == 'ready'", Truth.TRUE),
        ("status.observedGeneration == 2.0", Truth.TRUE),
    ],
)
def test_an_expression_is_evaluated_as_flux_does(expression: str, expected: Truth) -> None:
    assert truth(expression, READY) is expected


@pytest.mark.parametrize("expression", ["status.phase == 'ready'", "metadata.name == 'a'", "'a' > status.conditions"])
def test_a_field_that_is_not_there_is_an_error(expression: str) -> None:
    assert truth(expression, READY) is Truth.ERROR


@pytest.mark.parametrize("expression", ["status.phase ==", "'text'", "newFunction(status)", "topLevel.phase == 'x'"])
def test_what_cannot_be_decided_is_unknown(expression: str) -> None:
    assert truth(expression, READY) is Truth.UNKNOWN


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("status.phase === 'ready'", "Syntax error: "),
        ("has(status)", "has() argument must be"),
        ("status.conditions.all(1, true)", "all() variable name must be"),
    ],
)
def test_what_the_grammar_refuses_is_said_in_one_line(expression: str, said: str) -> None:
    assert syntax_error(expression).startswith(said)
    assert "\n" not in syntax_error(expression)


@pytest.mark.parametrize(
    "expression", ["status.phase == 'ready'", "dep.?x", "newFunction(a)", "(" * 100 + "1" + ")" * 100]
)
def test_what_is_only_not_known_here_is_no_syntax_error(expression: str) -> None:
    assert syntax_error(expression) == ""


def test_a_field_of_no_variable_is_named() -> None:
    assert undeclared("status.phase == 'ready'", ("metadata", "status")) == "status"
    assert undeclared("dep.status.phase == self.metadata.name", ("metadata", "status")) == ""
    assert undeclared("unknownFunction(dep)", ("metadata", "status")) == ""


_LIST = f"[{','.join('1' * 150)}]"


@pytest.mark.parametrize(
    "expression",
    [
        "(" * 3000 + "1" + ")" * 900,
        "!" * 3999 + "true",
        "-" * 3990 + "1 == 1",
        f"{_LIST}.all(a, {_LIST}.all(b, {_LIST}.all(c, {_LIST}.all(d, true))))",
        f"'{'a' * 3000}!'.matches('(a+)+$')",
        "1" + "+1" * 1900 + " > 1",
        "x" * 5000,
        "\ud800",
        "\x00",
    ],
)
def test_a_hostile_expression_ends_at_once(expression: str) -> None:
    start = time.perf_counter()

    truth(expression, READY)
    syntax_error(expression)
    undeclared(expression, ("status",))

    assert time.perf_counter() - start < 2


def test_a_number_that_the_library_cannot_hold_is_unknown_or_an_error() -> None:
    assert truth("status.count > 1", {"status": {"count": 10**30}}) in (Truth.UNKNOWN, Truth.ERROR)
