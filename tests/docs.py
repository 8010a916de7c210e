"""The pages that are made: ``python -m tests.docs`` writes ``docs/rules`` and ``docs/on-github.md`` from the goldens,
``docs/commands.md`` from the command line, the picture of a review, and what the examples of the other pages print.

A page is the docstring of its rule; what fluxbot says of the example is taken
from the golden of a case, so that it cannot drift from what users read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from bot.rules import RULES
from bot.simulate.case import Rule
from tests import documented
from tests.command_page import COMMANDS, page
from tests.on_github.messages import GOLDENS, MESSAGES
from tests.rules.cases import RuleCase, cases
from tests.terminal_picture import PICTURE, picture

PAGES: Final = Path(__file__).parents[1] / "docs" / "rules"

SHOWN: Final = {
    "build-fails": "a-file-that-is-not-there",
    "chart-drops-crd": "values-switch-the-crd-off",
    "chart-needs-crd": "a-chart-with-a-certificate-does-not-wait-for-cert-manager",
    "crd-in-same-kustomization": "a-new-issuer-beside-a-running-cert-manager",
    "crd-not-awaited": "the-provider-does-not-wait",
    "crd-version-not-served": "the-chart-drops-the-version-of-a-resource",
    "depends-on-cycle": "two-kustomizations-wait-for-each-other",
    "move-deletes": "a-database-leaves-the-kustomization-of-its-operator",
    "namespace-not-ordered": "the-namespace-comes-from-an-unordered-kustomization",
    "owned-twice": "two-apps-bring-one-namespace",
    "depends-on-suspended": "the-dependency-is-suspended",
    "health-check-not-found": "the-release-lies-in-another-namespace",
    "health-check-blind": "the-gate-is-a-database-cluster",
    "hidden-cycle": "the-variables-come-from-a-dependent",
    "parent-waits-for-child": "the-root-waits-and-an-app-depends-on-it",
    "ready-expr-weak": "only-labels-are-compared",
    "expression-never-true": "the-labels-differ",
    "reference-not-ordered": "the-variables-come-from-an-unordered-kustomization",
    "release-gives-up": "the-target-namespace-comes-from-elsewhere",
    "timeout-too-short": "the-release-may-take-longer",
}
"""The case that a page shows, for rules whose first one by name is not the plainest."""

ON_GITHUB: Final = PAGES.parent / "on-github.md"

_INTRODUCTION = """# On GitHub

What fluxbot writes on a pull request, as Markdown and in full. Each text is what the tests compare with, so it is what
people read; only the addresses are an example's.

- **The check run** is the whole review, and the gate. It is the only thing that is written where nothing is wrong.
- **Comments on lines** are for errors and warnings, on the line of the diff that causes them; what the diff does not
  show, and every note, is an annotation of the check run. One push makes one review at most. What stays is never said
  twice, also after a rebase; what is gone is resolved where fluxbot may write contents, else marked and hidden.
- **One comment below** sums up errors and warnings, is edited in place, and becomes one line when all is well. A draft
  gets no comment. `comment: never` leaves only the check run.
- **Answers** to commands stand below the pull request. A command is the first line of a comment.

When the base branch moves, the twenty pull requests to it that were judged last are judged again as they would be
merged, and so is a branch that is behind its base after each push and recheck; where nothing differs, nothing is
written. A merge queue's group is judged as a whole.
"""

_NOTE = "<!-- Written by `make docs`; change the docstring of the rule, or its golden. -->"
_OF_FINDING = r"^### \w+: {rule} at .*?(?=^### |^<details>|\Z)"


def pages() -> dict[str, str]:
    """The text of every page by its file's name."""
    return {"index.md": _index(RULES), **{f"{rule.id}.md": _page(rule) for rule in RULES}}


def write(texts: Mapping[str, str]) -> None:
    """Bring ``docs/rules`` to exactly these pages."""
    PAGES.mkdir(parents=True, exist_ok=True)
    for stale in {path.name for path in PAGES.glob("*.md")} - set(texts):
        (PAGES / stale).unlink()
    for name, text in texts.items():
        (PAGES / name).write_text(text)


def on_github() -> str:
    """The page of all messages, in the order in which they are listed."""
    note = "<!-- Written by `make docs`; change the words where they are made, or their golden. -->"
    parts = [note, "", _INTRODUCTION]
    for name, (what, _) in MESSAGES.items():
        said = (GOLDENS / f"{name}.md").read_text().rstrip("\n")
        marks = "`" * max(4, 1 + max((len(run) for run in re.findall("`+", said)), default=0))
        parts += [f"## {what}", "", f"{marks}markdown", said, marks, ""]
    return "\n".join(parts)


def _index(rules: tuple[Rule, ...]) -> str:
    rows = (f"| [{rule.id}]({rule.id}.md) | {_title(rule)} | {rule.severity} |" for rule in rules)
    head = ("| Rule | What is wrong | Default |", "|---|---|---|")
    return "\n".join((_NOTE, "", "# Rules", "", *head, *rows, ""))


def _page(rule: Rule) -> str:
    title, _, manual = rule.doc.strip().partition("\n")
    before, heading, after = manual.strip().partition("\n## Instead\n")
    example = "\n".join(("fluxbot says of such a change:", "", *_quoted(_said(rule))))
    parts = (_NOTE, f"# {rule.id}", title, f"Default: {rule.severity}", before.strip(), example)
    return "\n\n".join(parts) + f"\n{heading}{after}\n"


def _title(rule: Rule) -> str:
    return rule.doc.strip().partition("\n")[0]


def _said(rule: Rule) -> str:
    """What the golden of the shown case says for the rule, without its heading."""
    speaking = [case for case in cases() if case.rule == rule.id and case.speaks]
    case = RuleCase(rule.id, SHOWN[rule.id]) if rule.id in SHOWN else speaking[0]
    pattern = _OF_FINDING.format(rule=re.escape(rule.id))
    found = re.search(pattern, case.golden.read_text(), re.MULTILINE | re.DOTALL)
    if found is None:
        raise ValueError(f"{case.golden} says nothing of {rule.id}: run `make accept`")
    heading, _, said = found[0].strip().partition("\n")
    return f"**{heading.removeprefix('### ')}**\n{said}"


def _quoted(text: str) -> Iterator[str]:
    return (f"> {line}".rstrip() for line in text.splitlines())


if __name__ == "__main__":
    write(pages())
    ON_GITHUB.write_text(on_github())
    COMMANDS.write_text(page())
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(picture())
    for each in documented.pages():
        each.write_text(documented.as_run(each))
