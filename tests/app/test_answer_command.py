"""What stands below a pull request after a command."""

from __future__ import annotations

from bot.app.perform import perform
from bot.model.task import Answer, ReviewPull
from tests.app.conftest import Bench
from tests.github.flux_repository import BROKEN
from tests.github_simulator.people import Role


async def test_explain_tells_why_and_draws_the_neighbourhood(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    bench.github.acts.set_role(bench.fleet, "octocat", Role.READ)

    await bench.command(pull, "/fluxbot explain infra")

    question, reply = bench.github.state(pull).comments
    assert [reaction.content for reaction in question.reactions] == ["eyes"]
    assert "`Kustomization/flux-system/infra`" in reply.body
    assert "never becomes ready" in reply.body
    assert "```mermaid\nflowchart LR\n" in reply.body
    assert reply.by_app


async def test_explain_without_a_subject_tells_what_the_change_does(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    bench.github.acts.set_role(bench.fleet, "octocat", Role.READ)

    await bench.command(pull, "/fluxbot explain")

    assert "crd-in-same-kustomization" in bench.github.state(pull).comments[-1].body


async def test_explain_of_a_rule_is_its_manual(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    bench.github.acts.set_role(bench.fleet, "octocat", Role.READ)

    await bench.command(pull, "/fluxbot explain crd-in-same-kustomization")

    assert "# crd-in-same-kustomization (error)" in bench.github.state(pull).comments[-1].body


async def test_explain_of_two_objects_tells_of_the_order_between_them(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    bench.github.acts.set_role(bench.fleet, "octocat", Role.READ)

    await bench.command(pull, "/fluxbot explain `ClusterIssuer/letsencrypt` `HelmRelease/cert-manager`")

    assert "applies both" in bench.github.state(pull).comments[-1].body


async def test_a_name_that_nothing_has_is_said_to_be_one_and_mentions_nobody(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    bench.github.acts.set_role(bench.fleet, "octocat", Role.READ)

    await bench.command(pull, "/fluxbot explain @everyone")

    assert "Nothing is called `@everyone`" in bench.github.state(pull).comments[-1].body


async def test_an_answer_given_twice_stands_once(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    bench.github.acts.set_role(bench.fleet, "octocat", Role.READ)
    comment = await bench.command(pull, "/fluxbot explain infra")

    await perform(Answer(bench.repository, pull.number, comment), bench.world)

    question, _reply = bench.github.state(pull).comments
    assert len(question.reactions) == 1


async def test_recheck_of_somebody_who_may_triage_is_a_task_and_a_reply(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    await bench.review(pull)
    bench.github.acts.set_role(bench.fleet, "octocat", Role.TRIAGE)

    comment = await bench.command(pull, "/fluxbot recheck")
    asked = f"comment-{comment}"
    assert bench.deferred == [ReviewPull(bench.repository, pull.number, recheck=True, event=asked)]
    await bench.work_off()

    assert [run.conclusion for run in bench.github.state(pull).check_runs] == ["failure", "failure"]
    assert "judged again" in bench.github.state(pull).comments[-1].body


async def test_recheck_of_a_mere_reader_is_refused_in_words(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    bench.github.acts.set_role(bench.fleet, "reader", Role.READ)

    await bench.command(pull, "/fluxbot recheck", by="reader")

    assert bench.deferred == []
    assert "may triage or write" in bench.github.state(pull).comments[-1].body


async def test_a_command_that_does_not_exist_is_answered_with_those_that_do(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    bench.github.acts.set_role(bench.fleet, "octocat", Role.READ)

    await bench.command(pull, "/fluxbot mergeit")

    assert "`mergeit` is no command" in bench.github.state(pull).comments[-1].body


async def test_somebody_who_may_not_read_the_repository_gets_no_answer(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)

    await bench.command(pull, "/fluxbot explain infra", by="stranger")

    assert len(bench.github.state(pull).comments) == 1
