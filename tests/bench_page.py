"""How long the review page takes with 500 Kustomizations: its making, its first paint, its layout, and a choice."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page

from bot.model.review import Conclusion, Review
from bot.report.page import render_page
from bot.report.page_data import Heading, page_data
from bot.view.viewing import viewed
from tests.browser import browser
from tests.sketched_cluster import Sketch, cluster, played

KUSTOMIZATIONS: Final = 500
_WAVES: Final = (1, 2, 12, 45, 120, 200, 80, 40)
"""How many Kustomizations each wave has, the last one as many as are left."""


def paging(folder: Path, runs: int) -> Iterator[str]:
    """A line for each figure."""
    began = time.perf_counter()
    page = generated(KUSTOMIZATIONS)
    made = time.perf_counter() - began
    file = folder / "page.html"
    file.write_text(page)
    yield f"page of {KUSTOMIZATIONS} Kustomizations: made in {made:.2f} s, {len(page) / 1e6:.1f} MB"
    with browser() as opened:
        figures = [_looked_at(opened, file) for _ in range(runs)]
    names = ("first paint", "drawn", "layout", "a choice", "a search")
    for name, some in zip(names, zip(*figures, strict=True), strict=True):
        yield f"  {name:12} {statistics.median(some):5.0f} ms ({min(some):.0f} – {max(some):.0f})"


def generated(number: int) -> str:
    """A page of a fleet in which most wait for a few, some need what nothing orders, and one is stuck."""
    base, head = played(cluster(*_fleet(number - 5))), played(cluster(*_fleet(number)))
    review = Review(Conclusion.SUCCESS, (), (), base="base", head="head")
    view = viewed(review, {"clusters/main": head}, {"clusters/main": base})
    return render_page(page_data(view, Heading("fleet")))


def _fleet(number: int) -> Iterator[Sketch]:
    chance = random.Random(1)  # noqa: S311 - the same fleet each time
    above: Sequence[str] = ()
    names = iter(range(number))
    for wave, size in enumerate(_WAVES):
        here = [f"team-{at % 7}-service-{at}" for _, at in zip(range(size), names, strict=False)]
        for at, name in enumerate(here):
            after = tuple(sorted({chance.choice(above) for _ in range(chance.randint(0, 3))})) if wave > 1 else ()
            creator = (above[0],) if wave == 1 else ("team-1-service-1",) if wave else ()
            kind = "Thing" if wave in (2, 5) and at % 9 == 0 else ""
            stuck = kind and wave == 2
            yield Sketch(
                name,
                needs=(kind,) if kind else (),
                releases={f"{name}-release": ("Thing",) if stuck else ()},
                after=after,
                parents=creator,
            )
        above = here or above


def _looked_at(opened: Browser, file: Path) -> tuple[float, float, float, float, float]:
    page = opened.new_page(viewport={"width": 1440, "height": 900})
    page.goto(file.as_uri())
    page.wait_for_selector(".node")
    paint = float(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
    drawn = float(page.evaluate("performance.getEntriesByName('drawn')[0].startTime"))
    layout = float(page.evaluate("performance.getEntriesByName('layout')[0].duration"))
    choice = _until_painted(page, "document.querySelectorAll('.node')[250].click()")
    search = _until_painted(
        page,
        "{const box = document.querySelector('input[type=search]'); box.value = 'service-7'; "
        "box.dispatchEvent(new Event('input'));}",
    )
    page.close()
    return paint, drawn, layout, choice, search


def _until_painted(page: Page, act: str) -> float:
    """Milliseconds from an act to the end of the frame that shows it."""
    script = f"""new Promise(done => {{
        const began = performance.now();
        {act};
        requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
    }})"""
    return float(page.evaluate(script))
