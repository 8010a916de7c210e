"""The cases of the rules: tiny repositories, and what fluxbot says of them.

``README.md`` beside this file says how a case is laid out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Final

from bot.app.local import drive, hold
from bot.config import find_config, read_config
from bot.engine import Examination, Question
from bot.git.disk import folder
from bot.model.config import Config
from bot.model.limits import Limits
from bot.model.review import Review
from bot.model.snapshot import Blob, Snapshot
from bot.offering import offered
from bot.ports import Answerer
from bot.report.markdown import render_markdown
from bot.rules import RULES
from bot.wanted import is_new

ROOM: Final = Path(__file__).parent
TODAY: Final = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class RuleCase:
    """One folder ``<rule>/<name>``."""

    rule: str
    name: str

    @property
    def folder(self) -> Path:
        return ROOM / self.rule / self.name

    @property
    def golden(self) -> Path:
        return self.folder / "review.md"

    @property
    def fixed(self) -> Path:
        """The files that the fixes of the rule's findings change, as they are then; there where it has a fix."""
        return self.folder / "fixed"

    @property
    def speaks(self) -> bool:
        """Whether the rule is meant to speak here."""
        return not self.name.startswith("ok-")

    @property
    def allowed(self) -> frozenset[str]:
        """Other rules that may warn here all the same."""
        file = self.folder / "allows.txt"
        return frozenset(file.read_text().split()) if file.exists() else frozenset()

    @property
    def limits(self) -> Limits:
        """Those of ``limits.json``, for cases that would be huge with the usual ones."""
        file = self.folder / "limits.json"
        return Limits(**json.loads(file.read_text())) if file.exists() else Limits()

    @property
    def head(self) -> Snapshot:
        return folder(self.folder / "head", self.limits)

    @property
    def base(self) -> Snapshot | None:
        """The tree before the change; None makes an audit of the head."""
        place = self.folder / "base"
        return folder(place, self.limits) if place.exists() else None

    def __str__(self) -> str:
        return f"{self.rule}/{self.name}"


def cases() -> tuple[RuleCase, ...]:
    """All cases, by rule and name."""
    found = sorted(place.parent for place in ROOM.glob("*/*/head"))
    return tuple(RuleCase(place.parent.name, place.name) for place in found)


def examined(case: RuleCase, answering: Answerer) -> Examination:
    """What fluxbot finds in a case, as ``fluxbot review`` (with a base) or ``fluxbot audit`` would."""
    return compared(case.head, case.base, answering)


def reviewed(case: RuleCase, answering: Answerer) -> Review:
    """What ``fluxbot review`` or ``fluxbot audit`` says of a case, the fixes among it."""
    question = asked(case.head, case.base)
    conversation = offered(question, is_new(question))
    return hold(conversation, question.head.limits.builds, answering, lambda _done, _asked: None).examination.review


def compared(head: Snapshot, base: Snapshot | None, answering: Answerer) -> Examination:
    return drive(asked(head, base), answering, lambda _done, _asked: None)


def asked(head: Snapshot, base: Snapshot | None) -> Question:
    """The question of a review, or without a base of an audit."""
    return Question(head, base, _config(base or head), TODAY)


def _config(snapshot: Snapshot) -> Config:
    found = find_config(snapshot)
    return read_config(*found, rules={rule.id for rule in RULES}, today=TODAY) if found else Config()


def shown(review: Review) -> str:
    """The golden: a line for each finding, then the Markdown that the user gets."""
    lines = [f"{f.at} {f.severity} {f.rule} [{', '.join(f.when)}]\n" for f in review.findings]
    return "".join((*lines, "\n" if lines else "", render_markdown(review)))


def rewritten(snapshot: Snapshot, texts: Mapping[str, str]) -> Snapshot:
    """The snapshot with other texts in some of its files."""
    blobs = {
        path: Blob(sha256(text.encode()).hexdigest(), len(text.encode()), text.encode()) for path, text in texts.items()
    }
    return replace(snapshot, files={**snapshot.files, **blobs})


def texts(snapshot: Snapshot) -> dict[str, str]:
    """All files as text."""
    return {path: (blob.data or b"").decode() for path, blob in snapshot.files.items()}
