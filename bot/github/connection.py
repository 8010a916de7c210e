"""One connection to GitHub with everything that speaks over it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bot.github.address import Address
from bot.github.client import Client
from bot.github.commits import BranchCommits
from bot.github.defaults import OrganisationDefaults
from bot.github.missing import OwnMissing
from bot.github.publish import CheckRuns
from bot.github.reading import Reading
from bot.github.remarks import LineComments
from bot.github.snapshots import GitHubSnapshots
from bot.github.tokens import Credentials, Tokens
from bot.github.transport import Transport
from bot.model.limits import LIMITS, Limits


@dataclass(frozen=True, slots=True)
class Pace:
    """The time that the connection goes by: Unix time in seconds, and how it waits."""

    clock: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(frozen=True, slots=True)
class Keep:
    """What is kept of repositories: below a folder, within limits."""

    folder: Path
    limits: Limits = LIMITS


@dataclass(frozen=True, slots=True)
class Connection:
    """The ports Pulls and Talk (``reading``), Checks, Remarks, Commits, Snapshots and Missing."""

    client: Client
    reading: Reading
    checks: CheckRuns
    remarks: LineComments
    commits: BranchCommits
    defaults: OrganisationDefaults
    snapshots: GitHubSnapshots
    missing: OwnMissing


def connect(
    session: aiohttp.ClientSession, address: Address, credentials: Credentials, keep: Keep, pace: Pace | None = None
) -> Connection:
    """The connection of one App; ``keep`` says where what is brought from GitHub is kept. No request is made yet."""
    pace = pace or Pace()
    transport = Transport(session, address, pace.clock, pace.sleep)
    client = Client(transport, Tokens(transport, credentials))
    snapshots = GitHubSnapshots(client, keep.folder, keep.limits)
    return Connection(
        client,
        Reading(client),
        CheckRuns(client),
        LineComments(client),
        BranchCommits(client),
        OrganisationDefaults(client, pace.clock),
        snapshots,
        OwnMissing(client),
    )
