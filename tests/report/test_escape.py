"""Text from a repository in each format's own grammar."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.model.quote import code, shortened, visible
from bot.report import escape

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
HOSTILE = st.text(
    st.sampled_from("`*_[]()<>!~#@|\\&;:/.-+=$%{}\"' \t\n\r1aZ\u202e\u200b\x1b\x07\ud800é漢"), max_size=30
)


def html(markdown: str) -> str:
    return str(MARKDOWN.render(markdown))


def test_characters_that_hide_or_reorder_are_written_out() -> None:
    assert visible("a\u202eb\x1b[31m\u200bc\nd\U000e0001\ud800") == (
        "a\\u202eb\\u001b[31m\\u200bc\\u000ad\\U000e0001\\ud800"
    )


def test_letters_of_all_languages_stay() -> None:
    assert visible("żółć 漢字 עברית 🚀") == "żółć 漢字 עברית 🚀"


def test_every_kind_of_blank_is_a_space() -> None:
    assert visible("a\u00a0b\u2003c") == "a b c"


def test_a_name_of_ten_thousand_characters_keeps_its_start_and_its_end() -> None:
    name = "start-" + "x" * 10_000 + "-end"

    assert len(shortened(name)) == 300
    assert code(name).startswith("`start-xxx")
    assert code(name).endswith("xxx-end`")


def test_the_longest_name_of_kubernetes_is_not_shortened() -> None:
    assert shortened("a" * 253) == "a" * 253


@pytest.mark.parametrize(
    ("name", "span"),
    [
        ("apps", "`apps`"),
        ("a`b", "`a\\u0060b`"),
        ("```", "`\\u0060\\u0060\\u0060`"),
        ("", '`""`'),
        (" ", '`""`'),
        ("@team #1 <b>", "`@team #1 <b>`"),
    ],
)
def test_a_code_span_holds_any_name(name: str, span: str) -> None:
    assert code(name) == span


@given(HOSTILE)
def test_a_code_span_is_one_code_span_of_markdown(name: str) -> None:
    (paragraph,) = [token for token in MARKDOWN.parse(f"x {code(name)} y") if token.type == "inline"]

    assert [child.type for child in paragraph.children or ()] == ["text", "code_inline", "text"]


@given(HOSTILE)
def test_what_stands_in_a_code_span_gives_the_same_span(name: str) -> None:
    span = code(name)

    assert code(span[1:-1]) == span


@pytest.mark.parametrize(
    ("message", "rendered"),
    [
        ("`apps` waits for `infra`.", "<code>apps</code> waits for <code>infra</code>."),
        ("a_b_c *x* ~~y~~ [z](http://e)", "a_b_c *x* ~~y~~ [z](http:\u200b//e)"),
        ("<img src=x onerror=y> &amp;", "&lt;img src=x onerror=y&gt; &amp;amp;"),
        ("@octocat, see #12 and gh-7", "@\u200boctocat, see #\u200b12 and gh-\u200b7"),
        ("www.example.org", "www\u200b.example.org"),
        ("_www.example.org (GH-7) high-7", "_www\u200b.example.org (GH-\u200b7) high-7"),
        ("# no heading", "# no heading"),
        ("1. no list", "1. no list"),
        ("- no list", "- no list"),
        ("an odd ` backtick", "an odd \\u0060 backtick"),
        ("`a``b`", "<code>a</code> <code>b</code>"),
        ("two\nlines", "two lines"),
        ("`@octocat`", "<code>@octocat</code>"),
    ],
)
def test_a_message_keeps_its_code_spans_and_has_no_other_markup(message: str, rendered: str) -> None:
    assert html(escape.prose(message)) == f"<p>{rendered}</p>\n"


@given(HOSTILE)
def test_no_message_becomes_anything_but_text_and_code(message: str) -> None:
    tokens = MARKDOWN.parse(escape.prose(message))

    assert {token.type for token in tokens} <= {"paragraph_open", "inline", "paragraph_close"}
    inside = {child.type for token in tokens for child in token.children or ()}
    assert inside <= {"text", "text_special", "code_inline"}


@given(HOSTILE, HOSTILE)
def test_a_cell_of_a_table_stays_one_cell(name: str, other: str) -> None:
    row = f"| {escape.cell(code(name))} | {escape.cell(escape.prose(other))} |"

    tokens = MARKDOWN.parse(f"| a | b |\n|---|---|\n{row}\n")

    cells = [token for before, token in pairwise(tokens) if before.type == "td_open"]
    assert len(cells) == 2
    assert [child.type for child in cells[0].children or ()] == ["code_inline"]


@given(HOSTILE)
def test_a_fence_holds_any_text(text: str) -> None:
    tokens = MARKDOWN.parse(escape.fence(text + "\n```\n````\n" + text))

    assert [token.type for token in tokens] == ["fence"]


def test_a_long_block_says_how_long_it_was() -> None:
    assert escape.block("x" * 10_000)[-1] == "… (10,000 characters)"


def test_a_terminal_gets_no_control_character() -> None:
    assert escape.terminal("a\x1b]0;title\x07b\nc\x9b2J") == "a\\u001b]0;title\\u0007b c\\u009b2J"


def test_a_line_of_a_log_is_no_command_of_a_runner() -> None:
    text = "a\n  ::add-mask::x\n::error::y\nb ##[add-mask]z\nc::d"

    assert escape.logged(text) == "a\n  : :add-mask::x\n: :error::y\nb ## [add-mask]z\nc::d"


def test_a_label_of_mermaid_holds_no_mark_that_mermaid_knows() -> None:
    assert escape.mermaid('a"]%%{init}`b;#') == "a#34;#93;#37;#37;#123;init#125;#96;b#59;#35;"


def test_a_string_of_dot_ends_where_it_should() -> None:
    assert escape.dot('a"b\\N\nc') == '"a\\"b\\\\N c"'


def test_a_message_of_sarif_has_no_link_and_no_placeholder() -> None:
    assert escape.sarif("[here](https://example.org) {0} ${{ x }}") == ("[here\\](https://example.org) {{0}} ${{ x }}")


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("infra/issuer.yaml", "infra/issuer.yaml"),
        ("a b#c?.yaml", "a%20b%23c%3F.yaml"),
        ("javascript:x", "javascript%3Ax"),
        ("//host/x", "host/x"),
        ("ż/\ud800", "%C5%BC/%ED%A0%80"),
    ],
)
def test_a_path_is_a_relative_uri(path: str, uri: str) -> None:
    assert escape.uri(path) == uri


def test_a_property_of_a_workflow_command_holds_no_separator() -> None:
    assert escape.command_property("a,line=1::x%0A\ry") == "a%2Cline=1%3A%3Ax%250A y"


def test_the_message_of_a_workflow_command_keeps_its_lines() -> None:
    assert escape.command_data("50%\nof it: a, b") == "50%25%0Aof it: a, b"
