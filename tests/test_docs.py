from __future__ import annotations

import pytest

from bot.rules import RULES
from bot.simulate.case import Rule
from tests.docs import PAGES, SHOWN, pages
from tests.rules.cases import RuleCase


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    """The pages, made once."""
    return pages()


def test_the_pages_of_the_rules_are_those_that_make_docs_writes(made: dict[str, str]) -> None:
    committed = {path.name: path.read_text() for path in PAGES.iterdir()}

    assert committed == made


def test_the_index_leads_to_a_page_of_every_rule(made: dict[str, str]) -> None:
    index = made["index.md"]

    assert all(f"[{rule.id}]({rule.id}.md)" in index and f"{rule.id}.md" in made for rule in RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_page_shows_what_fluxbot_says_between_the_example_and_the_better_way(
    rule: Rule, made: dict[str, str]
) -> None:
    page = made[f"{rule.id}.md"]

    example, said, instead = (page.index(part) for part in ("## Example", "fluxbot says", "## Instead"))
    assert example < said < instead


def test_the_cases_that_pages_show_are_there() -> None:
    assert all(RuleCase(rule, name).golden.exists() for rule, name in SHOWN.items())
