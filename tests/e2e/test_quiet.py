"""Nothing relevant changes, again and again: nobody hears of it."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Stage
from tests.github.flux_repository import FILES

BESIDES = {
    "POST /app/installations/{installation_id}/access_tokens",
    "GET /app/hook/deliveries",
    "GET /app/installations",
    "GET /installation/repositories",
    "GET /repos/{owner}/{repo}/pulls",
}
"""What is asked for now and then for all pull requests together: tokens, and whether anything was missed."""

pytestmark = pytest.mark.asyncio(loop_scope="module")

TIMES = 100


@pytest.mark.timeout(900)
async def test_a_hundred_pull_requests_that_change_nothing_relevant_are_silent_and_cheap(stage: Stage) -> None:
    fleet = await stage.github.acts.add_repository("acme/quiet", FILES)
    await stage.pull(fleet, {"README.md": "# warm\n"}, "warm")
    await stage.settled()
    stage.github.counts.clear()
    pulls = []
    for number in range(TIMES):
        pulls.append(await stage.pull(fleet, {"README.md": f"# fleet {number}\n"}, f"topic-{number}"))
        if number % 20 == 19:
            await stage.settled(300)

    await stage.settled(300)

    counts = stage.github.counts
    spent = sum(number for route, number in counts.items() if route not in BESIDES)
    besides = sum(number for route, number in counts.items() if route in BESIDES and "access_tokens" not in route)
    standing = [stage.standing(pull) for pull in pulls]
    assert [[run.conclusion for run in each.check_runs] for each in standing] == [["success"]] * TIMES
    assert [(each.comments, each.reviews, each.threads) for each in standing] == [((), (), ())] * TIMES
    assert [len(each.check_runs[0].annotations) for each in standing] == [0] * TIMES
    assert spent <= 8 * TIMES, counts
    assert besides < TIMES / 5, counts  # for all together, never for each


async def test_a_merge_has_the_other_pull_request_judged_again_by_the_events_alone(stage: Stage) -> None:
    fleet = await stage.github.acts.add_repository("acme/moving", FILES)
    first = await stage.pull(fleet, {"README.md": "# first\n"}, "first")
    second = await stage.pull(fleet, {"infra/README.md": "# second\n"}, "second")
    await stage.settled()
    stage.github.counts.clear()

    await stage.github.acts.merge(first)
    await stage.settled()

    reads = stage.github.counts["GET /repos/{owner}/{repo}/pulls/{pull_number}"]
    assert reads >= 1
    assert [run.conclusion for run in stage.standing(second).check_runs] == ["success"]
    assert stage.standing(second).comments == ()
