"""The store, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import date

import psycopg
import pytest

from bot.model.config import Accepted
from bot.model.publication import Reads
from bot.model.task import Repository
from bot.store.belongings import forget, meet, prune, repositories
from bot.store.deliveries import Delivery, remember
from bot.store.ledger import Ledger, Published
from bot.store.migration import Step, migrate
from bot.store.pacing import MOST_QUESTIONS, may_ask, starts_in
from bot.store.pages import Pages
from bot.store.pool import Pool
from bot.store.tables import STEPS
from bot.web.serving import all_steps

SHOP = Repository(installation=7, id=70, owner="acme", name="shop")
BLOG = Repository(installation=7, id=71, owner="acme", name="blog")
OTHER = Repository(installation=8, id=80, owner="umbrella", name="shop")


async def test_processes_that_start_at_once_migrate_once(empty_database: str) -> None:
    applied = await asyncio.gather(*(migrate(empty_database, all_steps()) for _ in range(4)))

    assert sorted(len(names) for names in applied) == [0, 0, 0, 1 + len(STEPS)]  # those of the queue in one


async def test_a_step_that_another_one_holds_is_not_applied_after_it(empty_database: str) -> None:
    whole = Step("whole", "CREATE TABLE a (x int, y int)", holds=("a.y",))
    later = Step("a.y", "ALTER TABLE a ADD COLUMN y int")

    first = await migrate(empty_database, (whole, later))
    second = await migrate(empty_database, (whole, later, Step("a.z", "ALTER TABLE a ADD COLUMN z int")))

    assert first == ("whole",)
    assert second == ("a.z",)


async def test_a_step_that_fails_leaves_nothing_of_itself_and_all_before_it(empty_database: str) -> None:
    good = Step("good", "CREATE TABLE good ()")
    bad = Step("bad", "CREATE TABLE half (); CREATE TABLE good ()")

    with pytest.raises(psycopg.errors.DuplicateTable):
        await migrate(empty_database, (good, bad))

    assert await migrate(empty_database, (good, Step("bad", "CREATE TABLE half ()"))) == ("bad",)


async def test_of_two_equal_deliveries_at_once_one_is_new(pool: Pool) -> None:
    async def one() -> bool:
        async with pool.connection() as connection:
            new = await remember(connection, Delivery("a-b-c", "push"))
            await asyncio.sleep(0)
            return new

    assert sorted(await asyncio.gather(one(), one(), one())) == [False, False, True]


async def test_a_delivery_whose_transaction_failed_is_new_again(pool: Pool) -> None:
    async with pool.connection() as connection, connection.transaction() as transaction:
        await remember(connection, Delivery("a-b-c", "push"))
        raise psycopg.Rollback(transaction)

    async with pool.connection() as connection:
        assert await remember(connection, Delivery("a-b-c", "push"))


async def test_what_is_published_later_completes_what_is_known(pool: Pool) -> None:
    ledger = Ledger(pool)
    await ledger.publish(Published("pull:1:abc", SHOP, "abc", pull=1, check_run=500, conclusion="in_progress"))

    await ledger.publish(Published("pull:1:abc", SHOP, "abc", comment=900, conclusion="completed"))

    assert await ledger.of_pull(SHOP, 1) == (Published("pull:1:abc", SHOP, "abc", 1, 500, 900, "completed"),)


async def test_the_same_review_key_in_two_repositories_is_two_reviews(pool: Pool) -> None:
    ledger = Ledger(pool)

    await ledger.publish(Published("pull:1:abc", SHOP, "abc", pull=1, check_run=500))
    await ledger.publish(Published("pull:1:abc", OTHER, "abc", pull=1, check_run=600))

    assert [one.check_run for one in await ledger.of_pull(SHOP, 1)] == [500]
    assert [one.check_run for one in await ledger.of_pull(OTHER, 1)] == [600]


async def test_a_repository_that_was_renamed_is_known_by_its_new_name(pool: Pool) -> None:
    async with pool.connection() as connection:
        await meet(connection, SHOP)
        await meet(connection, Repository(7, 70, "acme", "store"))

    assert await repositories(pool) == (Repository(7, 70, "acme", "store"),)


async def test_an_uninstalled_app_keeps_nothing_of_the_installation(pool: Pool) -> None:
    ledger = Ledger(pool)
    for repository in (SHOP, BLOG, OTHER):
        await ledger.publish(Published("pull:1:abc", repository, "abc", pull=1))
        await starts_in(pool, f"pull:{repository.id}:1", most=1, window=60)
        async with pool.connection() as connection:
            await remember(
                connection, Delivery(f"d-{repository.id}", "push", "", repository.installation, repository.id)
            )

    await ledger.forget(7)

    assert await _rows(pool) == {"delivery": [80], "published": [80], "repository": [80], "start": [80]}


async def test_a_repository_that_is_taken_away_leaves_the_others_of_its_installation(pool: Pool) -> None:
    for repository in (SHOP, BLOG):
        await Ledger(pool).publish(Published("pull:1:abc", repository, "abc", pull=1))

    await forget(pool, 7, SHOP.id)

    assert await repositories(pool) == (BLOG,)
    assert await Ledger(pool).of_pull(SHOP, 1) == ()


async def test_pruning_deletes_what_is_old_only(pool: Pool) -> None:
    async with pool.connection() as connection:
        for name in ("old", "new"):
            await remember(connection, Delivery(name, "push"))
        await connection.execute("UPDATE fluxbot_delivery SET received = now() - interval '15 days' WHERE id = 'old'")

    await prune(pool)

    async with pool.connection() as connection:
        assert not await remember(connection, Delivery("new", "push"))
        assert await remember(connection, Delivery("old", "push"))


async def test_starts_beyond_the_most_wait_for_the_window(pool: Pool) -> None:
    waits = [await starts_in(pool, "pull:1:1", most=2, window=60.0) for _ in range(3)]
    other = await starts_in(pool, "pull:1:2", most=2, window=60.0)

    assert waits[:2] == [0.0, 0.0]
    assert 59 < waits[2] <= 60
    assert other == 0.0


async def _rows(pool: Pool) -> dict[str, list[int]]:
    """The ids of the repositories that the tables still name."""
    async with pool.connection() as connection:
        delivery = await (await connection.execute("SELECT repository FROM fluxbot_delivery")).fetchall()
        published = await (await connection.execute("SELECT repository FROM fluxbot_published")).fetchall()
        repository = await (await connection.execute("SELECT id FROM fluxbot_repository")).fetchall()
        start = await (await connection.execute("SELECT split_part(lock, ':', 2)::int FROM fluxbot_start")).fetchall()
    found = {"delivery": delivery, "published": published, "repository": repository, "start": start}
    return {name: sorted(int(row[0]) for row in rows) for name, rows in found.items()}


async def test_what_was_accepted_is_kept_for_its_pull_request_and_said_last_wins(pool: Pool) -> None:
    ledger = Ledger(pool)
    day = date(2026, 11, 26)
    await ledger.accept(SHOP, 3, Accepted("abc", "first", "octocat", day))
    await ledger.accept(SHOP, 3, Accepted("abc", "second", "mona", day))
    await ledger.accept(SHOP, 4, Accepted("def", "other", "mona", day))

    assert await ledger.accepted(SHOP, 3) == (Accepted("abc", "second", "mona", day),)
    assert await ledger.accepted(BLOG, 3) == ()


async def test_the_pull_requests_that_go_to_a_branch_are_known_the_newest_first(pool: Pool) -> None:
    ledger = Ledger(pool)
    for number, branch in ((1, "main"), (2, "main"), (3, "stable"), (4, "main")):
        await ledger.publish(Published(f"pull:{number}", SHOP, "abc", pull=number, branch=branch))
    await ledger.publish(Published("pull:1:again", SHOP, "def", pull=1, branch="main"))

    assert await ledger.aimed_at(SHOP, "main", 2) == (1, 4)
    assert await ledger.aimed_at(BLOG, "main", 2) == ()


async def test_a_person_may_ask_ten_questions_in_ten_minutes_and_others_are_not_concerned(pool: Pool) -> None:
    asked = [await may_ask(pool, SHOP, "octocat") for _ in range(MOST_QUESTIONS + 1)]

    assert asked == [*[True] * MOST_QUESTIONS, False]
    assert await may_ask(pool, SHOP, "mona")
    assert [await may_ask(pool, SHOP, "octocat:refused") for _ in range(2)] == [True, False]


async def test_who_reads_a_repository_is_known_within_the_installation_and_forgotten_with_it(pool: Pool) -> None:
    ledger = Ledger(pool)
    await ledger.reads(SHOP, Reads(("example.org/acme/app", "example.org/acme/old")))
    await ledger.reads(SHOP, Reads(("example.org/acme/app",)))
    app = Repository(SHOP.installation, 990, "acme", "app")
    stranger = Repository(SHOP.installation + 1, 991, "acme", "app")

    assert await ledger.readers(app, "example.org/acme/app", 5) == (str(SHOP),)
    assert await ledger.readers(app, "example.org/acme/old", 5) == ()
    await ledger.reads(SHOP, Reads((), is_all=False))
    assert await ledger.readers(app, "example.org/acme/app", 5) == (str(SHOP),)
    assert await ledger.readers(stranger, "example.org/acme/app", 5) == ()
    assert await ledger.readers(SHOP, "example.org/acme/app", 5) == ()
    await ledger.forget(SHOP.installation, SHOP.id)
    assert await ledger.readers(app, "example.org/acme/app", 5) == ()


async def test_a_page_is_kept_for_each_head_and_the_newest_counts(pool: Pool) -> None:
    pages = Pages(pool)
    await pages.keep(SHOP, 1, "a", b"first")
    await pages.keep(SHOP, 1, "a", b"second")
    await pages.keep(SHOP, 1, "b", b"third")

    assert [await pages.find(SHOP.id, *which) for which in ((1, "a"), (1, "b"), (2, "a"))] == [
        b"second",
        b"third",
        None,
    ]
    assert await pages.find(BLOG.id, 1, "a") is None


async def test_pages_go_with_their_repository_and_after_thirty_days(pool: Pool) -> None:
    pages = Pages(pool)
    await pages.keep(SHOP, 1, "a", b"gone")
    await pages.keep(BLOG, 1, "a", b"old")
    await pages.keep(BLOG, 1, "b", b"new")
    async with pool.connection() as connection:
        await connection.execute("UPDATE fluxbot_page SET made = now() - interval '31 days' WHERE page = 'old'")

    await forget(pool, SHOP.installation, SHOP.id)
    await prune(pool)

    found = [await pages.find(*which) for which in ((SHOP.id, 1, "a"), (BLOG.id, 1, "a"), (BLOG.id, 1, "b"))]
    assert found == [None, None, b"new"]


async def test_what_stands_open_for_long_is_found_with_its_repository_and_what_ended_is_not(pool: Pool) -> None:
    ledger = Ledger(pool)
    await ledger.publish(Published("open", SHOP, "abc", pull=1, conclusion="in_progress", branch="main"))
    await ledger.publish(Published("group", SHOP, "def", conclusion="in_progress", branch=""))
    await ledger.publish(Published("fresh", OTHER, "abc", pull=1, conclusion="in_progress", branch="main"))
    await ledger.publish(Published("over", SHOP, "abc", pull=2, conclusion="completed", branch="main"))
    async with pool.connection() as connection:
        await connection.execute(
            "UPDATE fluxbot_published SET changed = now() - interval '2 hours' WHERE review_key <> 'fresh'"
        )

    found = await ledger.standing("in_progress", 3_600, 100)

    assert [(one.key, one.repository, one.pull, one.head) for one in found] == [
        ("group", SHOP, None, "def"),
        ("open", SHOP, 1, "abc"),
    ]
    assert await ledger.concluded(SHOP, ["open", "over", "unheard-of"], "completed") == {"over"}
