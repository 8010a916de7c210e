"""The pages of the setup, in HTML without a script; everything from outside is escaped."""

from __future__ import annotations

import json
from collections.abc import Iterable
from urllib.parse import urlsplit

from bot.github.registering import EVENTS, PERMISSIONS, Registered, Wanted, form_url
from bot.report.escape import html
from bot.web import plain_page


def headers(github_url: str) -> dict[str, str]:
    """The headers of every page: no script, nothing from elsewhere, forms to this server and to GitHub alone."""
    parts = urlsplit(github_url)
    return plain_page.headers(f"'self' {parts.scheme}://{parts.netloc}")


def form_page(wanted: Wanted, github_url: str, organization: str, token: str, state: str) -> str:
    """The page with the button. BadQuestion for an organisation that has no name of one."""
    action = html(form_url(github_url, organization, state))
    owner = html(f"the organisation {organization}" if organization else "your own account")
    manifest = html(json.dumps(wanted.manifest()))
    rows = "".join(f"<tr><th scope=row>{name}</th><td>{level}</td></tr>" for name, level in PERMISSIONS.items())
    return plain_page.plain_page(
        "Create the GitHub App",
        f"""
<p>One press of the button takes you to GitHub with everything filled in. There you may choose another name, and
confirm. GitHub sends you back here, and fluxbot keeps the credentials.</p>
<p>The App will belong to <strong>{owner}</strong>, and GitHub will send its webhooks to
<code>{html(wanted.public_url)}/webhook</code>.</p>
<form method="post" action="{action}">
<input type="hidden" name="manifest" value="{manifest}">
<button>Create the App on {html(urlsplit(github_url).netloc)}</button>
</form>
<h2>For an organisation</h2>
<form method="get" action="/setup">
<input type="hidden" name="token" value="{html(token)}">
<label>Its name <input name="organization" value="{html(organization)}"></label>
<button>Create it there</button>
</form>
<h2>What it may do</h2>
<table>{rows}</table>
<p>It is told of {", ".join(EVENTS)}. It is for the repositories of its owner only.</p>
""",
    )


def done_page(app: Registered, lines: Iterable[str]) -> str:
    """The page after all is done."""
    told = "".join(f"<p>{html(line)}</p>" for line in lines)
    return plain_page.plain_page(
        "The App is there",
        f"""
<p><strong>{html(app.slug)}</strong>, number {app.id}.</p>
{told}
<p>One step is left: <a href="{html(app.url)}/installations/new">install it</a> on the repositories that Flux
reads. Open pull requests are reviewed at once.</p>
""",
    )


def problem_page(words: str) -> str:
    """A page that says why it does not go on."""
    return plain_page.words_page("This did not work", words)
