"""One connection to GitHub with everything that speaks over it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

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


def connect(line: Transport, credentials: Credentials, keep: Keep) -> Connection:
    """The connection of one App; ``keep`` says where what is brought from GitHub is kept. No request is made yet."""
    client = Client(line, Tokens(line, credentials))
    snapshots = GitHubSnapshots(client, keep.folder, keep.limits)
    return Connection(
        client,
        Reading(client),
        CheckRuns(client),
        LineComments(client),
        BranchCommits(client),
        OrganisationDefaults(client, line.clock),
        snapshots,
        OwnMissing(client),
    )
