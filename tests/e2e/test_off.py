"""A server that was off, or of which GitHub forgot to tell, ends where one is that was not."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Stage, said
from tests.github.flux_repository import BROKEN, FILES, FIXED
from tests.github_simulator.conversation import Pull

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_what_happened_while_the_server_was_off_is_found_when_it_is_back(stage: Stage) -> None:
    pulls: dict[str, Pull] = {}
    for name in ("on", "undelivered", "untold", "fixed", "closed"):
        fleet = await stage.github.acts.add_repository(f"acme/{name}", FILES)
        if name in {"on", "fixed"}:
            pulls[name] = await stage.pull(fleet, BROKEN)
        else:
            pulls[name] = await stage.pull(fleet, {"README.md": "# before\n"})
    await stage.settled()

    await stage.process.stop()
    await stage.github.acts.push(pulls["undelivered"].repository, "topic", BROKEN)
    await stage.github.acts.push(pulls["closed"].repository, "topic", BROKEN)
    await stage.github.acts.close(pulls["closed"])
    await stage.github.hooks.settle()
    stage.github.hooks.losing = True
    await stage.github.acts.push(pulls["untold"].repository, "topic", BROKEN)
    await stage.github.acts.push(pulls["fixed"].repository, "topic", FIXED)
    added = await stage.github.acts.add_repository("acme/added", FILES)
    pulls["added"] = await stage.pull(added, BROKEN)
    stage.github.hooks.losing = False
    await stage.process.start()
    await stage.settled()

    expected = said(stage.standing(pulls["on"]))
    found = {name: said(stage.standing(pulls[name])) for name in ("undelivered", "untold", "added")}
    assert found == dict.fromkeys(found, expected)
    assert [run.conclusion for run in stage.standing(pulls["fixed"]).check_runs] == ["success"]
    assert stage.standing(pulls["closed"]).check_runs == ()
