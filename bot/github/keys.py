"""Review keys: the ``external_id`` of our check runs, which lead back from a run to what it judges."""

from __future__ import annotations

import hashlib
import re

from bot.model.publication import Subject
from bot.model.pull import Pull

_PULL = re.compile(r"pull:([1-9][0-9]{0,9}):[0-9a-f]{40,64}:[0-9a-f]{8}(?:#[a-z0-9-]{1,80})?")
_GROUP = re.compile(r"group:([0-9a-f]{40,64}):([0-9a-f]{40,64})")


def pull_subject(pull: Pull) -> Subject:
    """What the run of a pull request judges: another head or another base branch is another review.

    So is one that is a draft no more, because of a draft less is said.
    """
    aimed = f"{pull.base} draft" if pull.is_draft else pull.base  # no branch has a blank in its name
    branch = hashlib.sha256(aimed.encode()).hexdigest()[:8]
    return Subject(pull.head, f"pull:{pull.number}:{pull.head}:{branch}", pull.base)


def group_subject(head: str, base: str) -> Subject:
    """What the run of a merge group judges."""
    return Subject(head, f"group:{head}:{base}")


def asked(subject: Subject, event: str) -> str:
    """The key of the run that a request for a recheck makes; the subject's own where there was no request."""
    return f"{subject.key}#{event}" if event else subject.key


def judges(key: str, subject: Subject) -> bool:
    """Whether a run of that key judges the subject, on whatever request."""
    return key.partition("#")[0] == subject.key


def judged(key: str) -> int | tuple[str, str] | None:
    """The number of the pull request, or head and base of the merge group; None for a key that is not ours."""
    if pull := _PULL.fullmatch(key):
        return int(pull[1])
    if group := _GROUP.fullmatch(key):
        return group[1], group[2]
    return None
