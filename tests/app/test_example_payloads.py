"""What GitHub's own example payloads ask for, done on a GitHub that knows their installation or does not.

Neither knows the pull requests and the commits, as if all were deleted before the worker came to the task.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest

from bot.app.perform import give_up, perform
from bot.github.events import tasks
from bot.model.task import EndLeft, Forget, LookAround, TakeMissed, Task
from bot.ports import Permanent
from tests.app.conftest import Bench
from tests.example_payloads import examples

EVENTS = ("pull_request", "check_suite", "merge_group", "installation", "installation_repositories", "repository")


def asked(event: str) -> list[Task]:
    """The different tasks of an event's examples, without those that no App's webhook sent."""
    sent = [payload for payload in examples()[event] if "installation" in payload]
    return list(dict.fromkeys(task for payload in sent for task in tasks(event, payload, own_app=None)))


async def done_or_given_up(task: Task, bench: Bench) -> None:
    """As the worker does it; whatever is no Permanent is a bug, and leaves here."""
    try:
        await perform(task, bench.world)
    except Permanent as problem:
        with suppress(Permanent):
            await give_up(task, problem, 1, bench.world)


@pytest.mark.parametrize("event", EVENTS)
async def test_a_task_of_an_installation_that_is_gone_is_done_or_refused_for_good(bench: Bench, event: str) -> None:
    given = asked(event)

    for task in given:
        await done_or_given_up(task, bench)

    assert given
    assert bench.github.state(bench.fleet).check_runs == ()


@pytest.mark.parametrize("event", EVENTS)
async def test_a_task_about_what_is_gone_leaves_nothing_on_github(bench: Bench, event: str) -> None:
    everywhere = (EndLeft, Forget, LookAround, TakeMissed)
    given = [
        task if isinstance(task, everywhere) else replace(task, repository=bench.repository) for task in asked(event)
    ]

    for task in given:
        await done_or_given_up(task, bench)
        await bench.work_off()

    standing = bench.github.state(bench.fleet)
    assert given
    assert (standing.check_runs, standing.comments) == ((), ())
