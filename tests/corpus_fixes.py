"""Fixes on real repositories: ``python -m tests.corpus_fixes`` (a part of ``make corpus``).

For each order that a maintainer added later (``edge_added``) and that fluxbot
demands, in the tree before or in the pull request that brought the need:
whether there is a fix, whether it holds the maintainer's own edge, and how
long the review took with its proofs. A fix with another edge was shown by the
simulation to be as good: the finding is gone and nothing new came.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.app.local import Wish, audited, hold, reviewed
from bot.bootstrap import answerer
from bot.engine import Question, examine
from bot.fixing import with_fixes
from bot.model.finding import Finding, Severity
from bot.ports import Answerer
from tests.corpus import Corpus, corpus

_ORDER = frozenset({"crd-not-ordered", "crd-not-awaited", "crd-behind-aggregate", "chart-needs-crd"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one case; ``reason`` says why there is no fix, empty where there is one."""

    measure: str
    name: str
    own: bool
    reason: str
    seconds: float


def main() -> int:
    """Print the shares and the median of the times."""
    here = corpus()
    if not here.is_there:
        print(f"there is no corpus in {here.folder}; FLUXBOT_CORPUS names its folder", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="fluxbot-corpus-") as folder:
        told(measured(here, here.cloned(Path(folder)), answerer(cached=True, jobs=2, folder=Path(folder) / "answers")))
    return 0


def told(outcomes: Iterator[Outcome]) -> None:
    """Print each case that has no fix, and the sums."""
    found: list[Outcome] = []
    for one in outcomes:
        found.append(one)
        print(f"{one.measure} {one.seconds:5.1f} s {one.name}: {one.reason or 'fixed'}", flush=True)
    for measure in ("edge/tree", "edge/pull"):
        some = [one for one in found if one.measure == measure]
        fixed = [one for one in some if not one.reason]
        if some:
            own, share = sum(one.own for one in fixed), 100 * len(fixed) / len(some)
            median = statistics.median(one.seconds for one in some)
            print(f"{measure}: {len(some)} found, {len(fixed)} fixed ({share:.0f} %), {own} by the very edge;", end=" ")
            print(f"proofs take {median:.1f} s in the median")


def measured(here: Corpus, repository: Path, answering: Answerer) -> Iterator[Outcome]:
    """Every case that fluxbot finds, with what became of it."""
    for case in json.loads((here.folder / "incidents.json").read_text()):
        if not _is_open(case):
            continue
        tree = Wish(str(repository), datetime.now(UTC).date(), rev=f"{case['repo']}/{case['parent']}")
        yield from _measured("edge/tree", audited(tree), case, answering)
        if case.get("cr_introduced_by") and case.get("cr_introduced_by_parent"):
            base, head = (f"{case['repo']}/{case[key]}" for key in ("cr_introduced_by_parent", "cr_introduced_by"))
            pull = Wish(str(repository), tree.today, base=base, head=head)
            yield from _measured("edge/pull", reviewed(pull), case, answering)


def _is_open(case: Mapping[str, Any]) -> bool:
    """Whether the order was really missing (as the corpus's own program chooses its cases)."""
    is_edge = case["type"] == "edge_added" and case.get("class") == "a" and case.get("crd_missing_in_parent")
    return bool(is_edge and not case.get("crd_also_bootstrapped"))


def _measured(measure: str, question: Question, case: Mapping[str, Any], answering: Answerer) -> Iterator[Outcome]:
    examination = hold(examine(question), 10_000, answering, lambda _done, _asked: None)
    wanted = [one for one in examination.review.findings if _is_case(one, case)]
    if not wanted:
        return
    keys = {one.fingerprint for one in wanted}
    started = time.monotonic()
    conversation = with_fixes(question, examination, lambda finding: finding.fingerprint in keys)
    offer = hold(conversation, 10_000, answering, lambda _done, _asked: None)
    seconds = time.monotonic() - started
    found = [one for one in offer.examination.review.findings if one.fingerprint in keys]
    name = f"{case['repo']} {case['parent'][:7]} {case['dependent']} → {case['dependency']}"
    yield Outcome(measure, name, _has_edge(found, case), _reason(found), seconds)


def _is_case(finding: Finding, case: Mapping[str, Any]) -> bool:
    """Whether a finding demands the order: for this dependent, from this dependency or for the CRD's group."""
    if finding.rule not in _ORDER or finding.severity is Severity.NOTE or finding.about.name != case["dependent"]:
        return False
    group = case["evidence"].get("cr_api", "").rpartition("/")[0]
    needs = finding.needs.name if finding.needs else ""
    return needs == case["dependency"] or (finding.missing is not None and finding.missing.what.group == group != "")


def _has_edge(found: Sequence[Finding], case: Mapping[str, Any]) -> bool:
    edges = [edge for one in found if one.fix for edge in one.fix.edges]
    return any((tail.name, head.name) == (case["dependent"], case["dependency"]) for tail, head in edges)


def _reason(found: Sequence[Finding]) -> str:
    lacking = [one for one in found if one.fix is None]
    return lacking[0].advice.partition("No fix is offered: ")[2] or "no fix" if len(lacking) == len(found) else ""


if __name__ == "__main__":
    sys.exit(main())
