"""When a job that failed is tried again, and when it is given up."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from procrastinate.exceptions import ConnectorException

from bot.ports import Interrupted, Permanent, RateLimited, Transient


class Crashed(Permanent):
    """The worker died in the middle of the job, again and again."""


@dataclass(frozen=True, slots=True)
class Patience:
    """All in seconds. The defaults ride out two hours of trouble at GitHub."""

    first: float = 5.0
    longest: float = 300.0
    transient_tries: int = 30
    bug_tries: int = 3
    """A bug is mostly the same the next time, but not always: memory, a disk that was full."""
    crashes: int = 5
    """Deaths of the worker after which the job is taken for their cause."""
    interruptions: int = 3
    """Deaths of the process that reviews after which the review is taken for their cause."""
    longest_try: float = 3_600.0
    """A try that takes longer hangs. Reviews wait for each other, each with a time limit of its own."""

    heartbeat: float = 5.0
    stalled: float = 20.0
    """A worker without a heartbeat for this long is dead, and its jobs are done again."""
    poll: float = 1.0
    """How late a job that waits for its time may start."""
    leave: float = 20.0
    """How long running jobs may take to finish after a stop; the rest is done again by the next worker."""

    starts: int = 2
    window: float = 15.0
    """At most ``starts`` reviews of one pull request start within ``window``, so a burst of pushes costs three."""

    def delay(self, problem: BaseException, attempt: int, now: float) -> float | None:
        """Seconds until the next try after ``attempt`` failed ones; None to give up. ``now`` is a Unix time."""
        backoff = min(self.longest, self.first * 2.0 ** min(attempt, 20))
        match problem:
            case RateLimited() if attempt < self.transient_tries:
                return max(problem.until - now, self.first)
            case Interrupted():
                return backoff if attempt + 1 < self.interruptions else None
            case Transient() | psycopg.OperationalError() | psycopg.InterfaceError() | ConnectorException() if (
                attempt < self.transient_tries
            ):
                return backoff
            case Transient() | Permanent():
                return None
            case _:
                return backoff if attempt + 1 < self.bug_tries else None


def leaf(problem: Exception) -> Exception:
    """The exception inside a group that decides: a bug before trouble that passes."""
    if not isinstance(problem, ExceptionGroup):
        return problem
    leaves = [leaf(one) for one in problem.exceptions]
    return next((one for one in leaves if not isinstance(one, Transient)), leaves[0])
