"""Addresses of things, and their global ids."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from tests.github_simulator.world import Repository


@dataclass(frozen=True, slots=True)
class Links:
    """All addresses begin with ``root``, as on a GitHub Enterprise Server."""

    root: str

    @property
    def api(self) -> str:
        """Where the REST API begins."""
        return f"{self.root}/api/v3"

    def repository(self, repository: Repository) -> str:
        """The API address of a repository."""
        return f"{self.api}/repos/{repository.full_name}"

    def page(self, repository: Repository) -> str:
        """The web page of a repository."""
        return f"{self.root}/{repository.full_name}"


def node_id(prefix: str, number: int) -> str:
    """The global id of a thing: opaque to clients, read back by ``node_number``."""
    return f"{prefix}_{base64.urlsafe_b64encode(str(number).encode()).decode().rstrip('=')}"


def node_number(global_id: str) -> tuple[str, int] | None:
    """The prefix and number that made ``global_id``; None when it is not one of ours."""
    prefix, _, text = global_id.partition("_")
    try:
        return prefix, int(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        return None
