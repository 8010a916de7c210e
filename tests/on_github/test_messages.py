"""The messages are the goldens, and the page shows all of them."""

from __future__ import annotations

import pytest

from tests.docs import ON_GITHUB, on_github
from tests.on_github.messages import GOLDENS, MESSAGES, message


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_is_its_golden(request: pytest.FixtureRequest, name: str) -> None:
    golden = GOLDENS / f"{name}.md"
    said = message(name)
    if request.config.getoption("--accept"):
        golden.write_text(said)

    assert said == golden.read_text()


def test_there_is_no_golden_without_a_message() -> None:
    assert {path.stem for path in GOLDENS.glob("*.md")} == set(MESSAGES)


def test_the_page_shows_every_golden_as_it_is() -> None:
    assert ON_GITHUB.read_text() == on_github()


@pytest.mark.parametrize("name", MESSAGES)
def test_no_message_shouts_or_begs(name: str) -> None:
    text = (GOLDENS / f"{name}.md").read_text()

    assert "!" not in text.replace("<!--", "")
    assert "please" not in text.lower()
