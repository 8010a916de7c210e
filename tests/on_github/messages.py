"""Each kind of message that fluxbot writes on GitHub, made from small trees: what people read, without GitHub."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Final

from bot.app.apply_fix import NOT_OWN
from bot.app.asked import Accept, Change, Explain, Impact, Judge, Mend, Order, Tools
from bot.app.judge import unjudged
from bot.app.remarks import said_of_gone
from bot.app.verdict import answered
from bot.command import Verb
from bot.github.publish import MOVED
from bot.model.config import Accepted
from bot.model.publication import Acceptable, Mended, Publication
from bot.model.snapshot import Blob, Snapshot
from bot.render.answerer import LocalAnswerer
from bot.render.cache import AnswerCache
from bot.report.mending import MOVED as FIX_MOVED
from bot.report.mending import committed_markdown, nothing_markdown, patch_markdown
from bot.report.notice import WELL
from bot.review.replies import NO_REASON, RECHECKED, REFUSED, TOO_MANY, help_about
from tests.github.flux_repository import BROKEN, FILES, FIXED, INFRA, ISSUER

GOLDENS: Final = Path(__file__).parent / "goldens"
TODAY: Final = date(2026, 11, 26)
HEAD: Final = "5f2c0de9a1b34c7d8e6f90123456789abcdef012"
SITE: Final = "https://github.com/acme/fleet"

CYCLE: Final = {
    "clusters/production/infra.yaml": INFRA.replace("prune: true", "prune: true, dependsOn: [{name: issuers}]")
}
WAITING: Final = {"clusters/production/infra.yaml": INFRA.replace("prune: true", "prune: true, wait: true")}
CONFIG: Final = 'version: 1\nrules: {crd-in-same-kustomization: "off"}\ncoment: never\n'

Files = Mapping[str, object]
_ANSWERER: Final = LocalAnswerer(AnswerCache(), jobs=2)


def _tree(label: str, *changes: Files) -> Snapshot:
    files: dict[str, object] = {}
    for change in changes:
        files |= change
    blobs = {path: text.encode() for path, text in files.items() if isinstance(text, str)}
    return Snapshot(
        label, {path: Blob(hashlib.sha256(data).hexdigest(), len(data), data) for path, data in blobs.items()}
    )


def _tools(base: tuple[Files, ...], head: tuple[Files, ...]) -> Tools:
    trees = {"base": _tree("base", *base), HEAD: _tree(HEAD, *head)}
    return Tools(lambda _folder: _ANSWERER, lambda _folder, commit: trees[commit])


BREAKING: Final = _tools((FILES,), (FILES, BROKEN))
FIXING: Final = _tools((FILES,), (FILES, FIXED))
CIRCULAR: Final = _tools((FILES, FIXED), (FILES, FIXED, CYCLE))
UNORDERED: Final = _tools(
    (FILES, WAITING),
    (
        FILES,
        WAITING,
        {"clusters/production/issuers.yaml": INFRA.replace("infra", "issuers"), "issuers/ca.yaml": ISSUER},
    ),
)
IDLE: Final = _tools((FILES,), (FILES, {"README.md": "# our fleet\n"}))
CONFIGURING: Final = _tools((FILES,), (FILES, BROKEN, {".fluxbot.yaml": CONFIG}))


def _change(accepted: tuple[Accepted, ...] = ()) -> Change:
    return Change("", "base", HEAD, TODAY, accepted=accepted, site=SITE)


def _judged(tools: Tools, accepted: tuple[Accepted, ...] = ()) -> Publication:
    said = answered(Judge(_change(accepted)), tools)
    assert isinstance(said, Publication)
    return said


def _run(tools: Tools, accepted: tuple[Accepted, ...] = ()) -> str:
    return _shown(_judged(tools, accepted))


def _shown(said: Publication) -> str:
    return f"{said.ending.value}: {said.title}\n\n{said.summary}"


def _ignored() -> str:
    finding = _judged(BREAKING).remarks[0].keys[0]
    said = answered(Accept(_change(), finding[:6], "installed by hand since 2019"), BREAKING)
    assert isinstance(said, Acceptable)
    return said.text


def _ignoring() -> str:
    finding = _judged(BREAKING).remarks[0].keys[0]
    return _run(BREAKING, (Accepted(finding, "installed by hand since 2019", "octocat", TODAY),))


def _mended(tools: Tools) -> Mended:
    said = answered(Mend(_change()), tools)
    assert isinstance(said, Mended)
    return said


def _suggested() -> str:
    suggested = _judged(UNORDERED).remarks[0].suggested
    assert suggested is not None
    return suggested.body


MESSAGES: Final[Mapping[str, tuple[str, Callable[[], object]]]] = {
    "check-run-that-fails": ("The check run of a pull request that breaks something", lambda: _run(BREAKING)),
    "comment-on-a-line": (
        "The comment on the line that causes it, when it is new",
        lambda: _judged(BREAKING).remarks[0].body,
    ),
    "comment-on-a-line-with-a-suggestion": (
        "The comment where the fix changes nothing but lines of the diff: GitHub offers to commit it",
        _suggested,
    ),
    "comment-below": ("The comment below the pull request, one for all", lambda: _judged(BREAKING).comment),
    "comment-below-with-a-cycle": (
        "The same for a cycle: the picture shows which edge is new",
        lambda: _judged(CIRCULAR).comment,
    ),
    "check-run-that-passes": ("The check run after the next push, which repairs it", lambda: _run(FIXING)),
    "comment-on-a-line-that-is-gone": (
        "The comment on the line after that, where its thread cannot be resolved",
        lambda: said_of_gone(f"<!-- fluxbot:finding -->\n{_judged(BREAKING).remarks[0].body}"),
    ),
    "comment-below-when-well": ("The comment below the pull request after that", lambda: WELL),
    "check-run-of-what-reaches-nothing": ("The check run where nothing relevant changes", lambda: _run(IDLE)),
    "check-run-with-an-ignored-finding": ("The check run when somebody ignored the finding", _ignoring),
    "check-run-of-a-new-configuration": (
        "The check run when the pull request edits `.fluxbot.yaml`",
        lambda: _run(CONFIGURING),
    ),
    "check-run-not-judged": (
        "The check run of what could not be judged",
        lambda: _shown(unjudged("the repository holds too many files: the limit is 3")),
    ),
    "check-run-overtaken": ("The check run of a commit that was overtaken", lambda: _shown(MOVED)),
    "explain-an-object": ("`/fluxbot explain infra`", lambda: answered(Explain(_change(), "infra"), BREAKING)),
    "explain-two-objects": (
        "`/fluxbot explain issuers HelmRelease/cert-manager`",
        lambda: answered(Explain(_change(), "issuers", "HelmRelease/cert-manager"), FIXING),
    ),
    "order": ("`/fluxbot order`", lambda: answered(Order(_change()), FIXING)),
    "impact": ("`/fluxbot impact infra`", lambda: answered(Impact(_change(), "infra"), FIXING)),
    "ignore": ("`/fluxbot ignore ID installed by hand since 2019`", _ignored),
    "ignore-without-a-reason": ("`/fluxbot ignore ID`", lambda: NO_REASON),
    "fix": ("`/fluxbot fix`, or the button of the check run", lambda: committed_markdown(_mended(UNORDERED), HEAD)),
    "fix-of-a-fork": (
        "The same where the branch lies in a fork; where the App may not write it says so",
        lambda: patch_markdown(_mended(BREAKING), NOT_OWN),
    ),
    "fix-of-a-branch-that-moved": ("The same where somebody pushed meanwhile", lambda: FIX_MOVED),
    "fix-that-there-is-not": ("The same where nothing has a proven fix", lambda: nothing_markdown(_mended(CIRCULAR))),
    "recheck": ("`/fluxbot recheck`", lambda: RECHECKED),
    "refused": ("The same by somebody who may only read", lambda: REFUSED),
    "too-many": ("The eleventh question of one person in ten minutes", lambda: TOO_MANY),
    "help": ("`/fluxbot explian`", lambda: help_about("explian", [verb.value for verb in Verb])),
}
"""What each message is an answer to, and how it is made; the golden is named by the key."""


def message(name: str) -> str:
    """The Markdown of one message, ending in a newline."""
    return f"{str(MESSAGES[name][1]()).rstrip()}\n"
