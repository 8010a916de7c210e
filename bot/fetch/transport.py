"""GET through the fence, redirects followed and each of them checked like the first address."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from bot import __version__
from bot.fetch.budget import Budget
from bot.fetch.connection import Answered, Spending, exchange
from bot.fetch.credentials import HostCredentials
from bot.fetch.fence import Fence, Network, Place, placed, seen_from
from bot.fetch.limits import FetchLimits
from bot.fetch.refusal import Refusal
from bot.model.quote import code

_REDIRECTS: Final = frozenset(
    {
        HTTPStatus.MOVED_PERMANENTLY,
        HTTPStatus.FOUND,
        HTTPStatus.SEE_OTHER,
        HTTPStatus.TEMPORARY_REDIRECT,
        HTTPStatus.PERMANENT_REDIRECT,
    }
)
_ALWAYS: Final = {"User-Agent": f"fluxbot/{__version__}", "Accept-Encoding": "identity", "Connection": "close"}


class Transport:
    """All requests of one review go through one of these."""

    def __init__(
        self, fence: Fence, network: Network, credentials: HostCredentials, limits: FetchLimits | None = None
    ) -> None:
        self.limits = limits or FetchLimits()
        self._fence = fence
        self._network = network
        self._credentials = credentials
        self.budget = Budget(self.limits)

    def basic(self, url: str) -> str | None:
        """The operator's Authorization for the host of a URL, if there is one."""
        place = placed(url)
        return self._credentials.of(place.host, place.port)

    def get(
        self, url: str, most: int, headers: Mapping[str, str] | None = None, authorization: str | None = None
    ) -> Answered:
        """The answer, whatever its status, with a body of up to ``most`` bytes. Raise Refusal.

        ``authorization`` goes to the host and port of ``url`` only, not to where it redirects.
        """
        end = self.budget.begin()  # before the name is looked up, which may take its time as well
        place, addresses = self._fence.admit(url)
        trusted = place[:3]
        for _ in range(self.limits.redirects + 1):
            told = {**_ALWAYS, **(headers or {})}
            if authorization:
                told["Authorization"] = authorization
            spending = Spending(self.limits, self.budget, end)
            answered = exchange(place, addresses, told, most, (self._network, spending))
            target = answered.headers.get("Location")
            if answered.status not in _REDIRECTS or target is None:
                return answered
            url = seen_from(url, target)
            end = self.budget.begin()
            place, addresses = self._fence.admit(url, came_from=_secure(place, url))
            authorization = authorization if place[:3] == trusted else None
        raise Refusal(f"{code(place.host)} redirects more than {self.limits.redirects} times")


def _secure(place: Place, url: str) -> Place:
    if place.scheme == "https" and placed(url).scheme != "https":
        raise Refusal(f"{code(place.host)} redirects away from https")
    return place
