"""What an organisation wants of all its repositories: the configuration in its repository `.github`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from bot.config import PLACES
from bot.github.client import Client
from bot.github.payload import found
from bot.model.task import Repository
from bot.ports import Permanent

HOME: Final = ".github"

_LASTS: Final = 300.0
"""Seconds for which an answer is believed, so that not every review asks."""
_MOST: Final = 1_000

_OBJECTS: Final = " ".join(
    f'p{number}: object(expression: "HEAD:{path}") {{ ... on Blob {{ text }} }}' for number, path in enumerate(PLACES)
)
_QUERY: Final = f"query($owner: String!, $name: String!) {{ repository(owner: $owner, name: $name) {{ {_OBJECTS} }} }}"

Defaults: TypeAlias = tuple[str, bytes] | None
"""What the file is called in messages, and its content; None where there is none."""


class OrganisationDefaults:
    """Asks with a token that reads that repository alone. Where the installation does not cover it there is none."""

    def __init__(self, client: Client, clock: Callable[[], float]) -> None:
        self._client = client
        self._clock = clock
        self._known: dict[tuple[int, str], tuple[float, Defaults]] = {}

    async def __call__(self, repository: Repository) -> Defaults:
        """The organisation's configuration for a repository. Raise Transient."""
        if repository.name == HOME:
            return None
        key = (repository.installation, repository.owner)
        until, said = self._known.get(key, (0.0, None))
        if until > self._clock():
            return said
        said = await self._asked(Repository(repository.installation, 0, repository.owner, HOME))
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[key] = (self._clock() + _LASTS, said)
        return said

    async def _asked(self, home: Repository) -> Defaults:
        try:
            data = await self._client.query(home, _QUERY)
        except Permanent:
            return None
        for number, path in enumerate(PLACES):
            text = found(data, "repository", f"p{number}", "text")
            if isinstance(text, str):
                return f"{home}: {path}", text.encode()
        return None
