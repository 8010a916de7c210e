"""The site of the docs: it is made without a warning and without a network, and asks nobody else for anything."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from bot.rules import RULES
from tests.site import ROOT, build


def no_network() -> tuple[str, ...]:
    """What takes the network away from a command; nothing where this machine does not allow it."""
    alone = ("unshare", "--net", "--map-root-user")
    allowed = (
        shutil.which("unshare") and not subprocess.run([*alone, "true"], check=False, capture_output=True).returncode
    )
    return alone if allowed else ()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = build(folder, *no_network())
    assert done.returncode == 0, done.stdout
    assert [line for line in done.stdout.splitlines() if not line.startswith("INFO ")] == []
    return folder


def test_every_page_of_the_docs_and_every_rule_is_in_the_site_and_in_its_navigation(site: Path) -> None:
    wanted = {path.with_suffix(".html").name for path in (ROOT / "docs").glob("*.md")}
    rules = {f"rules/{rule.id}.html" for rule in RULES}
    start = (site / "index.html").read_text()

    assert [page for page in sorted({*wanted, *rules}) if not (site / page).exists()] == []
    assert [page for page in sorted({*wanted, *rules, "contributing.html"}) if f'href="{page}"' not in start] == []


def test_no_page_asks_another_host_for_anything(site: Path) -> None:
    asking = re.compile(
        r"<(?:script|link|img|iframe|source|audio|video)\b[^>]*?(?:src|href)=\"?((?:https?:)?//[^\" >]+)"
    )
    imported = re.compile(r"url\(\"?((?:https?:)?//[^)\"]+)|@import \"((?:https?:)?//[^\"]+)")

    found = {
        f"{path.relative_to(site)}: {one}"
        for path in site.rglob("*")
        if path.suffix in (".html", ".css")
        for one in (asking if path.suffix == ".html" else imported).findall(path.read_text())
    }
    assert found == set()


def test_diagrams_are_drawn_by_what_the_site_itself_brings(site: Path) -> None:
    page = (site / "how-flux-orders.html").read_text()

    assert page.count('<pre class="mermaid">') == 2
    assert 'src="assets/mermaid.min.js"' in page
    assert (site / "assets" / "mermaid.min.js").stat().st_size > 1_000_000
    assert "MIT" in (site / "assets" / "mermaid.LICENSE.txt").read_text()


def said_by_mermaid(diagrams: list[str]) -> list[str]:
    """What Mermaid's grammar finds wrong, a line for each diagram that it refuses."""
    node = Path(sys.executable).with_name("node")
    done = subprocess.run(
        [node, ROOT / "tests" / "diagrams.mjs", ROOT / "deploy" / "site" / "node_modules"],
        input=json.dumps(diagrams), check=True, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    return done.stdout.splitlines()


def test_mermaid_can_read_every_diagram_of_the_docs() -> None:
    texts = [path.read_text() for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))]
    tokens = [token for text in texts for token in MarkdownIt().parse(text) if token.type == "fence"]
    diagrams = [token.content for token in tokens if token.info.strip() == "mermaid"]

    assert len(diagrams) >= 4
    assert said_by_mermaid(diagrams) == []
    assert len(said_by_mermaid(["flowchart LR\n  a -->|no end b"])) == 1


def test_the_picture_of_a_review_is_on_the_first_page(site: Path) -> None:
    assert 'src="pictures/review.svg"' in (site / "index.html").read_text()
    assert (site / "pictures" / "review.svg").exists()
