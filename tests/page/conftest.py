"""The review page in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import CHROMIUM, browser
from tests.page.fleet_page import page as fleet_page


@pytest.fixture(scope="session")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page as one file."""
    path = tmp_path_factory.mktemp("page") / "review.html"
    path.write_text(fleet_page())
    return path


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One for each module: as long as it is driven an event loop runs, and no other test here may have one."""
    if not CHROMIUM:
        pytest.skip("Chromium is not installed, so nobody looked at the page: apt-get install chromium")
    with browser() as opened:
        yield opened


@pytest.fixture
def page(chromium: Browser, file: Path) -> Iterator[Page]:
    """The page on a desk, just opened. It asks nobody for anything, and says nothing on the console."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    opened = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.goto(file.as_uri())
    yield opened
    context.close()
    assert [url for url in asked if not url.startswith("file:")] == []
    assert said == []
