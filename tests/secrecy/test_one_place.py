"""Text of a repository becomes output in bot/report/escape.py and bot/model/quote.py, and nowhere else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

BOT = Path(__file__).parents[2] / "bot"
MODULES = sorted(str(path.relative_to(BOT)) for path in BOT.rglob("*.py"))

_GIVEN = "\0"
_MARKUP = re.compile(rf"\*\*[^*]*{_GIVEN}|<[a-z!][^>]*{_GIVEN}|^#+ .*{_GIVEN}|\]\([^)]*{_GIVEN}", re.MULTILINE)
# Each builds markup of our own words, or hands all that is not ours to the functions of those two.
_MAY = {
    "model/quote.py",
    "report/escape.py",
    "report/markdown.py",
    "report/graph.py",
    "report/notice.py",
    "report/svg.py",  # names through html(), the rest is numbers and words of ours
    "report/page.py",  # the title through html(), the data through embedded(), the rest is the build's
    "report/places.py",  # links: an address that was checked, and a path as a URI
    "report/remark.py",
    "report/fixes.py",
    "report/summary.py",
    "github/publish.py",  # a digest
    "report/rules.py",
    "app/explained.py",
    "app/answer_command.py",
    "app/apply_fix.py",  # a number of GitHub
    "web/setup_page.py",  # all that is not ours through html()
    "review/explain.py",  # a rule's manual
    "flux/packing.py",  # patterns of paths
    "load/gated.py",  # a raw string of a Go template
    "model/redaction.py",  # patterns
    "review/replies.py",
}
_SAFE = {"plain", "prose", "code", "cell", "fence", "mermaid", "dot", "html", "counted", "block", "terminal", "logged"}


def filled(tree: ast.AST) -> Iterator[tuple[int, str, list[ast.expr]]]:
    """Each text with something put into it: its line, its words with a mark for what is put in, and that."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            words = "".join(str(part.value) if isinstance(part, ast.Constant) else _GIVEN for part in node.values)
            yield node.lineno, words, [part.value for part in node.values if isinstance(part, ast.FormattedValue)]


@pytest.mark.parametrize("module", [module for module in MODULES if module not in _MAY])
def test_no_other_module_puts_anything_between_marks_of_markdown_or_html(module: str) -> None:
    tree = ast.parse((BOT / module).read_text("utf-8"))

    found = [
        (line, words)
        for line, words, given in filled(tree)
        if given and (_MARKUP.search(words) or any(_GIVEN in span for span in words.split("`")[1::2]))
    ]

    assert found == []


def safe(value: ast.expr) -> bool:
    """Whether what is put into Markdown is the result of one of the functions, a number, or one of our own enums."""
    match value:
        case ast.Call(func=ast.Name(id=name)):
            return name in _SAFE
        case ast.BinOp() | ast.Name(id="more"):
            return True  # numbers
        case _:
            return False


OURS = {
    "report/markdown.py": {
        "finding.severity.value",
        "tally.findings",
        "fresh((cluster,))",
        "_reasons(whys)",
        "' | '.join(map(cell, cells))",
    },
    "report/remark.py": {"noun(finding.outcome).capitalize()"},
    "report/fixes.py": {"_said(fix)", "patch", "how"},
    "report/notice.py": {"MARKER", "noun(first.outcome)"},
    "report/summary.py": {
        "verdict",
        "_lowered(what(tally.shown))",
        "fate",
        "' | '.join(map(cell, cells))",
        "where",
        "word",
        "_refs(refs)",
        "_crd(change)",
        "who",
        "listed(map(code, change.more))",
        "listed(map(code, change.less))",
        "noun(one.outcome)",
    },
}
"""What else stands in headings and items: words of ours, and what was escaped a line above."""


@pytest.mark.parametrize("module", OURS)
def test_what_the_reports_in_markdown_put_into_a_heading_or_an_item_is_escaped(module: str) -> None:
    tree = ast.parse((BOT / module).read_text("utf-8"))
    ours = OURS[module]

    unsafe = [
        (line, ast.unparse(value))
        for line, words, given in filled(tree)
        for value in given
        if not safe(value)
        and ast.unparse(value) not in ours
        and (_MARKUP.search(words) or words.startswith(("-", "|", "### ")))
    ]

    assert unsafe == [], unsafe


def test_only_the_escaping_itself_knows_how_html_is_escaped() -> None:
    users = [
        module
        for module in MODULES
        if re.search(r"^import html|^from html", (BOT / module).read_text("utf-8"), re.MULTILINE)
    ]

    assert users == ["report/escape.py"]
