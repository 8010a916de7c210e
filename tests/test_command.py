"""Comment text → command."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.command import Command, Verb, command


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/fluxbot explain", Command(Verb.EXPLAIN)),
        ("\n  /fluxbot Explain apps infra\nand more", Command(Verb.EXPLAIN, ("apps", "infra"))),
        (
            "/FLUXBOT explain `Kustomization/flux-system/apps`",
            Command(Verb.EXPLAIN, ("Kustomization/flux-system/apps",)),
        ),
        ("/fluxbot recheck", Command(Verb.RECHECK)),
        ("/fluxbot", Command(Verb.HELP)),
        ("/fluxbot merge now", Command(Verb.HELP, unknown="merge")),
    ],
)
def test_the_first_line_is_the_command(text: str, expected: Command) -> None:
    assert command(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "please /fluxbot explain",
        "thanks\n/fluxbot recheck",
        "> /fluxbot recheck",
        "    /fluxbot recheck",
        "    \v/fluxbot recheck",
        "\t/fluxbot recheck",
        "```\n/fluxbot recheck\n```",
        "``` /fluxbot recheck",
        "`/fluxbot recheck`",
        "/fluxbotx recheck",
    ],
)
def test_quotes_code_and_other_lines_are_none(text: str) -> None:
    assert command(text) is None


@given(st.text())
def test_no_text_makes_it_crash(text: str) -> None:
    assert command(text) is None or text.strip().lower().startswith("/fluxbot")
