"""The page of a review: what is kept, and who is led to it."""

from __future__ import annotations

import json
import zlib

from bot.model.field import Body, at, text
from tests.app.conftest import Bench, MemoryPages
from tests.github.flux_repository import BROKEN, FIXED


def document(page: bytes) -> Body:
    found = json.loads(zlib.decompress(page))
    assert isinstance(found, dict)
    return found


async def test_the_check_run_leads_to_the_page_of_its_commit(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)

    await bench.review(pull)

    (run,) = bench.github.state(pull).check_runs
    assert bench.pages is not None
    ((key, page),) = bench.pages.kept.items()
    found = document(page)
    assert run.details_url == f"https://bot.example.org/reviews/acme/fleet/{pull.number}/{pull.head_sha}"
    assert key == (pull.number, pull.head_sha)
    assert (text(found, "repository"), at(found, "pull", "number")) == ("acme/fleet", pull.number)
    assert text(found, "links", "after") == f"{bench.github.url}/acme/fleet/blob/{pull.head_sha}/"
    assert text(found, "findings", 0, "rule") == "crd-in-same-kustomization"
    assert text(found, "findings", 0, "fix", "patch").startswith("diff --git ")


async def test_each_push_has_a_page_of_its_own(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    await bench.review(pull)
    first = pull.head_sha
    await bench.github.acts.push(bench.fleet, "topic", FIXED)

    await bench.review(pull)

    assert bench.pages is not None
    assert set(bench.pages.kept) == {(pull.number, first), (pull.number, pull.head_sha)}
    assert document(bench.pages.kept[pull.number, pull.head_sha])["findings"] == []


async def test_a_change_that_reaches_no_cluster_has_no_page(bench: Bench) -> None:
    pull = await bench.pull({"README.md": "# our fleet\n"})

    await bench.review(pull)

    (run,) = bench.github.state(pull).check_runs
    assert isinstance(bench.pages, MemoryPages)
    assert (run.details_url, bench.pages.kept) == (None, {})


async def test_where_nobody_knows_the_address_of_the_server_no_page_is_made(bench: Bench) -> None:
    bench.pages = None
    pull = await bench.pull(BROKEN)

    await bench.review(pull)

    (run,) = bench.github.state(pull).check_runs
    assert (run.conclusion, run.details_url) == ("failure", None)
