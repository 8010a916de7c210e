"""Failures on demand."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Answered:
    """GitHub answers ``status`` with its usual error body and does nothing."""

    status: int
    message: str = "Server Error"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """A proxy answers with a page that calls itself JSON."""

    status: int = 502
    page: str = "<html><body><h1>Unicorn!</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection breaks: before anything happened, or after the request took effect."""

    after_effect: bool = False


@dataclass(frozen=True, slots=True)
class Delayed:
    """The request takes effect ``seconds`` later; or at once, and its answer comes that late."""

    seconds: float
    after_effect: bool = False


Effect: TypeAlias = Answered | HtmlPage | Cut | Delayed


@dataclass(slots=True)
class _Fault:
    method: str
    pattern: str
    effect: Effect
    times: int
    skip: int


class Faults:
    """Which requests are to fail, and how."""

    def __init__(self) -> None:
        self._faults: list[_Fault] = []
        self._share = 0.0
        self._chance = Random(0)  # noqa: S311 - it picks faults
        self._effects: Sequence[Effect] = ()
        self.met = 0

    def add(self, method: str, pattern: str, effect: Effect, *, times: int = 1, skip: int = 0) -> None:
        """Fail the next ``times`` requests of ``method`` (or ``*``) whose path below the API matches ``pattern``.

        ``skip`` lets that many of them pass first. Patterns are those of a shell: ``*`` spans slashes.
        """
        self._faults.append(_Fault(method, pattern, effect, times, skip))

    def often(self, share: float, effects: Sequence[Effect], seed: int = 1) -> None:
        """From now on fail that share of all requests, each with one of ``effects``; a share of 0 ends it."""
        self._share, self._effects, self._chance = share, effects, Random(seed)  # noqa: S311 - as above

    @property
    def unmet(self) -> int:
        """How many times requests are still to fail."""
        return sum(fault.times for fault in self._faults)

    def take(self, method: str, path: str) -> Effect | None:
        """The effect meant for this request, counted down; None when it is to be served."""
        for fault in self._faults:
            if fault.method not in {"*", method} or not fnmatch.fnmatchcase(path, fault.pattern):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.times -= 1
            if fault.times <= 0:
                self._faults.remove(fault)
            return fault.effect
        if self._share and self._chance.random() < self._share:
            self.met += 1
            return self._chance.choice(self._effects)
        return None
