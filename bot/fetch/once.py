"""Things that are made once, whatever the number of threads that want them."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

from bot.fetch.refusal import Refusal

T = TypeVar("T")


class Once(Generic[T]):
    """Remembers what was made, refusals included, as long as it lives."""

    def __init__(self) -> None:
        self._made: dict[Hashable, Future[T]] = {}
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What ``make`` gives; the first to ask makes it and the others wait."""
        with self._lock:
            known = self._made.get(key)
            future = self._made.setdefault(key, Future())
        if known is None:
            try:
                future.set_result(make())
            except Refusal as refusal:
                future.set_exception(refusal)
            except BaseException as error:
                future.set_exception(error)  # whoever waits must not wait for ever
                raise
        return future.result()
