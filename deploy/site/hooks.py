"""What the site has beyond the files of docs/: pages of the root, every rule in the navigation, and Mermaid."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[2]
MERMAID = ROOT / "deploy" / "site" / "node_modules" / "mermaid"
FROM_ROOT = {"contributing.md": "CONTRIBUTING.md", "changelog.md": "CHANGELOG.md"}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Complete the navigation: rules, pages of the root, and pages of docs/ that have no place in it yet."""
    docs = Path(config.docs_dir)
    nav: list[Any] = config.nav or []
    rules = sorted(path.name for path in (docs / "rules").glob("*.md") if path.name != "index.md")
    named = set(re.findall(r"[\w-]+\.md", str(nav)))
    others = sorted(path.name for path in docs.glob("*.md") if path.name not in named)
    running = next(part["Running it"] for part in nav if "Running it" in part)
    running.extend(others)
    nav.append({"Contributing": ["contributing.md", "changelog.md"]})
    nav.append({"Rules": ["rules/index.md", *({name.removesuffix(".md"): f"rules/{name}"} for name in rules)]})
    config.nav = nav
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of the root, and Mermaid with its licence."""
    for name, source in FROM_ROOT.items():
        text = (ROOT / source).read_text()
        files.append(File.generated(config, name, content=text.replace("](docs/", "](")))
    for name, source in (("mermaid.min.js", "dist/mermaid.min.js"), ("mermaid.LICENSE.txt", "LICENSE")):
        files.append(File.generated(config, f"assets/{name}", abs_src_path=str(MERMAID / source)))
    return files
