"""What stands below a pull request after a command."""

from __future__ import annotations

import re

import pytest

from bot.app.perform import perform
from bot.model.task import Answer, ReviewPull
from tests.app.conftest import Bench
from tests.github.flux_repository import BROKEN, FIXED
from tests.github_simulator.conversation import Pull
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


async def test_recheck_of_somebody_who_may_write_is_a_task_and_a_reply(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    await bench.review(pull)
    bench.github.acts.set_role(bench.fleet, "octocat", Role.WRITE)

    comment = await bench.command(pull, "/fluxbot recheck")
    asked = f"comment-{comment}"
    assert bench.deferred == [ReviewPull(bench.repository, pull.number, recheck=True, event=asked)]
    await bench.work_off()

    assert [run.conclusion for run in bench.github.state(pull).check_runs] == ["failure", "failure"]
    assert "judged again" in bench.github.state(pull).comments[-1].body


async def test_recheck_of_somebody_who_may_only_triage_is_refused_in_words(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    bench.github.acts.set_role(bench.fleet, "reader", Role.TRIAGE)

    await bench.command(pull, "/fluxbot recheck", by="reader")

    assert bench.deferred == []
    assert "Only those who may write here" in bench.github.state(pull).comments[-1].body


async def test_a_command_that_does_not_exist_is_answered_with_those_that_do(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    bench.github.acts.set_role(bench.fleet, "octocat", Role.READ)

    await bench.command(pull, "/fluxbot mergeit")

    assert "`mergeit` is no command" in bench.github.state(pull).comments[-1].body


async def test_somebody_who_may_not_read_the_repository_gets_no_answer(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)

    await bench.command(pull, "/fluxbot explain infra", by="stranger")

    assert len(bench.github.state(pull).comments) == 1


async def reply(bench: Bench, pull: Pull, body: str, role: Role = Role.READ) -> str:
    """What stands below the command of somebody with that role."""
    bench.github.acts.set_role(bench.fleet, "octocat", role)
    await bench.command(pull, body)
    last = bench.github.state(pull).comments[-1]
    return last.body if last.by_app else ""


async def test_a_word_that_is_nearly_a_command_is_answered_with_that_command(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)

    assert "`explian` is no command; the nearest is `explain`" in await reply(bench, pull, "/fluxbot explian infra")


async def test_explain_of_two_objects_tells_every_way_with_the_line_of_each_step(bench: Bench) -> None:
    pull = await bench.pull(FIXED)

    text = await reply(bench, pull, "/fluxbot explain issuers HelmRelease/cert-manager")

    depends = "`Kustomization/flux-system/issuers` depends on `Kustomization/flux-system/infra`"
    assert f"{depends} ([`clusters/production/issuers.yaml:4`](" in text
    waits = (
        "is not ready before `HelmRelease/cert-manager/cert-manager` is healthy ([`clusters/production/infra.yaml:4`]("
    )
    assert waits in text
    assert "becomes ready at its first try" in text


async def test_order_tells_the_waves_and_what_the_change_moves(bench: Bench) -> None:
    pull = await bench.pull(FIXED)

    text = await reply(bench, pull, "/fluxbot order production")

    assert "`clusters/production` comes up in 3 waves:" in text
    assert "wave 3: `issuers` (new)" in text


async def test_order_of_a_cluster_that_is_not_there_names_those_that_are(bench: Bench) -> None:
    pull = await bench.pull(FIXED)

    text = await reply(bench, pull, "/fluxbot order staging")

    assert "No cluster is called `staging`. There are: `clusters/production`." in text


async def test_impact_tells_what_waits_and_what_would_be_deleted(bench: Bench) -> None:
    pull = await bench.pull(FIXED)

    text = await reply(bench, pull, "/fluxbot impact infra")

    assert "1 object waits for it directly:" in text
    assert "`Kustomization/flux-system/issuers` depends on `Kustomization/flux-system/infra`" in text
    assert "Flux deletes the 3 objects that it applies" in text


async def test_impact_without_a_subject_asks_for_one(bench: Bench) -> None:
    pull = await bench.pull(FIXED)

    assert "Which object?" in await reply(bench, pull, "/fluxbot impact")


async def finding_of(bench: Bench, pull: Pull) -> str:
    """The id of the first finding that the check run tells."""
    await bench.review(pull)
    found = re.search(r"`([0-9a-f]{6})`", bench.github.state(pull).check_runs[-1].summary or "")
    assert found
    return found[1]


async def test_ignore_turns_the_check_green_and_the_check_run_says_who_and_why(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    finding = await finding_of(bench, pull)

    text = await reply(bench, pull, f"/fluxbot ignore {finding} the operator is <b>there</b> | since 2019", Role.WRITE)
    await bench.work_off()

    run = bench.github.state(pull).check_runs[-1]
    assert run.conclusion == "success"
    assert "the operator is \\<b\\>there\\</b\\> | since 2019 (octocat, on this pull request" in (run.summary or "")
    assert "```yaml\nignore:\n  - rule: crd-in-same-kustomization\n    about: Kustomization/flux-system/infra\n" in text
    assert 'reason: "the operator is <b>there</b> | since 2019"' in text


async def test_what_was_ignored_stays_so_after_a_push_and_not_on_another_pull_request(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    finding = await finding_of(bench, pull)
    await reply(bench, pull, f"/fluxbot ignore {finding} fine", Role.WRITE)
    await bench.github.acts.push(bench.fleet, "topic", {"README.md": "# more\n"})

    await bench.review(pull)
    other = await bench.pull(BROKEN, "other")
    await bench.review(other)

    assert bench.github.state(pull).runs_at(pull.head_sha)[-1].conclusion == "success"
    assert bench.github.state(other).runs_at(other.head_sha)[-1].conclusion == "failure"


async def test_ignore_by_a_reader_is_refused_and_changes_nothing(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    finding = await finding_of(bench, pull)

    text = await reply(bench, pull, f"/fluxbot ignore {finding} fine", Role.TRIAGE)

    assert "Only those who may write here" in text
    assert bench.journal.taken == {}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "Which finding, and why?"),
        ("abc123", "Which finding, and why?"),
        ("abc123 fine", "has the id `abc123`. It"),
    ],
)
async def test_ignore_needs_an_id_that_exists_and_a_reason(bench: Bench, words: str, said: str) -> None:
    pull = await bench.pull(BROKEN)

    assert said in await reply(bench, pull, f"/fluxbot ignore {words}", Role.WRITE)
    assert bench.deferred == []


async def test_a_person_who_asks_too_much_is_told_once_and_then_not_answered(bench: Bench) -> None:
    pull = await bench.pull(FIXED)
    bench.patience = 2

    said = [await reply(bench, pull, "/fluxbot help") for _ in range(4)]

    assert ["one question more" in text for text in said] == [False, False, True, False]
    assert said[3] == ""
