"""No comment makes reading it fail, and no quoted, coded or hidden text gives a command."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.command import LONGEST, Command, Verb, command
from bot.report.escape import prose
from bot.review.replies import help_about
from tests.hostile.cases import WHOLE_SUITE, no_longer_than, strangers
from tests.hostile.flux_trees import ODD

pytestmark = pytest.mark.timeout(WHOLE_SUITE)

PIECES = (
    *("/fluxbot", "/FluxBot", "/fluxbotx", "fluxbot", "/ fluxbot", "@fluxbot", "\uff0ffluxbot", "\\/fluxbot"),
    "/flux\u200bbot",
    *("explain", "recheck", "help", "EXPLAIN", "explain,", "merge", "re check", "Kustomization/a/b", "apps"),
    "crd-unknown",
    *(" ", "  ", "   ", "    ", "\t", "\n", "\n\n", "\r\n", "\r", "\v", "\f", "\x1c", "\x85", "\u2028", "\xa0"),
    "\u3000",
    *("> ", ">", "```", "```yaml", "~~~", "`", "``", "- ", "1. ", "# ", "| a |", "***", "---"),
    *("<!--", "-->", "<details>", "</details>", "<pre>", "<code>", "&#47;fluxbot", "[x](/fluxbot)", "![", "*"),
    *("_", "\\"),
)
COMMENTS = (
    st.lists(st.sampled_from(PIECES) | ODD | st.text(max_size=4), max_size=9).map("".join)
    | st.lists(st.sampled_from(PIECES), max_size=5).map(lambda pieces: "/fluxbot " + "".join(pieces))
    | st.text(max_size=60)
)
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def is_plainly_asked(text: str) -> bool:
    """Whether Markdown shows a first paragraph that begins with the name: an independent reading."""
    tokens = MARKDOWN.parse(text.lstrip("\r\n \t\v\f\x1c\x1d\x1e\x85\u2028\u2029") if not text[:1].isspace() else text)
    if len(tokens) < 2 or tokens[0].type not in ("paragraph_open", "heading_open") or tokens[1].type != "inline":
        return False
    children = tokens[1].children or []
    return bool(children) and children[0].type == "text" and children[0].content.lstrip().lower().startswith("/fluxbot")


@strangers()
@given(text=COMMENTS)
def test_a_command_is_only_what_markdown_shows_as_the_beginning_of_a_comment(text: str) -> None:
    with no_longer_than(2):
        found = command(text)

    if found is None:
        return
    assert is_plainly_asked(text)
    assert found.verb in Verb
    assert all(
        word and word == word.strip() and len(word) <= LONGEST for word in (*found.arguments, found.unknown or "x")
    )


@strangers()
@given(text=COMMENTS)
def test_a_first_line_that_is_the_name_alone_or_with_an_unknown_word_is_answered_with_help(text: str) -> None:
    word = re.split(r"\s", text.strip(), maxsplit=1)[0][:50]

    found = command(f"/fluxbot {word}\n{text}")

    known = {verb.value for verb in Verb}
    first = next(iter(word.replace("`", " ").split()), "")
    if found is not None and first.lower() not in known:
        assert found.verb is Verb.HELP
        answer = help_about(found.unknown, ("help",))
        assert answer.endswith("this list.")
        assert all(line.isprintable() for line in answer.split("\n"))
        assert prose(answer)


@pytest.mark.parametrize(
    "text",
    [
        "> /fluxbot recheck",
        ">/fluxbot recheck",
        "> thanks\n\n/fluxbot recheck",
        "```\n/fluxbot recheck\n```",
        "~~~\n/fluxbot recheck\n~~~",
        "    /fluxbot recheck",
        "\n\n    /fluxbot recheck",
        "<!-- /fluxbot recheck -->",
        "<!--\n/fluxbot recheck\n-->",
        "<details>\n/fluxbot recheck",
        "<pre>/fluxbot recheck</pre>",
        "- /fluxbot recheck",
        "1. /fluxbot recheck",
        "# /fluxbot recheck",
        "\\/fluxbot recheck",
        "`/fluxbot` recheck",
        "[/fluxbot recheck](https://example.org)",
        "&#47;fluxbot recheck",
        "\u200b/fluxbot recheck",
        "/\u200bfluxbot recheck",
        "\uff0ffluxbot recheck",
        "/fluxbot\u200b recheck",
        "\x00/fluxbot recheck",
        "@fluxbot recheck",
    ],
)
def test_what_is_quoted_coded_hidden_or_misspelt_asks_for_nothing(text: str) -> None:
    assert command(text) is None


def test_a_comment_of_a_megabyte_is_read_at_once() -> None:
    with no_longer_than(1):
        assert command("/fluxbot explain " + "a " * 500_000) == Command(
            Verb.EXPLAIN, ("a",) * ((LONGEST - len("/fluxbot explain ") + 1) // 2)
        )
        assert command(" \n" * 500_000 + "/fluxbot help") == Command(Verb.HELP)
        assert command("`" * 1_000_000) is None
