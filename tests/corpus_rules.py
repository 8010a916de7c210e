"""What each rule says on real repositories: ``python -m tests.corpus_rules [FINDINGS]`` (a part of ``make corpus``).

Prints a table with the findings of every rule in the audits of the newest
commits, in everyday changes (the corpus's own ``score.py`` makes them) and in
the changes of the histories, each reviewed as the pull request that it was.
Every finding is a line of the file ``FINDINGS``, to be read and judged.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Final

from bot.app.local import Wish, audited, drive, reviewed
from bot.bootstrap import answerer
from bot.model.finding import Finding, Severity
from bot.ports import Answerer
from bot.rules import RULES
from tests.corpus import Corpus, corpus

_PARTS: Final = ("newest commits", "everyday changes", "changes of the histories")
_ORDINARY: Final = 10
"""Everyday changes a repository, as ``score.py`` counts them."""
_KEYS: Final = (("parent", "commit"), ("introduced_by_parent", "introduced_by"))
_EVIDENCE: Final = ("cr_introduced_by_parent", "cr_introduced_by")


@dataclass(frozen=True, slots=True)
class Trees:
    """Two branches, the base empty for an audit, and which part of the table they belong to."""

    part: str
    base: str
    head: str


def main(findings: str | None = None) -> int:
    """Print the table; 1 where there is no corpus."""
    here = corpus()
    if not here.is_there:
        print(f"there is no corpus in {here.folder}; FLUXBOT_CORPUS names its folder", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="fluxbot-corpus-") as folder:
        repository = here.cloned(Path(folder))
        answering = answerer(cached=True, jobs=2, folder=Path(folder) / "answers")
        every = [
            (trees, one)
            for trees in dict.fromkeys(_trees(here, repository))
            for one in said(repository, trees, answering)
        ]
    print("\n".join(_table(every)))
    if findings:
        lines = (f"{trees.part} {trees.head} {_line(one)}" for trees, one in every)
        Path(findings).write_text("\n".join(lines) + "\n")
    return 0


def _trees(here: Corpus, repository: Path) -> Iterator[Trees]:
    heads = here.heads()
    for name, head in heads.items():
        yield Trees(_PARTS[0], "", head)
        for branch in _score(here).ordinary_changes(repository, head, name, _ORDINARY):
            yield Trees(_PARTS[1], head, branch)
    there = {(name, sha) for name, sha in _branches(repository)}
    for case in json.loads((here.folder / "incidents.json").read_text()):
        for base, head in (*_KEYS, _EVIDENCE):
            pair = (case.get(base), case.get(head))
            if all((case["repo"], sha) in there for sha in pair):
                yield Trees(_PARTS[2], f"{case['repo']}/{pair[0]}", f"{case['repo']}/{pair[1]}")


def _score(here: Corpus) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", here.folder / "score.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(here.folder / "score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _branches(repository: Path) -> Iterator[tuple[str, str]]:
    for line in (repository / "packed-refs").read_text().splitlines():
        name, _, sha = line.partition(" refs/heads/")[2].rpartition("/")
        yield name, sha


def said(repository: Path, trees: Trees, answering: Answerer) -> Iterator[Finding]:
    """The findings of an audit, or those that a change brings."""
    today = datetime.now(UTC).date()
    audit, review = (
        Wish(str(repository), today, rev=trees.head),
        Wish(str(repository), today, None, trees.base, trees.head),
    )
    question = reviewed(review) if trees.base else audited(audit)
    examination = drive(question, answering, lambda _done, _asked: None)
    brought = (one for one in examination.review.findings if one.new or not trees.base)
    yield from (one for one in brought if one.ignored is None)


def _table(every: list[tuple[Trees, Finding]]) -> Iterator[str]:
    counts = Counter((trees.part, one.rule, one.severity) for trees, one in every)
    yield f"| Rule | {' | '.join(_PARTS)} |"
    yield "|---|---|---|---|"
    for rule in sorted(rule.id for rule in RULES):
        yield f"| {rule} | {' | '.join(_cell(counts, part, rule) for part in _PARTS)} |"


def _cell(counts: Mapping[tuple[str, str, Severity], int], part: str, rule: str) -> str:
    names = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
    found = [(counts.get((part, rule, severity), 0), name) for severity, name in names.items()]
    return ", ".join(f"{count:,} {name}{'s' if count > 1 else ''}" for count, name in found if count) or "–"


def _line(one: Finding) -> str:
    return f"{one.severity} {one.rule} {one.about} {one.needs or ''} {one.object or ''} {one.at}: {one.message}"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
