"""What GitHub says of its own deliveries, and of what belongs to the App: the port Missing over one client."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.github.client import Client
from bot.github.payload import found, number, word
from bot.github.reading import usable
from bot.model.missed import Held, Missed
from bot.model.task import Repository
from bot.ports import NotFound

_GUID: Final = re.compile(r"[A-Za-z0-9-]{1,100}")
_EVENT: Final = re.compile(r"[a-z_]{1,60}")
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")
_MOST_PAGES: Final = 200


class OwnMissing:
    """Asks in the name of the App, and for the list of repositories in that of the installation."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def failed(self, since: datetime) -> Sequence[Missed]:
        """The deliveries that failed since then, the oldest first; one for each event."""
        found_ones: dict[str, Missed] = {}
        # GitHub tells the newest first, and has no word for "since".
        async for said in self._client.of_app("/app/hook/deliveries?per_page=100&status=failure", _MOST_PAGES):
            with usable():
                missed = _missed(said)
            if missed is None:
                continue
            if missed.at < since:
                break
            found_ones[missed.guid] = missed
        return sorted(found_ones.values(), key=lambda missed: (missed.at, missed.number))

    async def payload(self, missed: Missed) -> object:
        """What was to be delivered; None where GitHub keeps it no more."""
        try:
            said = await self._client.once_of_app("/app/hook/deliveries/{delivery}", delivery=missed.number)
        except NotFound:
            return None
        return found(said, "request", "payload")

    async def installations(self) -> Sequence[int]:
        """The installations of the App that are not suspended."""
        ours = [said async for said in self._client.of_app("/app/installations?per_page=100", _MOST_PAGES)]
        with usable():
            return [number(said, "id") for said in ours if found(said, "suspended_at") is None]

    async def repositories(self, installation: int) -> Sequence[Held]:
        """The repositories that can have pull requests: GitHub counts those among the open issues."""
        whole = Repository(installation, 0, "", "")
        said = await self._client.listed(whole, "/installation/repositories?per_page=100", "repositories")
        with usable():
            return [held for held in (_held(installation, each) for each in said) if held is not None]

    def scarce(self, installation: int) -> float | None:
        """Until when to spend nothing on what nobody asked for, as a Unix time; None where there is plenty."""
        return self._client.scarce(installation)


def _missed(said: object) -> Missed | None:
    """A failed delivery; None for one that did not fail, or whose name is none that GitHub gives."""
    status = found(said, "status_code")
    guid, event = word(said, "guid"), word(said, "event")
    if (isinstance(status, int) and 200 <= status < 300) or not (_GUID.fullmatch(guid) and _EVENT.fullmatch(event)):  # noqa: PLR2004 - success in HTTP
        return None
    return Missed(number(said, "id"), guid, event, datetime.fromisoformat(word(said, "delivered_at")))


def _held(installation: int, said: object) -> Held | None:
    owner, name = word(said, "owner", "login"), word(said, "name")
    if found(said, "archived") is True or found(said, "disabled") is True:
        return None  # nobody may write there, not even a check run
    if not (_NAME.fullmatch(owner) and _NAME.fullmatch(name)) or name in (".", ".."):
        return None
    # Of a repository without issues nobody promises what that number counts.
    is_quiet = found(said, "open_issues_count") == 0 and found(said, "has_issues") is True
    return Held(Repository(installation, number(said, "id"), owner, name), is_busy=not is_quiet)
