"""Accounts and what they may do in a repository."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(slots=True, eq=False)
class Account:
    """A person, an organisation or a bot; ``login`` can change, ``id`` cannot."""

    id: int
    login: str
    kind: str


class Role(StrEnum):
    """GitHub's repository roles, weakest first."""

    NONE = "none"
    READ = "read"
    TRIAGE = "triage"
    WRITE = "write"
    MAINTAIN = "maintain"
    ADMIN = "admin"

    def at_least(self, other: Role) -> bool:
        """Whether this role may do all that ``other`` may."""
        order = list(Role)
        return order.index(self) >= order.index(other)

    @property
    def legacy(self) -> str:
        """``permission`` of the REST answer, which knows only four words."""
        return {Role.TRIAGE: "read", Role.MAINTAIN: "write"}.get(self, self.value)
