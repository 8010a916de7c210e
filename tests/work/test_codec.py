"""Tasks as JSON."""

from __future__ import annotations

import json

import pytest

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
    TakeMissed,
    Task,
    Welcome,
)
from bot.work.codec import VERSION, Undecodable, decoded, encoded

SHOP = Repository(installation=7, id=70, owner="acme", name="shop")
FLAT = {"installation": 7, "id": 70, "owner": "acme", "name": "shop"}


@pytest.mark.parametrize(
    "task",
    [
        ReviewPull(SHOP, 3),
        ReviewPull(SHOP, 3, recheck=True, event="comment-7"),
        ReviewGroup(SHOP, "abc", "def"),
        ReviewPull(SHOP, 3, moved="abc"),
        CancelGroup(SHOP, "abc"),
        BaseMoved(SHOP, "main", "abc"),
        Answer(SHOP, 3, 9_000_000_000),
        ApplyFix(SHOP, 3, "abc", 9_000_000_000, "octocat", 1),
        Welcome(SHOP),
        Forget(7),
        Forget(7, 70),
        TakeMissed(),
        EndLeft(),
        LookAround(),
        LookAround(7),
        LookThrough(SHOP),
    ],
    ids=str,
)
def test_a_task_survives_the_way_through_json(task: Task) -> None:
    assert decoded(json.loads(json.dumps(encoded(task)))) == task


def test_a_task_that_the_release_before_wrote_is_still_done() -> None:
    old = {"v": 1, "kind": "review-pull", "repository": FLAT, "number": 3, "recheck": False, "event": ""}

    assert decoded(old) == ReviewPull(SHOP, 3)


@pytest.mark.parametrize(
    ("task", "version"), [(ReviewPull(SHOP, 3), 2), (Answer(SHOP, 3, 1), 2), (TakeMissed(), 3), (LookThrough(SHOP), 3)]
)
def test_a_worker_of_the_release_before_is_given_all_that_it_knows_and_puts_back_the_rest(
    task: Task, version: int
) -> None:
    assert encoded(task)["v"] == version


@pytest.mark.parametrize(
    "json",
    [
        None,
        [],
        "review-pull",
        {},
        {"v": 1},
        {"v": "1", "kind": "welcome", "repository": FLAT},
        {"v": 1, "kind": "unheard-of"},
        {"v": 1, "kind": "welcome", "repository": FLAT, "more": 1},
        {"v": 1, "kind": "welcome", "repository": {**FLAT, "more": 1}},
        {"v": 1, "kind": "welcome", "repository": {**FLAT, "id": "70"}},
        {"v": 1, "kind": "welcome", "repository": None},
        {"v": 1, "kind": "review-pull", "repository": FLAT, "number": True, "recheck": False, "event": ""},
        {"v": 1, "kind": "review-pull", "repository": FLAT, "number": 3, "recheck": 0, "event": ""},
        {"v": 1, "kind": "review-group", "repository": FLAT, "head": 1, "base": "def"},
    ],
)
def test_what_is_not_exactly_a_task_is_refused(json: object) -> None:
    with pytest.raises(Undecodable) as refused:
        decoded(json)

    assert not refused.value.newer


def test_a_task_of_a_newer_program_is_told_apart_from_nonsense() -> None:
    with pytest.raises(Undecodable) as refused:
        decoded({"v": VERSION + 1, "kind": "anything", "shape": []})

    assert refused.value.newer
