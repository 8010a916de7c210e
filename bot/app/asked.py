"""What the analysis is asked about two commits, and what it works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from bot.app.fleets import Linked, Needs
from bot.model.config import Accepted, Config
from bot.model.publication import Acceptable, Mended, Publication, Reads
from bot.model.snapshot import Snapshot
from bot.ports import Answerer, OutsideAnswerer


@dataclass(frozen=True, slots=True)
class Change:
    """Two commits in a folder; ``base`` is the merge base. ``today`` decides which ignores have expired.

    ``fetches`` is whether the charts that they name may be fetched: never for a
    fork's. ``accepted`` is what was accepted for the pull request. ``site`` is
    where the repository can be looked at, for links to its lines; ``defaults``
    the organisation's configuration, by the name that is told of it. ``branch``
    is where it is to be merged. ``readers`` are other repositories that have
    this one as a source, ``linked`` those of them and of the configuration that
    were brought here, None as long as nobody asked which. ``number`` is that of
    the pull request where its review is to have a page, else 0.
    """

    folder: str
    base: str
    head: str
    today: date
    fetches: bool = False
    accepted: tuple[Accepted, ...] = ()
    site: str = ""
    defaults: tuple[str, bytes] | None = None
    branch: str = ""
    readers: tuple[str, ...] = ()
    linked: tuple[Linked, ...] | None = None
    number: int = 0


@dataclass(frozen=True, slots=True)
class Judge:
    """Review a change."""

    change: Change


@dataclass(frozen=True, slots=True)
class Explain:
    """Explain a rule or one or two objects as they stand after a change; without a subject, the change itself."""

    change: Change
    subject: str = ""
    other: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """Tell in which order a fresh cluster comes up: all clusters, or the one that is named."""

    change: Change
    cluster: str = ""


@dataclass(frozen=True, slots=True)
class Impact:
    """Tell what waits for an object."""

    change: Change
    subject: str


@dataclass(frozen=True, slots=True)
class Accept:
    """Look for the finding of that id, and write down how ``reason`` would stand in the configuration."""

    change: Change
    finding: str
    reason: str


@dataclass(frozen=True, slots=True)
class Mend:
    """Put together the fixes of the findings with these ids, or of all that the change brings."""

    change: Change
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """Look which other repositories the head of a change names as sources; nothing is built."""

    change: Change


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What a survey found: see ``Publication.reads``."""

    reads: Reads


Asked: TypeAlias = Judge | Explain | Order | Impact | Accept | Mend | Survey
Said: TypeAlias = Publication | Acceptable | Mended | Needs | Surveyed | str


@dataclass(frozen=True, slots=True)
class Tools:
    """What the analysis works with: in a folder, ``answerer`` builds and ``snapshot`` makes the files of a commit.

    ``fetching`` makes what answers one review that may fetch, from what builds
    for it, a folder for what it fetches and the hosts that the configuration
    allows; None where nothing is ever fetched.
    """

    answerer: Callable[[str], Answerer]
    snapshot: Callable[[str, str], Snapshot]
    fetching: Callable[[str, tuple[str, ...] | None], OutsideAnswerer] | None = None
    looked_up: Callable[[], tuple[int, int]] = lambda: (0, 0)
    """How many builds were known, and how many were run, since it was asked last."""

    def outside(self, change: Change, config: Config) -> OutsideAnswerer | None:
        """What fetches for a change; None where nothing may be fetched."""
        if self.fetching is None or not change.fetches or config.chart_hosts == ():
            return None
        return self.fetching(change.folder, config.chart_hosts)
