"""Answers the engine's questions, those for charts of other places among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from bot.fetch.fetcher import Fetcher
from bot.model.ask import Answers, Ask, Fetch, Refused, Reply
from bot.model.pushed import Pushed
from bot.ports import Answerer

_SIDE_BY_SIDE: Final = 8


class FetchingAnswerer:
    """Fetches with ``fetcher`` and leaves all other questions to ``builder``. One serves one review."""

    def __init__(self, builder: Answerer, fetcher: Fetcher) -> None:
        self._builder = builder
        self._fetcher = fetcher

    def answer(self, asks: Sequence[Ask], progress: Callable[[int], None] | None = None) -> Answers:
        """An answer for each question, by its key."""
        fetches = [ask for ask in asks if isinstance(ask, Fetch)]
        found: dict[str, Reply] = {}
        if fetches:
            with ThreadPoolExecutor(_SIDE_BY_SIDE, thread_name_prefix="fetch") as pool:
                for ask, reply in zip(fetches, pool.map(self._fetcher.fetch, fetches), strict=True):
                    found[ask.key] = reply
                    if progress:
                        progress(1)
        others = [ask for ask in asks if not isinstance(ask, Fetch)]
        return {**found, **self._builder.answer(others, progress)} if others else found

    def pushed(self, asks: Sequence[Fetch]) -> Mapping[str, Pushed | Refused]:
        """What OCI artifacts tell of the repositories that they are made of, by the key of each question."""
        with ThreadPoolExecutor(_SIDE_BY_SIDE, thread_name_prefix="fetch") as pool:
            return {ask.key: told for ask, told in zip(asks, pool.map(self._fetcher.pushed, asks), strict=True)}
