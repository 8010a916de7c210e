"""No name in a repository changes the structure of a report, even where a message quotes it carelessly."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import urlsplit

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.app.judge import unjudged
from bot.model.cluster import Incomplete
from bot.model.config import ConfigProblem
from bot.model.finding import Related
from bot.model.ref import Ref
from bot.model.review import ClusterSummary, Conclusion, Crashed, Review
from bot.model.span import Span
from bot.report.check import Setting, publication
from bot.report.escape import html
from bot.report.formats import Format, render_report
from bot.report.graph import GraphFormat, render_graph
from bot.report.notice import MARKER
from bot.review.drawing import Drawing, DrawnEdge, DrawnNode, Style
from tests.report.sample import DEADLOCK

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
PIECES = [
    *(
        "`",
        "``",
        "```",
        "~~~",
        "\n",
        "\r\n",
        "\n\n",
        "    ",
        "\t",
        "|",
        "\\|",
        "\\",
        '"',
        "'",
        "<script>",
        "<img src=x onerror=alert(1)>",
        "javascript:",
        "<!-- fluxbot:review -->",
        "-->",
        "</details>",
    ),
    *("<!--", "![x](y)", "](http://e.org)", "[a]", "@octocat", "#1", "GH-2", "https://e.org", "www.e.org", "&#64;x"),
    *("::error::", "\n::add-mask::", "##[add-mask]", "%0A", "%%{init}%%", "]", "}", "{0}", ";", "end", "click n0"),
    *(
        "\x1b[2J",
        "\x1b]8;;x\x07",
        "\x9b31m",
        "\u202e",
        "\u2066",
        "\u200b",
        "\u2028",
        "\U000e0041",
        "\U000e007f",
        "\u061c",
        "\ufeff",
        "\x00",
        "x",
        "# ",
        "- ",
        "1. ",
        "漢",
    ),
]
SHORT_NAMES = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=8).map("".join)
NAMES = SHORT_NAMES | st.just("x" * 10_000)


def named(name: str) -> Review:
    """A review in which everything that a repository decides is ``name``."""
    ref = Ref("group", name, name, name)
    finding = replace(
        DEADLOCK,
        about=ref,
        at=Span(name, 3, 4),
        message=f"{name} and `{name}` wait",
        related=(Related(Span(name, 1, 1), f"`{name}` {name}"),),
        predicted=name or "x",
        advice=f"Move {name}.",
        clusters=(name,),
    )
    return Review(
        Conclusion.FAILURE,
        (ClusterSummary(name, name or "2.9", 1, 1, 1, 1, 0, 0, ((ref,),), (Incomplete(ref, name),)),),
        (finding, replace(finding, ignored=name)),
        (ConfigProblem(name, 4, name),),
        (Crashed("a-rule", name),),
    )


def report(name: str, wanted: Format) -> str:
    return render_report(named(name), format=wanted, repository=name, seconds=1, colour=False, width=80, rules=())


def printable(text: str) -> bool:
    return all(line.isprintable() for line in text.split("\n"))


def blocks(markdown: str) -> list[str]:
    return [token.type for token in MARKDOWN.parse(markdown)]


def text_of(leaf: Token) -> str:
    return leaf.content if leaf.type.startswith("text") else "\n"


@given(NAMES)
def test_the_text_holds_no_control_and_no_command_of_a_runner(name: str) -> None:
    text = report(name, Format.TEXT)

    assert printable(text)
    assert "##[" not in text
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())


@given(NAMES)
def test_markdown_has_the_same_blocks_whatever_the_names_are(name: str) -> None:
    markdown = report(name, Format.MARKDOWN)

    assert printable(markdown)
    assert blocks(markdown) == blocks(report("harmless", Format.MARKDOWN))


@given(NAMES)
def test_markdown_has_no_link_no_image_no_html_and_no_mention_from_a_name(name: str) -> None:
    pieces = [token.children or [] for token in MARKDOWN.parse(report(name, Format.MARKDOWN))]

    kinds = {leaf.type for leaves in pieces for leaf in leaves}
    shown = "\n".join("".join(text_of(leaf) for leaf in leaves) for leaves in pieces)
    assert kinds <= {"text", "text_special", "code_inline", "strong_open", "strong_close"}
    assert not re.search(r"@\w|#\d|(?<![^\W_])gh-\d|://|www\.", shown, re.IGNORECASE)


@given(NAMES)
def test_json_is_ascii_and_gives_every_name_back_as_it_was(name: str) -> None:
    text = report(name, Format.JSON)

    assert text.isascii()
    assert "##[" not in text
    assert json.loads(text)["findings"][0]["about"]["name"] == name


@given(NAMES)
def test_sarif_is_json_with_relative_paths(name: str) -> None:
    text = report(name, Format.SARIF)

    (run,) = json.loads(text)["runs"]
    uri = urlsplit(run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
    message = run["results"][0]["message"]["text"]
    assert (uri.scheme, uri.netloc, uri.query, uri.fragment) == ("", "", "", "")
    assert printable(message)
    assert not re.search(r"(?<!\\)\]\(", message)
    assert "##[" not in text


class Tags(HTMLParser):
    """The tags and attributes of a page, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, list[str]]] = []
        self.text = ""
        self.values: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, [name for name, _ in attrs]))
        self.values += [value or "" for _, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


@given(NAMES)
def test_html_has_the_same_tags_and_attributes_whatever_the_names_are(name: str) -> None:
    page = Tags()
    page.feed(f"<p title=\"{html(name)}\" class='{html(name)}'>{html(name)}</p>")
    page.close()

    assert page.tags == [("p", ["title", "class"])]
    assert [page.text, page.text] == page.values
    assert printable(page.text)


@given(NAMES, st.sampled_from(["auto", "always"]))
def test_a_check_run_and_its_comment_hold_no_control_and_keep_to_the_limits_of_github(name: str, comment: str) -> None:
    said = publication(named(name), Setting(comment))

    assert said.title == "1 rule failed: 1 error"
    assert len(said.summary.encode()) <= 65_535
    assert len(said.comment.encode()) <= 65_535
    assert printable(said.summary)
    assert printable(said.comment)
    for annotation in said.annotations:
        assert printable(annotation.message)
        assert len(annotation.message.encode()) <= 64 * 1024
        assert len(annotation.title) <= 255
        assert annotation.title.isprintable()
        assert annotation.path == name


@given(SHORT_NAMES)
def test_a_comment_has_the_same_blocks_whatever_the_names_are_and_only_our_own_mark(name: str) -> None:
    comment = publication(named(name), Setting("always")).comment

    assert blocks(comment) == blocks(publication(named("harmless"), Setting("always")).comment)
    assert comment.startswith(f"{MARKER}\n")
    assert [token.content for token in MARKDOWN.parse(comment) if token.type == "html_block"][:1] == [f"{MARKER}\n"]
    assert not any(leaf.type == "html_inline" for token in MARKDOWN.parse(comment) for leaf in token.children or ())


@given(NAMES)
def test_why_a_change_cannot_be_judged_is_text_and_code_alone(name: str) -> None:
    summary = unjudged(name).summary

    assert blocks(summary) == ["paragraph_open", "inline", "paragraph_close"] * 2
    assert printable(summary)


COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::[^\r\n]*")


@given(NAMES)
def test_github_gets_the_same_commands_and_properties_whatever_the_names_are(name: str) -> None:
    *lines, last = report(name, Format.GITHUB).removesuffix("\n").split("\n")

    found = [match for line in lines if (match := COMMAND.fullmatch(line))]
    assert [(match[1], [pair.partition("=")[0] for pair in match[2].split(",")]) for match in found] == [
        ("error", ["title"]),
        ("warning", ["file", "line", "title"]),
        ("error", ["file", "line", "endLine", "title"]),
    ]
    assert len(lines) == 3
    assert last.startswith("fluxbot: ")


def drawing(name: str) -> Drawing:
    return Drawing(
        (DrawnNode("first" + name, name, name, "stuck", name), DrawnNode("second" + name, name, "x", name, name)),
        (
            DrawnEdge("first" + name, "second" + name, name),
            DrawnEdge("second" + name, "first" + name, "x", Style.MISSING),
        ),
    )


LABEL = r'"[^"\\{}\[\]()`%|<>]*(?:<br/>[^"\\{}\[\]()`%|<>]*){0,2}"'
MERMAID = re.compile(
    rf"""flowchart\ LR
|\ \ subgraph\ c0\[{LABEL}\]
|\ \ \ \ (?:n1\[{LABEL}\]|n0\{{\{{{LABEL}\}}\}})
|\ \ end
|\ \ n[01]\ (?:-->|-\.->)(?:\|{LABEL}\|)?\ n[01]
|\ \ classDef\ stuck\ stroke:\#d1242f,stroke-width:2px
|\ \ class\ n0\ stuck
|\ \ linkStyle\ 1\ stroke:\#d1242f,stroke-width:2px""",
    re.VERBOSE,
)


@given(NAMES)
def test_a_drawing_in_mermaid_has_the_same_lines_whatever_the_names_are(name: str) -> None:
    lines = render_graph(drawing(name), GraphFormat.MERMAID).removesuffix("\n").split("\n")

    assert [line for line in lines if not MERMAID.fullmatch(line)] == []
    assert len(lines) == 10


STRING = r'"(?:[^"\\]|\\.)*"'
DOT = re.compile(
    rf"""digraph\ fluxbot\ \{{|\ \ rankdir=LR;|\ \ node\ \[shape=box\];
|\ \ subgraph\ cluster_0\ \{{|\ \ \ \ label={STRING};|\ \ \}}|\}}
|\ \ \ \ n[01]\ \[label={STRING}(?:,\ color="\#d1242f")?\];
|\ \ n[01]\ ->\ n[01]\ \[label={STRING},\ style=\w+(?:,\ color="\#d1242f")?\];""",
    re.VERBOSE,
)


@given(NAMES)
def test_a_drawing_in_dot_has_the_same_lines_whatever_the_names_are(name: str) -> None:
    lines = render_graph(drawing(name), GraphFormat.DOT).removesuffix("\n").split("\n")

    assert [line for line in lines if not DOT.fullmatch(line)] == []
    assert len(lines) == 11
