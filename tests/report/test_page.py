"""The file of HTML around a page: what may run in it, and that nothing gets out of its data."""

from __future__ import annotations

import base64
import json
import re
from hashlib import sha256
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from bot.model.field import Value
from bot.report.escape import embedded
from bot.report.page import bundle, headers, page_of, render_page

PIECES = ["</script>", "</SCRIPT ", "<!--", "-->", "<script>", "\u2028", "&lt;", '"', "\\", "]]>", "\x00", "a", "##["]


class Elements(HTMLParser):
    """Every element, and the text of scripts and styles by their order."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.is_open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.texts.append("")
        self.is_open = True

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - named by HTMLParser
        self.is_open = False

    def handle_data(self, data: str) -> None:
        if self.is_open:
            self.texts[-1] += data

    def of(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        return [(given, text) for (name, given), text in zip(self.tags, self.texts, strict=True) if name == tag]


def parsed(page: str) -> Elements:
    found = Elements()
    found.feed(page)
    return found


@given(st.lists(st.sampled_from(PIECES)).map("".join), st.text())
def test_no_text_leaves_the_data_or_the_title(hostile: str, other: str) -> None:
    document: Value = {"headline": hostile + other, "x": [other, {hostile: other}]}

    found = parsed(page_of(embedded(document), hostile + other))

    plain = parsed(page_of("{}", "x"))
    assert [tag for tag, _ in found.tags] == [tag for tag, _ in plain.tags]
    assert json.loads(found.of("script")[0][1]) == document


def test_the_policy_lets_exactly_the_script_and_the_style_of_the_page_run() -> None:
    found = parsed(page_of("{}", "x"))
    policy = headers()["Content-Security-Policy"]

    def digest(text: str) -> str:
        return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"

    [style] = found.of("style")
    [script] = [text for given, text in found.of("script") if "type" not in given]
    assert re.findall(r"([a-z-]+) ([^;]+)", policy) == [
        ("default-src", "'none'"), ("script-src", digest(script)), ("style-src", digest(style[1])),
        ("base-uri", "'none'"), ("form-action", "'none'"), ("frame-ancestors", "'none'"),
    ]  # fmt: skip
    [(meta, _)] = [one for one in found.of("meta") if one[0].get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith(str(meta["content"]))


def test_the_page_asks_for_nothing_and_has_neither_handlers_nor_styles_of_its_own() -> None:
    found = parsed(page_of("{}", "x"))

    asked = [given for _, given in found.tags if given.keys() & {"src", "href", "style", "srcset", "data"}]
    handlers = [name for _, given in found.tags for name in given if name.startswith("on")]

    assert (asked, handlers) == ([], [])
    assert not re.search(r"@import|url\((?!#)", bundle().style)


def test_the_licences_of_what_is_in_the_page_stand_in_it() -> None:
    page = page_of("{}", "x")

    for name in ("@dagrejs/dagre", "d3-zoom", "d3-selection"):
        assert re.search(rf"^{name} \d+\.\d+\.\d+ \((MIT|ISC)\)$", page, re.MULTILINE)


def test_no_secret_is_embedded() -> None:
    token = "ghp_" + "a1" * 18

    assert token not in render_page({"headline": "x", "repository": "y", "text": [f"see {token}"]})
