"""How a GitHub App comes to be without a form to fill in: GitHub's manifest flow.

A page posts a manifest to GitHub, a person presses GitHub's own button, and
the browser comes back with a code, which is good once and for an hour; it is
exchanged for the App's credentials (docs, "Registering a GitHub App from a
manifest").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from bot.github.payload import number, word
from bot.github.transport import Transport
from bot.ports import BadQuestion, Permanent, Unreachable

DESCRIPTION: Final = (
    "Says on the line that causes it what Flux will never get ready, before the pull request is merged."
)
PERMISSIONS: Final[Mapping[str, str]] = {
    "metadata": "read",
    "contents": "read",
    "checks": "write",
    "pull_requests": "write",
    "issues": "read",
    "merge_queues": "read",
}
"""What the App asks for; app.yml says why each is needed, and a test holds the two together."""

EVENTS: Final = ("pull_request", "issue_comment", "check_run", "check_suite", "merge_group", "repository")
"""Those of installations come without asking."""

_CODE: Final = re.compile(r"[A-Za-z0-9_-]{1,200}")
_LOGIN: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})")
_LONGEST_NAME: Final = 34


@dataclass(frozen=True, slots=True)
class Wanted:
    """The App that is to be: its name, the address under which GitHub reaches it, and where the browser comes back."""

    name: str
    public_url: str
    back: str

    def __post_init__(self) -> None:
        if not 1 <= len(self.name) <= _LONGEST_NAME:
            raise BadQuestion(f"the name of an App has 1 to {_LONGEST_NAME} characters")

    def manifest(self) -> dict[str, object]:
        """The manifest, as GitHub takes it."""
        return {
            "name": self.name,
            "description": DESCRIPTION,
            "url": self.public_url,
            "hook_attributes": {"url": f"{self.public_url}/webhook", "active": True},
            "redirect_url": self.back,
            "public": False,
            "default_permissions": dict(PERMISSIONS),
            "default_events": list(EVENTS),
        }


@dataclass(frozen=True, slots=True)
class Registered:
    """An App that is there now. Its credentials are not in its ``repr``."""

    id: int
    slug: str
    url: str
    """Its page on GitHub; below it, ``/installations/new`` installs it."""
    private_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)


def form_url(github_url: str, organization: str, state: str) -> str:
    """Where the manifest is posted to: for a person, or for an organisation. BadQuestion for what is no name of one."""
    if organization and not _LOGIN.fullmatch(organization):
        raise BadQuestion("this is no name of an organisation on GitHub")
    owner = f"/organizations/{organization}" if organization else ""
    return f"{github_url}{owner}/settings/apps/new?{urlencode({'state': state})}"


async def registered(transport: Transport, code: str) -> Registered:
    """The App behind a code. Raise Permanent where GitHub does not know the code (any more), else Transient.

    The code is as good as the credentials, so no message and no cause holds it.
    """
    if not _CODE.fullmatch(code):
        raise Permanent("this is no code of GitHub's")
    try:
        said = await transport.post(f"/app-manifests/{code}/conversions", data=b"")
    except Permanent:
        raise Permanent("GitHub does not know the code: it is good once, and for an hour") from None
    try:
        return _taken(said)
    except ValueError as problem:
        raise Unreachable(f"GitHub's answer cannot be read: {problem}") from None


def _taken(said: object) -> Registered:
    return Registered(
        id=number(said, "id"),
        slug=word(said, "slug"),
        url=word(said, "html_url"),
        private_key=word(said, "pem"),
        webhook_secret=word(said, "webhook_secret"),
        client_id=word(said, "client_id"),
        client_secret=word(said, "client_secret"),
    )
