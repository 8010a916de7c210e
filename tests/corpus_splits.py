"""Splits on real repositories: ``python -m tests.corpus_splits [DIFFS]`` (a part of ``make corpus``).

Reviews the pull requests that put custom resources beside what brings their
CRD, and that maintainers split later. For each that fluxbot finds: whether
there is a proven split, only steps, or nothing, and how long that took. The
changes are written to the file ``DIFFS``.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.app.local import Wish, hold, reviewed
from bot.bootstrap import answerer
from bot.engine import examine
from bot.fixes.patch import diff
from bot.fixing import with_fixes
from bot.model.finding import Finding, Severity
from bot.model.fix import FixKind, Safety
from bot.ports import Answerer
from tests.corpus import Corpus, corpus

_SPLIT = frozenset({"crd-in-same-kustomization", "crd-made-by-controller", "crd-bump-with-instances"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one case: ``how`` is the safety of its split, or why there is none."""

    name: str
    how: str
    seconds: float
    patch: str

    @property
    def is_proven(self) -> bool:
        return self.how == Safety.SAFE


def main(diffs: str | None = None) -> int:
    """Print the share of proven splits and the median of the times."""
    here = corpus()
    if not here.is_there:
        print(f"there is no corpus in {here.folder}; FLUXBOT_CORPUS names its folder", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="fluxbot-corpus-") as folder:
        answering = answerer(cached=True, jobs=2, folder=Path(folder) / "answers")
        found = list(told(measured(here, here.cloned(Path(folder)), answering)))
    proven, staged = (sum(one.how == safety for one in found) for safety in (Safety.SAFE, Safety.STAGED))
    share = 100 * proven / max(len(found), 1)
    median = statistics.median(one.seconds for one in found) if found else 0.0
    print(f"split/pull: {len(found)} found, {proven} proven ({share:.0f} %), {staged} in steps;", end=" ")
    print(f"proofs take {median:.1f} s in the median")
    if diffs:
        Path(diffs).write_text("\n".join(f"# {one.name}\n{one.patch}" for one in found if one.patch))
    return 0


def told(outcomes: Iterator[Outcome]) -> Iterator[Outcome]:
    for one in outcomes:
        print(f"split/pull {one.seconds:5.1f} s {one.name}: {one.how}", flush=True)
        yield one


def measured(here: Corpus, repository: Path, answering: Answerer) -> Iterator[Outcome]:
    """Every case that fluxbot finds, with what became of it."""
    for case in json.loads((here.folder / "incidents.json").read_text()):
        if case["type"] == "split" and case.get("introduced_by") and case.get("introduced_by_parent"):
            yield from _measured(repository, case, answering)


def _measured(repository: Path, case: Mapping[str, Any], answering: Answerer) -> Iterator[Outcome]:
    base, head = (f"{case['repo']}/{case[key]}" for key in ("introduced_by_parent", "introduced_by"))
    question = reviewed(Wish(str(repository), datetime.now(UTC).date(), base=base, head=head))
    examination = hold(examine(question), 10_000, answering, lambda _done, _asked: None)
    wanted = {one.fingerprint for one in examination.review.findings if _is_case(one, case)}
    if not wanted:
        return
    started = time.monotonic()
    conversation = with_fixes(question, examination, lambda finding: finding.fingerprint in wanted)
    offer = hold(conversation, 10_000, answering, lambda _done, _asked: None)
    seconds = time.monotonic() - started
    found = [one for one in offer.examination.review.findings if one.fingerprint in wanted]
    name = f"{case['repo']} {case['introduced_by'][:7]} {case['new_ks']}"
    yield Outcome(name, _how(found), seconds, diff(question.head, offer.whole))


def _is_case(finding: Finding, case: Mapping[str, Any]) -> bool:
    """Whether a finding demands the split: one of the kinds that the maintainer moved out."""
    kinds = {one.partition("/")[0] for one in case["custom_resources"]}
    is_split = finding.rule in _SPLIT and finding.severity is not Severity.NOTE
    return is_split and finding.missing is not None and str(finding.missing.what) in kinds


def _how(found: list[Finding]) -> str:
    fixes = [one.fix for one in found if one.fix and one.fix.kind is FixKind.SPLIT]
    if len(fixes) == len(found):
        return min((fix.safety for fix in fixes), key=lambda safety: safety is Safety.SAFE)
    lacking = next(one for one in found if not one.fix)
    return lacking.advice.partition("No fix is offered: ")[2] or "no fix"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
