"""What of a repository a GitRepository follows."""

from __future__ import annotations

from typing import Final, NamedTuple

from bot.model.field import Body, text
from bot.model.quote import code

_HEADS = "refs/heads/"


class Followed(NamedTuple):
    """A branch, or ``pinned``: anything else, in words, that a commit to a branch does not move. Empty: not known."""

    branch: str = ""
    pinned: str = ""

    @property
    def words(self) -> str:
        return self.pinned or (f"the branch {code(self.branch)}" if self.branch else "")

    def differs(self, other: Followed) -> bool:
        """Whether both are known and the one surely holds another commit than the other in the end."""
        return bool(self.words and other.words) and self != other


UNKNOWN: Final = Followed()


def followed(ref: Body) -> Followed:
    """By ``spec.ref``: a commit counts before a name, a version range, a tag and a branch (source-controller, API)."""
    if "$" in "".join(str(value) for value in ref.values()):
        return UNKNOWN
    if text(ref, "commit"):
        return Followed(pinned=f"the commit {code(text(ref, 'commit')[:12])}")
    if text(ref, "name"):
        return named(text(ref, "name"))
    if text(ref, "semver"):
        return Followed(pinned=f"the tags {code(text(ref, 'semver'))}")
    if text(ref, "tag"):
        return Followed(pinned=f"the tag {code(text(ref, 'tag'))}")
    return Followed(text(ref, "branch"))


def named(name: str) -> Followed:
    """By the full name of a reference of git, as a FluxInstance and ``spec.ref.name`` have it."""
    if not name or "$" in name:
        return UNKNOWN
    if name.startswith(_HEADS):
        return Followed(name.removeprefix(_HEADS))
    return Followed(pinned=f"{code(name)}")
