"""A webhook's payload → what there is to do. Pure: decides by what the payload says, and asks nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.command import command
from bot.github.keys import judged
from bot.github.payload import entries, found, number, word
from bot.model.task import (
    Answer,
    ApplyFix,
    BaseMoved,
    CancelGroup,
    Forget,
    LookAround,
    Repository,
    ReviewGroup,
    ReviewPull,
    Task,
    Welcome,
)

RECHECK: Final = "recheck"
FIX: Final = "fix"
"""The identifiers of the check run's buttons."""

_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")
_SHA = re.compile(r"[0-9a-f]{40,64}")
_QUEUES = "gh-readonly-queue/"
_LONGEST_BRANCH = 250
_LONGEST_MOMENT = 20  # digits; it becomes part of a check run's key
_PULL_ACTIONS = frozenset({"opened", "synchronize", "reopened", "ready_for_review"})


def tasks(event: str, payload: object, *, own_app: int | None) -> tuple[Task, ...]:
    """What an event asks for; nothing where it is none of our business.

    ``own_app`` is our App's id; None where it is not known yet. Raises
    ValueError with one line where the payload lacks what every event of that
    kind has.
    """
    if not isinstance(payload, dict):
        raise ValueError("the payload is no JSON object")  # noqa: TRY004 - malformed input, whatever its type
    said = found(payload, "action")
    action = said if isinstance(said, str) else ""
    match event:
        case "pull_request":
            return _pull_request(payload, action)
        case "issue_comment":
            return _issue_comment(payload, action, own_app)
        case "check_run":
            return _check_run(payload, action, own_app)
        case "check_suite":
            return _check_suite(payload, action, own_app)
        case "merge_group":
            return _merge_group(payload, action)
        case "installation" | "installation_repositories" | "repository":
            return _belongings(event, payload, action)
        case _:
            return ()


def _pull_request(payload: object, action: str) -> tuple[Task, ...]:
    moved = action == "edited" and found(payload, "changes", "base") is not None
    if action not in _PULL_ACTIONS and not moved:
        return ()
    return (ReviewPull(_repository(payload), number(payload, "pull_request", "number")),)


def _issue_comment(payload: object, action: str, own_app: int | None) -> tuple[Task, ...]:
    if action != "created" or found(payload, "issue", "pull_request") is None:
        return ()
    if found(payload, "issue", "state") != "open" or found(payload, "comment", "user", "type") == "Bot":
        return ()
    through = found(payload, "comment", "performed_via_github_app", "id")
    if (own_app is not None and through == own_app) or command(word(payload, "comment", "body")) is None:
        return ()
    return (Answer(_repository(payload), number(payload, "issue", "number"), number(payload, "comment", "id")),)


def _check_run(payload: object, action: str, own_app: int | None) -> tuple[Task, ...]:
    if not _is_ours(payload, "check_run", own_app):
        return ()
    button = found(payload, "requested_action", "identifier") if action == "requested_action" else None
    if button == FIX:
        return _fix(payload)
    pressed = button == RECHECK
    if action != "rerequested" and not pressed:
        return ()
    # A fork's check run names no pull request, so its key does.
    subject = judged(str(found(payload, "check_run", "external_id") or ""))
    match subject:
        case int():
            return (ReviewPull(_repository(payload), subject, recheck=True, event=_request(payload, "check_run")),)
        case (head, base):
            return (ReviewGroup(_repository(payload), head, base),)
        case _:
            return _pulls_of(payload, "check_run")


def _fix(payload: object) -> tuple[Task, ...]:
    """What the button asks for, which only runs of pull requests have."""
    subject = judged(str(found(payload, "check_run", "external_id") or ""))
    head, person = word(payload, "check_run", "head_sha"), word(payload, "sender", "login")
    if not isinstance(subject, int) or not _SHA.fullmatch(head) or found(payload, "sender", "type") == "Bot":
        return ()
    run, key = number(payload, "check_run", "id"), number(payload, "sender", "id")
    return (ApplyFix(_repository(payload), subject, head, run, person, key),)


def _check_suite(payload: object, action: str, own_app: int | None) -> tuple[Task, ...]:
    if not _is_ours(payload, "check_suite", own_app):
        return ()
    if action == "requested":
        return _pushed(payload)
    if action != "rerequested":
        return ()
    # A fork's suite names no pull request: all open ones are looked through for a suite that was asked for again.
    return _pulls_of(payload, "check_suite") or (Welcome(_repository(payload)),)


def _pushed(payload: object) -> tuple[Task, ...]:
    """A branch came to another commit: GitHub asks for a suite at each push, and names no branch of a fork."""
    branch, head = found(payload, "check_suite", "head_branch"), word(payload, "check_suite", "head_sha")
    if not isinstance(branch, str) or branch.startswith(_QUEUES) or not _SHA.fullmatch(head):
        return ()
    return (BaseMoved(_repository(payload), branch[:_LONGEST_BRANCH], head),)


def _request(payload: object, what: str) -> str:
    """Which request for a recheck this is: that for this run, or for this suite as it stood at that time."""
    when = found(payload, what, "updated_at") or found(payload, what, "completed_at") or ""
    moment = re.sub(r"[^0-9]", "", str(when))[:_LONGEST_MOMENT]
    return "-".join(part for part in (what.removeprefix("check_"), str(number(payload, what, "id")), moment) if part)


def _is_ours(payload: object, what: str, own_app: int | None) -> bool:
    return own_app is None or found(payload, what, "app", "id") == own_app


def _pulls_of(payload: object, what: str) -> tuple[Task, ...]:
    """The pull requests of this repository that GitHub names; a commit may be the head of others elsewhere."""
    repository = _repository(payload)
    return tuple(
        ReviewPull(repository, number(pull, "number"), recheck=True, event=_request(payload, what))
        for pull in entries(payload, what, "pull_requests")
        if found(pull, "base", "repo", "id") in (None, repository.id)
    )


def _merge_group(payload: object, action: str) -> tuple[Task, ...]:
    if action not in ("checks_requested", "destroyed"):
        return ()
    group = found(payload, "merge_group")
    head, base = word(group, "head_sha"), word(group, "base_sha")
    if not (_SHA.fullmatch(head) and _SHA.fullmatch(base)):
        raise ValueError("head_sha or base_sha of merge_group is no sha")
    if action == "destroyed":
        return (CancelGroup(_repository(payload), head),)
    return (ReviewGroup(_repository(payload), head, base),)


def _belongings(event: str, payload: object, action: str) -> tuple[Task, ...]:
    match event, action:
        case "installation", "created" | "unsuspend" | "new_permissions_accepted":
            # Of many repositories GitHub may leave the list out.
            return tuple(_welcomed(payload, "repositories")) or (LookAround(_installation(payload)),)
        case "installation", "deleted":
            return (Forget(_installation(payload)),)
        case "installation_repositories", "added":
            return tuple(_welcomed(payload, "repositories_added"))
        case "installation_repositories", "removed":
            gone = entries(payload, "repositories_removed")
            return tuple(Forget(_installation(payload), number(one, "id")) for one in gone)
        case "repository", "deleted":
            return (Forget(_installation(payload), number(payload, "repository", "id")),)
        case "repository", "transferred" | "unarchived":
            return (Welcome(_repository(payload)),)
        case _:
            return ()


def _welcomed(payload: object, key: str) -> Iterator[Welcome]:
    """The repositories of a list; an event about an installation may leave the list out."""
    for one in entries(payload, key) if found(payload, key) is not None else ():
        owner, _, name = word(one, "full_name").partition("/")
        yield Welcome(_named(payload, number(one, "id"), owner, name))


def _repository(payload: object) -> Repository:
    _installation(payload)  # what misses first is named first: GitHub sends it to Apps only
    owner, name = word(payload, "repository", "owner", "login"), word(payload, "repository", "name")
    return _named(payload, number(payload, "repository", "id"), owner, name)


def _named(payload: object, key: int, owner: str, name: str) -> Repository:
    if not (_NAME.fullmatch(owner) and _NAME.fullmatch(name)) or name in (".", ".."):
        raise ValueError("the repository's name is none that GitHub gives")
    return Repository(_installation(payload), key, owner, name)


def _installation(payload: object) -> int:
    return number(payload, "installation", "id")
