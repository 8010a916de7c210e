"""Tasks as JSON, for the queue. Strict: what is not exactly a task is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias, assert_never

from bot.model.task import (
    Answer,
    ApplyFix,
    BaseMoved,
    CancelGroup,
    EndLeft,
    Forget,
    LookAround,
    LookThrough,
    Repository,
    ReviewGroup,
    ReviewPull,
    Search,
    TakeMissed,
    Task,
    Welcome,
)

VERSION: Final = 3
"""Goes up when an older worker could misread what a newer one wrote."""

_SINCE: Final = {"take-missed": 3, "look-around": 3, "look-through": 3, "end-left": 3}
"""The version that brought a kind. The others are still written as version 2, so that an older worker does them."""

_OLDEST = 1

Json: TypeAlias = "str | int | float | list[Json] | dict[str, Json] | None"


class Undecodable(ValueError):
    """Not a task of this version; ``newer`` when a newer program wrote it."""

    def __init__(self, problem: str, *, newer: bool = False) -> None:
        super().__init__(f"not a task: {problem}")
        self.newer = newer


def encoded(task: Task) -> dict[str, Json]:
    """The task as JSON; ``decoded`` gives it back."""
    match task:
        case ReviewPull(repository, number, recheck, event, moved):
            flat = _flat(repository)
            return _made("review-pull", repository=flat, number=number, recheck=recheck, event=event, moved=moved)
        case ReviewGroup(repository, head, base):
            return _made("review-group", repository=_flat(repository), head=head, base=base)
        case CancelGroup(repository, head):
            return _made("cancel-group", repository=_flat(repository), head=head)
        case BaseMoved(repository, branch, head):
            return _made("base-moved", repository=_flat(repository), branch=branch, head=head)
        case Answer(repository, number, comment):
            return _made("answer", repository=_flat(repository), number=number, comment=comment)
        case ApplyFix(repository, number, head, run, person, key):
            asked: dict[str, Json] = {"head": head, "run": run, "person": person, "person_id": key}
            return _made("apply-fix", repository=_flat(repository), number=number, **asked)
        case Welcome() | Forget() | TakeMissed() | LookAround() | LookThrough() | EndLeft():
            return _unasked(task)
        case _:
            assert_never(task)


def _unasked(task: Welcome | Forget | Search) -> dict[str, Json]:
    """What no pull request asks for."""
    match task:
        case Welcome(repository):
            return _made("welcome", repository=_flat(repository))
        case Forget(installation, gone):
            return _made("forget", installation=installation, gone=gone)
        case TakeMissed():
            return _made("take-missed")
        case LookAround(installation):
            return _made("look-around", installation=installation)
        case LookThrough(repository):
            return _made("look-through", repository=_flat(repository))
        case EndLeft():
            return _made("end-left")
        case _:
            assert_never(task)


def decoded(json: object) -> Task:
    """The task. Raise Undecodable for anything that ``encoded`` would not have written."""
    fields = _Fields(json)
    version = fields.number("v")
    if not _OLDEST <= version <= VERSION:
        raise Undecodable(f"version {version}, not {VERSION}", newer=version > VERSION)
    kind = fields.text("kind")
    task = _search(kind, fields) if kind in _SINCE else _task(kind, fields)
    fields.finish()
    return task


def _task(kind: str, fields: _Fields) -> Task:
    match kind:
        case "review-pull":
            recheck = fields.flag("recheck")
            number, event = fields.number("number"), fields.text("event")
            return ReviewPull(fields.repository(), number, recheck, event, fields.text_if_any("moved"))
        case "review-group":
            return ReviewGroup(fields.repository(), fields.text("head"), fields.text("base"))
        case "cancel-group":
            return CancelGroup(fields.repository(), fields.text("head"))
        case "base-moved":
            return BaseMoved(fields.repository(), fields.text("branch"), fields.text("head"))
        case "answer":
            return Answer(fields.repository(), fields.number("number"), fields.number("comment"))
        case "apply-fix":
            number, head, run = fields.number("number"), fields.text("head"), fields.number("run")
            return ApplyFix(fields.repository(), number, head, run, fields.text("person"), fields.number("person_id"))
        case "welcome":
            return Welcome(fields.repository())
        case "forget":
            return Forget(fields.number("installation"), fields.number_or_none("gone"))
        case _:
            raise Undecodable(f"unknown kind {kind[:40]!r}")


def _search(kind: str, fields: _Fields) -> Task:
    match kind:
        case "take-missed":
            return TakeMissed()
        case "look-around":
            return LookAround(fields.number("installation"))
        case "end-left":
            return EndLeft()
        case _:
            return LookThrough(fields.repository())


def kind(task: Task) -> str:
    """What the task is called in the queue, in logs and metrics."""
    return str(encoded(task)["kind"])


def _made(kind: str, **fields: Json) -> dict[str, Json]:
    return {"v": _SINCE.get(kind, 2), "kind": kind, **fields}


def _flat(repository: Repository) -> dict[str, Json]:
    return {
        "installation": repository.installation,
        "id": repository.id,
        "owner": repository.owner,
        "name": repository.name,
    }


class _Fields:
    """The fields of an object, each read once."""

    def __init__(self, json: object) -> None:
        if not isinstance(json, Mapping):
            raise Undecodable(f"{type(json).__name__} instead of an object")
        self._left: dict[object, object] = dict(json)

    def _take(self, name: str) -> object:
        if name not in self._left:
            raise Undecodable(f"{name} is missing")
        return self._left.pop(name)

    def text(self, name: str) -> str:
        value = self._take(name)
        if not isinstance(value, str):
            raise Undecodable(f"{name} is not text")
        return value

    def text_if_any(self, name: str) -> str:
        """A field that tasks of version 1 do not have."""
        return self.text(name) if name in self._left else ""

    def number(self, name: str) -> int:
        value = self.number_or_none(name)
        if value is None:
            raise Undecodable(f"{name} is null")
        return value

    def number_or_none(self, name: str) -> int | None:
        value = self._take(name)
        # bool is a subclass of int.
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise Undecodable(f"{name} is not a number")
        return value

    def flag(self, name: str) -> bool:
        value = self._take(name)
        if not isinstance(value, bool):
            raise Undecodable(f"{name} is not true or false")
        return value

    def repository(self) -> Repository:
        inner = _Fields(self._take("repository"))
        found = Repository(inner.number("installation"), inner.number("id"), inner.text("owner"), inner.text("name"))
        inner.finish()
        return found

    def finish(self) -> None:
        if self._left:
            raise Undecodable(f"unknown fields: {', '.join(sorted(map(str, self._left)))[:200]}")
