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
async def test_a_warm_review_of_one_file_costs_eight_requests_and_twelve_where_it_comments(
    bench: Bench, files: int
) -> None:
    await warm(bench, files)

    well = await bench.pull({"README.md": "# another\n"}, "well")
    await bench.review(well)
    silent = spent(bench.github.counts)
    broken = await bench.pull(BROKEN, "broken")
    await bench.review(broken)
    loud = spent(bench.github.counts) - silent

    assert [run.conclusion for run in bench.github.state(well).check_runs] == ["success"]
    assert [run.conclusion for run in bench.github.state(broken).check_runs] == ["failure"]
    assert silent <= 8, bench.github.counts
    assert loud <= 12, bench.github.counts


async def test_a_branch_behind_its_base_costs_ten_requests_more_and_none_where_it_reaches_no_cluster(
    bench: Bench,
) -> None:
    await warm(bench, 50)
    relevant = await bench.pull({"infra/namespace.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: new}\n"})
    idle = await bench.pull({"README.md": "# idle\n"}, "idle")
    await bench.github.acts.push(bench.fleet, "main", {"docs/moved.md": "# moved\n"})

    await bench.review(relevant)
    alone = spent(bench.github.counts)
    await bench.work_off()
    merged = spent(bench.github.counts) - alone
    await bench.review(idle)
    await bench.work_off()
    silent = spent(bench.github.counts) - alone - merged

    assert 0 < merged <= 10, (merged, bench.github.counts)
    assert silent <= 8, (silent, bench.github.counts)


async def test_a_delivery_that_comes_again_costs_two_requests(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    await bench.review(pull)
    bench.github.counts.clear()

    await bench.review(pull)

    assert spent(bench.github.counts) == 2
