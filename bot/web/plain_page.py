"""Pages of a few words, in HTML without a script."""

from __future__ import annotations

import base64
from hashlib import sha256
from typing import Final

from bot.report.escape import html

_STYLE: Final = (
    ":root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}"
    "body{margin:0 auto;max-width:42rem;padding:2rem 1rem}"
    "button{font:inherit;padding:.5rem 1rem;cursor:pointer}"
    "input{font:inherit;padding:.4rem}"
    "code,td,th{overflow-wrap:anywhere}"
    "table{border-collapse:collapse}"
    "th,td{text-align:left;padding:.2rem 1rem .2rem 0;vertical-align:top}"
)
_DIGEST: Final = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()


def headers(form_action: str = "'none'") -> dict[str, str]:
    """The headers of every such page: no script, nothing from elsewhere, and forms only to ``form_action``."""
    policy = (
        f"default-src 'none'; style-src 'sha256-{_DIGEST}'; form-action {form_action}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",  # the addresses hold tokens
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }


def words_page(title: str, words: str) -> str:
    """A page of one paragraph."""
    return plain_page(title, f"<p>{html(words)}</p>")


def plain_page(title: str, body: str) -> str:
    """A page around ``body``, which is HTML; ``title`` is ours."""
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · fluxbot</title>
<style>{_STYLE}</style>
<main>
<h1>{title}</h1>
{body}
</main>
</html>
"""
