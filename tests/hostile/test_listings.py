"""Trees and blobs as GitHub would list them if it were not GitHub."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from bot.github.storage import Reader
from bot.ports import Unreachable
from tests.github.conftest import Desk
from tests.github_simulator.faults import HtmlPage
from tests.hostile.strange_repository import name_of

ONE = b"kind: A\n"


def listed(*entries: Mapping[str, object]) -> str:
    return json.dumps({"sha": "1" * 40, "truncated": False, "tree": entries})


def line(path: str, mode: str = "100644", **more: object) -> Mapping[str, object]:
    return {"path": path, "mode": mode, "type": "blob", "sha": name_of(ONE), "size": len(ONE), **more}


LED_OUT = [
    "../honest.yaml",
    "/etc/passwd",
    "a/../../b",
    "a//b",
    "./a",
    ".git/config",
    "sub/.git/hooks/x",
    "\0",
    "\ud800",
    "",
]


async def test_of_a_listing_only_names_inside_of_the_tree_are_kept(desk: Desk) -> None:
    repository = desk.fleet
    commit = await desk.github.acts.push(repository, "main", {"honest.yaml": ONE})
    odd = [line(path) for path in LED_OUT]
    modes = [line(f"m{mode}", mode) for mode in ("120000", "160000", "040000", "020666", "")]
    twice = [line("honest.yaml"), line("honest.yaml")]
    desk.github.fail_next("GET", "/repos/*/git/trees/*", HtmlPage(200, listed(*odd, *modes, *twice)))

    folder = await desk.connection.snapshots.fetch(desk.repository, [commit])
    snapshot = Reader().snapshot(folder, commit)

    assert {path: blob.data for path, blob in snapshot.files.items()} == {"honest.yaml": ONE}
    assert set(snapshot.links) == {"m120000"}


BROKEN_LINES = {
    "no sha": line("a.yaml", sha=None),
    "sha leads out": line("a.yaml", sha="../../../../canary"),
    "short sha": line("a.yaml", sha="abc"),
    "size is text": line("a.yaml", size="8"),
    "negative size": line("a.yaml", size=-1),
    "no size": line("a.yaml", size=None),
    "a size beyond measure": line("a.yaml", size=2**70),
    "path is a number": {**line("a.yaml"), "path": 7},
}


@pytest.mark.parametrize("broken", BROKEN_LINES.values(), ids=BROKEN_LINES)
async def test_a_listing_that_is_none_of_githubs_is_an_outage_and_leaves_nothing(
    desk: Desk, broken: Mapping[str, object]
) -> None:
    commit = await desk.github.acts.push(desk.fleet, "main", {"honest.yaml": ONE})
    desk.github.fail_next("GET", "/repos/*/git/trees/*", HtmlPage(200, listed(line("b.yaml"), broken)), times=5)

    with pytest.raises(Unreachable):
        await desk.connection.snapshots.fetch(desk.repository, [commit])

    assert [path for path in desk.folder.rglob("*") if path.is_file()] == []


async def test_a_blob_with_another_content_than_its_name_is_never_kept(desk: Desk) -> None:
    commit = await desk.github.acts.push(desk.fleet, "main", {"picture.png": ONE})
    desk.github.fail_next("GET", "/repos/*/git/blobs/*", HtmlPage(200, "another"), times=5)

    with pytest.raises(Unreachable, match="another content"):
        await desk.connection.snapshots.fetch(desk.repository, [commit])
