"""What comes of the Fix button and of ``/fluxbot fix``: a commit, a patch, or the reason why there is neither."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.app.perform import perform
from bot.model.task import Answer, ApplyFix, Task
from bot.ports import Unreachable
from tests.app.conftest import Bench
from tests.github.flux_repository import BROKEN, INFRA, ISSUER
from tests.github_simulator.conversation import Pull
from tests.github_simulator.faults import Cut
from tests.github_simulator.git_writing import Content
from tests.github_simulator.people import Role

LATE: Mapping[str, Content] = {
    "clusters/production/issuers.yaml": INFRA.replace("infra", "issuers"),
    "issuers/issuer.yaml": ISSUER,
}
"""Custom resources in a Kustomization of their own, which waits for nothing."""


async def late(bench: Bench, contents: str = "write") -> Pull:
    bench.installation.permissions["contents"] = contents
    bench.github.acts.set_role(bench.fleet, "octocat", Role.WRITE)
    pull = await bench.pull(LATE)
    await bench.review(pull)
    return pull


async def press(bench: Bench, pull: Pull, by: str = "octocat") -> ApplyFix:
    """Press the button of the newest run, as the webhook tells of it."""
    run = bench.github.state(pull).check_runs[-1]
    await bench.github.acts.press(bench.fleet, run, "fix", by=by)
    person = bench.github.world.account(by)
    task = ApplyFix(bench.repository, pull.number, run.head_sha, run.id, by, person.id)
    await done(bench, task)
    return task


async def done(bench: Bench, task: Task) -> None:
    """Do a task, and let GitHub do what follows a commit."""
    await perform(task, bench.world)
    await bench.github.hooks.settle()


async def order(bench: Bench, pull: Pull, command: str, by: str = "octocat") -> int:
    comment = await bench.command(pull, command, by)
    await bench.github.hooks.settle()
    return comment


async def message(bench: Bench, pull: Pull) -> str:
    return (await bench.fleet.git.commit(pull.head_sha)).message


async def text(bench: Bench, pull: Pull, path: str) -> str:
    return (await bench.fleet.git.run("show", f"{pull.head_sha}:{path}")).decode()


async def test_the_button_commits_and_what_was_red_turns_green_with_its_threads_resolved(bench: Bench) -> None:
    pull = await late(bench)
    before = bench.github.state(pull)

    await press(bench, pull)
    await bench.review(pull)

    after = bench.github.state(pull)
    assert [action.label for action in before.check_runs[0].actions] == ["Fix", "Recheck"]
    assert "dependsOn" in await text(bench, pull, "clusters/production/issuers.yaml")
    assert pull.head_sha in after.comments[-1].body
    assert [run.conclusion for run in after.runs_at(pull.head_sha)] == ["success"]
    assert [action.label for action in after.runs_at(pull.head_sha)[-1].actions] == ["Recheck"]
    assert before.threads
    assert all(thread.resolved for thread in after.threads)


async def test_the_commit_says_what_it_does_and_who_asked(bench: Bench) -> None:
    pull = await late(bench)
    findings = bench.github.state(pull).threads

    await press(bench, pull)

    said = await message(bench, pull)
    person = bench.github.world.account("octocat")
    assert f"Co-authored-by: octocat <{person.id}+octocat@users.noreply." in said
    assert "crd-not-ordered" in said
    assert "`" not in said
    assert len(said.split("\n")[0]) <= 72
    assert findings


async def test_the_same_button_pressed_twice_or_its_task_done_again_commits_once(bench: Bench) -> None:
    pull = await late(bench)
    task = await press(bench, pull)
    first = pull.head_sha

    await perform(task, bench.world)

    assert pull.head_sha == first
    answers = [one for one in bench.github.state(pull).comments if "fluxbot:fix:" in one.body]
    assert len(answers) == 1


async def test_a_task_that_was_killed_between_commit_and_answer_answers_and_commits_no_more(bench: Bench) -> None:
    pull = await late(bench)
    bench.github.fail_next("POST", "/repos/acme/fleet/issues/*/comments", Cut())

    run = bench.github.state(pull).check_runs[-1]
    task = ApplyFix(bench.repository, pull.number, run.head_sha, run.id, "octocat", 1)
    with pytest.raises(Unreachable):
        await perform(task, bench.world)
    await bench.github.hooks.settle()
    first = pull.head_sha

    await done(bench, task)

    assert first != task.head

    assert "Fluxbot-Request: check-run-" in await message(bench, pull)
    assert pull.head_sha == first
    assert first in bench.github.state(pull).comments[-1].body


async def test_an_answer_that_is_lost_on_its_way_leaves_one_commit(bench: Bench) -> None:
    pull = await late(bench)
    bench.github.fail_next("POST", "/graphql", Cut(after_effect=True), skip=1)  # the first asks what stands

    await press(bench, pull)

    assert (await message(bench, pull)).count("Fluxbot-Request") == 1
    assert pull.head_sha in bench.github.state(pull).comments[-1].body


async def test_a_branch_that_moved_since_is_left_alone(bench: Bench) -> None:
    pull = await late(bench)
    run = bench.github.state(pull).check_runs[-1]
    task = ApplyFix(bench.repository, pull.number, run.head_sha, run.id, "octocat", 1)
    await bench.github.acts.push(bench.fleet, "topic", {"README.md": "# meanwhile\n"})
    moved = pull.head_sha

    await perform(task, bench.world)

    assert pull.head_sha == moved
    assert "The branch moved" in bench.github.state(pull).comments[-1].body


async def test_a_branch_that_moves_while_the_fix_is_made_is_left_alone(bench: Bench) -> None:
    pull = await late(bench)

    async def meanwhile() -> None:
        await bench.github.acts.push(bench.fleet, "topic", {"README.md": "# meanwhile\n"})

    bench.during.append(meanwhile)
    await press(bench, pull)

    assert "meanwhile" in await text(bench, pull, "README.md")
    assert "dependsOn" not in await text(bench, pull, "clusters/production/issuers.yaml")
    assert "The branch moved" in bench.github.state(pull).comments[-1].body


async def test_who_may_not_push_may_not_have_it_committed(bench: Bench) -> None:
    pull = await late(bench)
    bench.github.acts.set_role(bench.fleet, "reader", Role.READ)
    head = pull.head_sha

    await press(bench, pull, by="reader")
    await order(bench, pull, "/fluxbot fix", by="reader")

    assert pull.head_sha == head
    assert ["Only those who may write" in one.body for one in bench.github.state(pull).comments].count(True) == 2


async def test_without_the_permission_the_patch_is_shown_and_git_takes_it(bench: Bench) -> None:
    pull = await late(bench, "read")
    head = pull.head_sha

    await order(bench, pull, "/fluxbot fix")

    body = bench.github.state(pull).comments[-1].body
    assert pull.head_sha == head
    assert "`contents: write` is not granted" in body
    assert "git apply fix.patch" in body
    assert await applied(bench, pull, body)


async def test_of_a_fork_the_patch_is_shown(bench: Bench) -> None:
    bench.installation.permissions["contents"] = "write"
    bench.github.acts.set_role(bench.fleet, "octocat", Role.WRITE)
    fork = await bench.github.acts.fork(bench.fleet, "mallory")
    await bench.github.acts.push(fork, "topic", LATE, by="mallory")
    pull = await bench.github.acts.open_pull(bench.fleet, "topic", fork=fork, by="mallory")
    await bench.review(pull)
    head = pull.head_sha

    await order(bench, pull, "/fluxbot fix")

    body = bench.github.state(pull).comments[-1].body
    assert pull.head_sha == head
    assert "lies in a fork" in body
    assert "```diff" in body


async def test_a_protected_branch_gets_the_patch_and_what_github_said(bench: Bench) -> None:
    pull = await late(bench)
    bench.fleet.protected.add("topic")
    head = pull.head_sha

    await order(bench, pull, "/fluxbot fix")

    body = bench.github.state(pull).comments[-1].body
    assert pull.head_sha == head
    assert "GitHub refused the commit" in body
    assert await applied(bench, pull, body)


async def test_one_finding_can_be_chosen_by_its_id(bench: Bench) -> None:
    other = ISSUER.replace("name: letsencrypt}\n", "name: other}\n")
    both = {
        **LATE,
        "clusters/production/others.yaml": INFRA.replace("infra", "others"),
        "others/issuer.yaml": other,
    }
    bench.installation.permissions["contents"] = "write"
    bench.github.acts.set_role(bench.fleet, "octocat", Role.WRITE)
    pull = await bench.pull(both)
    await bench.review(pull)
    thread = next(
        one
        for one in bench.github.state(pull).threads
        if one.path.endswith("others.yaml") or "others" in one.comments[0].body
    )
    finding = thread.comments[0].body.rpartition("`")[0].rpartition("`")[2]

    await order(bench, pull, f"/fluxbot fix `{finding}`")

    assert "dependsOn" in await text(bench, pull, "clusters/production/others.yaml")
    assert "dependsOn" not in await text(bench, pull, "clusters/production/issuers.yaml")


async def test_an_id_that_nothing_has_is_said_to_be_one(bench: Bench) -> None:
    pull = await late(bench)
    head = pull.head_sha

    await order(bench, pull, "/fluxbot fix zzzzzz")

    body = bench.github.state(pull).comments[-1].body
    assert pull.head_sha == head
    assert "nothing to commit" in body
    assert "`zzzzzz`" in body


async def test_a_command_given_once_commits_once_however_often_it_is_done(bench: Bench) -> None:
    pull = await late(bench)
    comment = await order(bench, pull, "/fluxbot fix")
    first = pull.head_sha

    await perform(Answer(bench.repository, pull.number, comment), bench.world)

    assert pull.head_sha == first
    assert "dependsOn" in await text(bench, pull, "clusters/production/issuers.yaml")


async def test_what_has_no_safe_fix_has_no_button(bench: Bench) -> None:
    pull = await bench.pull({"clusters/production/other.yaml": INFRA.replace("infra", "other")})

    await bench.review(pull)

    standing = bench.github.state(pull)
    assert standing.check_runs[0].conclusion == "failure"
    assert [action.label for action in standing.check_runs[0].actions] == ["Recheck"]


async def test_a_split_is_committed_with_its_new_files(bench: Bench) -> None:
    bench.installation.permissions["contents"] = "write"
    bench.github.acts.set_role(bench.fleet, "octocat", Role.WRITE)
    pull = await bench.pull(BROKEN)
    await bench.review(pull)

    await press(bench, pull)
    await bench.review(pull)

    assert [run.conclusion for run in bench.github.state(pull).runs_at(pull.head_sha)] == ["success"]
    assert (
        "infra/issuer.yaml" not in (await bench.fleet.git.run("ls-tree", "-r", "--name-only", pull.head_sha)).decode()
    )


async def applied(bench: Bench, pull: Pull, body: str) -> bool:
    """Whether the patch in an answer applies to the pull request's own tree, as git sees it."""
    patch = body.partition("```diff\n")[2].partition("\n```")[0] + "\n"
    files = {"GIT_INDEX_FILE": str(bench.folder / "index")}
    await bench.fleet.git.run("read-tree", pull.head_sha, environment=files)
    await bench.fleet.git.run("apply", "--cached", "-", stdin=patch.encode(), environment=files)
    tree = (await bench.fleet.git.run("write-tree", environment=files)).decode().strip()
    return tree != (await bench.fleet.git.commit(pull.head_sha)).tree


BOOTSTRAP = """\
repositories: [{name: jetstack, url: https://charts.jetstack.io}]
releases:
  - name: cert-manager
    namespace: cert-manager
    chart: jetstack/cert-manager
    version: v1.18.2
    values: [{crds: {enabled: true}}]
"""


async def test_what_takes_several_changes_has_no_button_and_is_told_in_steps_where_it_is_asked_for(
    bench: Bench,
) -> None:
    bench.installation.permissions["contents"] = "write"
    bench.github.acts.set_role(bench.fleet, "octocat", Role.WRITE)
    await bench.github.acts.push(bench.fleet, "main", {**BROKEN, "bootstrap/helmfile.yaml": BOOTSTRAP})
    pull = await bench.pull({"bootstrap/helmfile.yaml": None})
    await bench.review(pull)
    head = pull.head_sha

    await order(bench, pull, "/fluxbot fix")

    standing = bench.github.state(pull)
    assert "Fix, in steps" in (standing.check_runs[0].summary or "")
    assert [action.label for action in standing.check_runs[0].actions] == ["Recheck"]
    assert pull.head_sha == head
    assert "There is nothing to commit." in standing.comments[-1].body
    assert "kustomize.toolkit.fluxcd.io/prune: disabled" in standing.comments[-1].body
