"""The review page as one file of HTML that asks nobody for anything: data, script and style stand in it.

Script and style are bundled from ``bot/page/`` when fluxbot is built. The policy lets those two run and nothing else,
so what a repository says stays data even if it got where it should not.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import Final, NamedTuple

from bot.model.field import Value
from bot.ports import BadQuestion
from bot.report.escape import embedded, html

FOLDER: Final = "built"
"""Beside this module; what is in it comes from ``node bot/page/build.mjs`` and is not committed."""


MOST_PACKED: Final = 4 * 1024 * 1024
"""Bytes of a page's data that are kept; 500 Kustomizations have about 50,000."""


class Bundle(NamedTuple):
    """What the page is made from besides its data."""

    script: str
    style: str
    licences: str

    @property
    def policy(self) -> str:
        """The content security policy, without what only a header can say."""
        script, style = _digest(self.script), _digest(self.style)
        return f"default-src 'none'; script-src '{script}'; style-src '{style}'; base-uri 'none'; form-action 'none'"


@lru_cache(maxsize=1)
def bundle() -> Bundle:
    """Raise BadQuestion where this copy of fluxbot was installed without them."""
    folder = files("bot.report") / FOLDER
    try:
        script, style, licences = (
            (folder / name).read_text(encoding="utf-8") for name in ("page.js", "page.css", "LICENSES.txt")
        )
    except FileNotFoundError as problem:
        raise BadQuestion("this copy of fluxbot was built without its page; `make setup` builds it") from problem
    return Bundle(script, style, licences)


def headers() -> dict[str, str]:
    """The headers with which a server sends the page: its address is a secret, and nobody keeps it."""
    return {
        "Content-Security-Policy": f"{bundle().policy}; frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }


def render_page(document: Mapping[str, Value]) -> str:
    """The page of a document of ``page_data``."""
    return page_of(embedded(dict(document)), f"{document['headline']} · {document['repository']}")


def packed(document: Mapping[str, Value]) -> bytes:
    """The data of a page, to be kept; empty where it is so large that nobody would want to wait for it."""
    small = zlib.compress(embedded(dict(document)).encode("ascii"), 6)
    return small if len(small) <= MOST_PACKED else b""


def unpacked(data: bytes) -> str:
    """The page of what was kept."""
    text = zlib.decompress(data).decode("ascii")
    document = json.loads(text)
    return page_of(text, f"{document['headline']} · {document['repository']}")


def page_of(data: str, title: str) -> str:
    """The page; ``data`` is what ``embedded`` made."""
    parts = bundle()
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{parts.policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{html(title)} · fluxbot</title>
<style>{parts.style}</style>
</head>
<body>
<noscript>This page draws a graph and needs JavaScript. The same as text: fluxbot review --format text</noscript>
<script type="application/json" id="data">{data}</script>
<script>{parts.script}</script>
<script type="text/plain" id="licences">
{parts.licences}</script>
</body>
</html>
"""


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}"
