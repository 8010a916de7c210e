"""What a change of `.fluxbot.yaml` would do: the same change judged by the file that it brings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from bot.app.local import drive
from bot.config import find_config
from bot.engine import Examination, Question
from bot.model.config import Config
from bot.model.finding import Finding
from bot.model.quote import code
from bot.model.review import Conclusion, Review
from bot.ports import Answerer
from bot.report.escape import prose

MOST_NAMED: Final = 10


def reconfigured(question: Question, examination: Examination, after: Config, answering: Answerer) -> str:
    """Markdown about how the new configuration would judge; empty where the change brings none.

    Builds are known from the review itself, so this costs little.
    """
    base = find_config(question.base) if question.base else None
    head = find_config(question.head)
    if base == head:
        return ""
    if head is None:
        head = (base[0] if base else "", None)
    again = drive(replace(question, config=after), answering, lambda _done, _asked: None)
    lines = [*_problems(after), *_differences(examination.review, again.review)]
    told = f"This change edits {code(head[0])}; it is judged by the file as it was. By the new one:"
    return "\n".join((told, "", *(lines or ["- nothing would be different"])))


def _problems(after: Config) -> Iterator[str]:
    for problem in after.problems[:MOST_NAMED]:
        yield f"- {code(f'{problem.path}:{problem.line}')}: {prose(problem.message)}"
    if len(after.problems) > MOST_NAMED:
        yield f"- and {len(after.problems) - MOST_NAMED:,} more mistakes"


def _differences(now: Review, then: Review) -> Iterator[str]:
    if now.conclusion is not then.conclusion:
        verb = "fail" if then.conclusion is Conclusion.FAILURE else "pass"
        yield f"- the check would {verb}"
    old, new = _said(now.findings), _said(then.findings)
    yield from _named("no longer said", [old[key] for key in old if key not in new])
    yield from _named("said as well", [new[key] for key in new if key not in old])
    changed = [new[key] for key in new if key in old and old[key].severity is not new[key].severity]
    for finding in changed[:MOST_NAMED]:
        yield f"- {code(finding.id)} ({code(finding.rule)}) would be a {finding.severity.value}"


def _said(findings: Iterable[Finding]) -> dict[str, Finding]:
    return {finding.fingerprint: finding for finding in findings if finding.ignored is None}


def _named(word: str, findings: list[Finding]) -> Iterator[str]:
    for finding in findings[:MOST_NAMED]:
        yield f"- {word}: {code(finding.rule)} at {code(finding.at)} ({code(finding.id)})"
    if len(findings) > MOST_NAMED:
        yield f"- {word}: {len(findings) - MOST_NAMED:,} more"
