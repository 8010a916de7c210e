"""How many requests a review costs, token minting aside."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.app.conftest import Bench
from tests.github.flux_repository import BROKEN, config_maps


def spent(counts: Counter[str]) -> int:
    return sum(number for route, number in counts.items() if "access_tokens" not in route)


async def warm(bench: Bench, files: int) -> None:
    """A repository of that size, one pull request of which was reviewed already."""
    fillers = {f"other/config-{n}.yaml": config_maps(n) for n in range(files)}
    await bench.github.acts.push(bench.fleet, "main", fillers)
    await bench.review(await bench.pull({"README.md": "# warm\n"}, "warm"))
    bench.github.counts.clear()


@pytest.mark.parametrize("files", [500, 5_000])
async def test_a_warm_review_of_one_file_costs_eight_requests_whatever_the_size(bench: Bench, files: int) -> None:
    await warm(bench, files)
    pull = await bench.pull({"README.md": "# another\n"})

    await bench.review(pull)

    assert bench.github.state(pull).check_runs[0].conclusion == "success"
    assert spent(bench.github.counts) <= 8, bench.github.counts


@pytest.mark.parametrize("files", [500, 5_000])
async def test_with_comment_and_annotations_it_costs_twelve_at_most(bench: Bench, files: int) -> None:
    await warm(bench, files)
    pull = await bench.pull(BROKEN)

    await bench.review(pull)

    assert bench.github.state(pull).check_runs[0].conclusion == "failure"
    assert spent(bench.github.counts) <= 12, bench.github.counts


async def test_a_delivery_that_comes_again_costs_two_requests(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    await bench.review(pull)
    bench.github.counts.clear()

    await bench.review(pull)

    assert spent(bench.github.counts) == 2
