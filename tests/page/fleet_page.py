"""The page of a review: of a fleet with a change that breaks, forgets, adds and removes something."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

from bot.app.local import hold
from bot.engine import Question
from bot.model.config import Config
from bot.model.snapshot import Snapshot
from bot.offering import offered
from bot.render.answerer import LocalAnswerer
from bot.render.cache import AnswerCache
from bot.report.page import render_page
from bot.report.page_data import Heading, page_data
from bot.report.places import Places
from bot.view.viewing import viewed
from bot.wanted import is_new
from tests.example_tree import blob

FLEET: Final = Path(__file__).with_name("fleet")
SITE: Final = "https://github.com/example/fleet"
_HEAD: Final = "2b6f0cc904d137be2e1730235f5664094b831186"
_BASE: Final = "9fceb02d0ae598e95dc970b74767f19372d61af8"


def page(before: Path = FLEET / "base", after: Path = FLEET / "head") -> str:
    """The page of the change from one folder to another, as the App would show it."""
    head, base = _tree(after, _HEAD), _tree(before, _BASE)
    question = Question(head, base, Config(), date(2026, 1, 1))
    offer = hold(offered(question, is_new(question)), 100, LocalAnswerer(AnswerCache()), lambda _done, _asked: None)
    seen = offer.examination
    places = Places(SITE, _HEAD, head.files)
    return render_page(
        page_data(viewed(seen.review, seen.cases, seen.before), Heading("example/fleet", 42, places, _BASE))
    )


def _tree(folder: Path, label: str) -> Snapshot:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return Snapshot(label, {path.relative_to(folder).as_posix(): blob(path.read_text()) for path in paths})
