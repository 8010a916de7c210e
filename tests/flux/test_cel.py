"""Which fields a CEL expression reads."""

from __future__ import annotations

import pytest

from bot.flux.cel import fields_read


def test_the_fields_of_a_variable_are_found_wherever_they_stand() -> None:
    expression = """
        dep.metadata.labels['app/version'] == self.metadata.labels["app/version"] && // dep.nothing
        dep.status.conditions.filter(e, e.type == 'Ready').all(e, e.status == 'dep.spec') &&
        dep['status'].observedGeneration >= 1
    """

    assert fields_read(expression, "dep") == frozenset(
        {
            ("metadata", "labels", "app/version"),
            ("status", "conditions", "filter"),
            ("status", "observedGeneration"),
        }
    )
    assert fields_read(expression, "self") == frozenset({("metadata", "labels", "app/version")})


def test_a_constant_reads_nothing() -> None:
    assert fields_read("true", "dep") == frozenset()


def test_a_field_that_is_called_like_the_variable_is_none() -> None:
    assert fields_read("self.dep.status == 1", "dep") == frozenset()


@pytest.mark.parametrize("expression", ["size(dep) > 0", "[dep].all(x, x.status)", "dep", "dep[self.key]"])
def test_a_variable_that_is_used_as_a_whole_may_be_read_anywhere(expression: str) -> None:
    assert fields_read(expression, "dep") is None


@pytest.mark.parametrize("expression", ["dep.status == 'open", "dep.status # 1", "'''dep''' == dep.kind"])
def test_what_cannot_be_read_says_nothing(expression: str) -> None:
    assert fields_read(expression, "dep") is None


@pytest.mark.parametrize("expression", [r"r'\' == dep.kind", r"'it\'s dep' == dep.kind", r'"\\" == dep.kind'])
def test_strings_end_where_cel_ends_them(expression: str) -> None:
    assert fields_read(expression, "dep") == frozenset({("kind",)})
