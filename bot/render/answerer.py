"""Answers the engine's questions on this machine."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import assert_never

from bot.model.ask import Answer, Answers, Ask, Build, Fetch, Refused, Render
from bot.render.cache import AnswerCache
from bot.render.cell import Cell
from bot.render.codec import FORMAT
from bot.render.helm import Helm
from bot.render.kustomize import Kustomize

_MOST_JOBS = 8


class LocalAnswerer:
    """Runs kustomize and Helm for what ``cache`` does not know, ``jobs`` processes at a time."""

    def __init__(self, cache: AnswerCache, cell: Cell | None = None, jobs: int | None = None) -> None:
        self._cache = cache
        self._jobs = jobs or min(os.cpu_count() or 1, _MOST_JOBS)
        self._kustomize = Kustomize(cell or Cell())
        self._helm = Helm(cell or Cell())

    def answer(self, asks: Sequence[Ask], progress: Callable[[int], None] | None = None) -> Answers:
        """An answer for each question, by its key; questions that are equal are answered once."""
        tell = progress or _unheard
        times = Counter(ask.key for ask in asks)
        open_asks = {ask.key: ask for ask in asks}
        found: dict[str, Answer] = {}
        for key, ask in list(open_asks.items()):
            if (known := self._cache.get(self._entry(ask))) is not None:
                found[key] = known
                del open_asks[key]
        if found:
            tell(sum(times[key] for key in found))
        if open_asks:
            self._run(open_asks, found, lambda key: tell(times[key]))
        return found

    def _run(self, asks: dict[str, Ask], found: dict[str, Answer], tell: Callable[[str], None]) -> None:
        """Answer into ``found``. Where one process cannot even be started, the others are not begun any more."""
        pool = ThreadPoolExecutor(min(self._jobs, len(asks)), thread_name_prefix="cell")
        try:
            running: dict[Future[Answer], str] = {pool.submit(self._fresh, ask): key for key, ask in asks.items()}
            for future in as_completed(running):
                key = running[future]
                found[key] = future.result()
                tell(key)
        finally:
            pool.shutdown(cancel_futures=True)

    def _fresh(self, ask: Ask) -> Answer:
        answer = self._asked(ask)
        self._cache.put(self._entry(ask), answer)
        return answer

    def _asked(self, ask: Ask) -> Answer:
        match ask:
            case Build():
                return self._kustomize.build(ask)
            case Render():
                return self._helm.render(ask)
            case Fetch():
                return Refused("nothing is fetched here")
            case _:
                assert_never(ask)

    def _entry(self, ask: Ask) -> str:
        """The key of the answer: the question, who answers it, and how the answer is written."""
        who = self._kustomize.version if isinstance(ask, Build) else self._helm.version
        return hashlib.sha256(f"{ask.key} {who} {FORMAT}".encode()).hexdigest()


def _unheard(_count: int) -> None:
    """Progress that nobody asked for."""
