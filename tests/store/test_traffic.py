"""What may be spent at GitHub: the same for one process that counts alone and for all that count together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from bot.github.gate import OwnTraffic, Traffic
from bot.model.traffic import RATES, Cost, Rates, scaled
from bot.store.pool import Pool
from bot.store.traffic import SharedTraffic

ALLOWED_POINTS = 900
ALLOWED_WRITES = 80
NO_LIMIT = 1e6

Counting = Callable[[Pool, Rates], Traffic]


def alone(_pool: Pool, rates: Rates) -> Traffic:
    return OwnTraffic(rates, lambda: 1_000_000.0)


def together(pool: Pool, rates: Rates) -> Traffic:
    return SharedTraffic(pool, rates)


def worst_minute(spent: list[tuple[float, int]]) -> int:
    """The most that was spent within any sixty seconds; ``spent`` is when and how much."""
    return max(sum(much for other, much in spent if at <= other < at + 60) for at, _ in spent)


@pytest.mark.parametrize("counting", [alone, together])
async def test_no_minute_sees_more_than_github_allows(pool: Pool, counting: Counting) -> None:
    traffic = counting(pool, RATES)
    asked = [Cost.WRITE if number % 3 == 0 else Cost.READ for number in range(900)]

    spent = [(await traffic.reserve(7, cost, NO_LIMIT), cost) for cost in asked]

    assert 600 < worst_minute([(at, int(cost)) for at, cost in spent]) <= ALLOWED_POINTS
    assert 40 < worst_minute([(at, 1) for at, cost in spent if cost is Cost.WRITE]) <= ALLOWED_WRITES


@pytest.mark.parametrize("counting", [alone, together])
async def test_writes_are_a_second_apart_once_what_was_saved_up_is_spent(pool: Pool, counting: Counting) -> None:
    traffic = counting(pool, RATES)

    waits = [await traffic.reserve(7, Cost.WRITE, NO_LIMIT) for _ in range(20)]

    assert waits[:15] == [0.0] * 15
    assert waits[15:] == pytest.approx([1.0, 2.0, 3.0, 4.0, 5.0], abs=0.5)


@pytest.mark.parametrize("counting", [alone, together])
async def test_one_account_does_not_wait_for_another(pool: Pool, counting: Counting) -> None:
    traffic = counting(pool, RATES)
    for _ in range(40):
        await traffic.reserve(7, Cost.WRITE, NO_LIMIT)

    assert await traffic.reserve(8, Cost.WRITE, NO_LIMIT) == 0.0


@pytest.mark.parametrize("counting", [alone, together])
async def test_who_does_not_want_to_wait_that_long_reserves_nothing(pool: Pool, counting: Counting) -> None:
    traffic = counting(pool, RATES)
    for _ in range(20):
        await traffic.reserve(7, Cost.WRITE, NO_LIMIT)

    refused = [await traffic.reserve(7, Cost.WRITE, 2.0) for _ in range(10)]

    assert min(refused) > 2.0
    assert max(refused) < 8.0


@pytest.mark.parametrize("counting", [alone, together])
async def test_what_github_refuses_is_held_for_all_of_the_account(pool: Pool, counting: Counting) -> None:
    traffic = counting(pool, RATES)

    await traffic.hold(7, 30.0)
    await traffic.hold(7, 5.0)

    assert await traffic.reserve(7, Cost.READ, NO_LIMIT) == pytest.approx(30.0, abs=1)
    assert await traffic.reserve(8, Cost.READ, NO_LIMIT) == 0.0


async def test_processes_that_ask_at_once_share_one_budget(pool: Pool) -> None:
    replicas = [SharedTraffic(pool) for _ in range(4)]

    waits = await asyncio.gather(*(one.reserve(7, Cost.WRITE, NO_LIMIT) for one in replicas for _ in range(10)))

    later = sorted(wait for wait in waits if wait > 0)
    assert len(later) == 25
    assert later[-1] == pytest.approx(25.0, abs=1)


def test_rates_keep_their_proportions_and_are_more_than_nothing() -> None:
    assert scaled(1_600) == Rates(1_600, 180, 120, 30)
    with pytest.raises(ValueError, match="more than nothing"):
        scaled(0)
