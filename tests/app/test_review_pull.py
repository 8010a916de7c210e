"""What stands on GitHub after a review."""

from __future__ import annotations

from dataclasses import replace

from bot.github.snapshots import GitHubSnapshots
from bot.model.limits import Limits
from tests.app.conftest import Bench, Killed
from tests.github.flux_repository import BROKEN, FILES, FIXED, ISSUER


async def test_a_deadlock_fails_the_check_on_the_line_of_the_object_and_says_so_once(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)

    await bench.review(pull)

    standing = bench.github.state(pull)
    (run,) = standing.check_runs
    (thread,) = standing.threads
    (comment,) = standing.comments
    assert (run.name, run.status, run.conclusion) == ("fluxbot", "completed", "failure")
    assert (thread.path, thread.line, run.annotations) == ("infra/issuer.yaml", 3, [])
    assert "ClusterIssuer/letsencrypt" in thread.comments[0].body
    assert "crd-in-same-kustomization" in comment.body
    assert comment.by_app


async def test_the_fix_turns_the_check_green_and_folds_the_comment(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    await bench.review(pull)
    await bench.github.acts.push(bench.fleet, "topic", FIXED)

    await bench.review(pull)

    standing = bench.github.state(pull)
    (run,) = standing.runs_at(pull.head_sha)
    (comment,) = standing.comments
    assert (run.conclusion, run.annotations) == ("success", [])
    assert comment.body.splitlines()[1:] == ["**fluxbot**: all is well again; the check run tells what was looked at."]


async def test_a_change_without_findings_is_a_green_check_and_no_comment(bench: Bench) -> None:
    pull = await bench.pull({"README.md": "# our fleet\n"})

    await bench.review(pull)

    standing = bench.github.state(pull)
    assert [run.conclusion for run in standing.check_runs] == ["success"]
    assert standing.comments == ()


async def test_a_review_done_twice_leaves_everything_once(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    await bench.review(pull)
    first = bench.github.state(pull)

    await bench.review(pull)

    again = bench.github.state(pull)
    assert len(again.check_runs) == len(again.comments) == len(again.reviews) == len(again.threads) == 1
    assert again.comments[0].updated_at == first.comments[0].updated_at


async def test_recheck_makes_a_new_run_of_the_same_name_and_no_second_comment(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    await bench.review(pull)

    await bench.review(pull, recheck=True)

    standing = bench.github.state(pull)
    assert [run.conclusion for run in standing.check_runs] == ["failure", "failure"]
    assert len(standing.comments) == 1


async def test_one_request_for_a_recheck_makes_one_run_however_often_it_is_done(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    await bench.review(pull)

    for event in ("comment-7", "comment-7", "run-9-1", "comment-7"):
        await bench.review(pull, recheck=True, event=event)

    assert [run.conclusion for run in bench.github.state(pull).check_runs] == ["failure"] * 3


async def test_a_head_that_moved_meanwhile_is_cancelled_and_the_newer_one_is_reviewed(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    old = pull.head_sha

    async def push() -> None:
        await bench.github.acts.push(bench.fleet, "topic", FIXED)

    bench.during.append(push)
    await bench.review(pull)
    await bench.work_off()

    standing = bench.github.state(bench.fleet)
    assert [run.conclusion for run in standing.runs_at(old)] == ["cancelled"]
    assert [run.conclusion for run in standing.runs_at(pull.head_sha)] == ["success"]
    assert standing.comments == ()


async def test_a_run_that_a_killed_worker_left_behind_is_cancelled_after_the_next_push(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    old = pull.head_sha

    async def die() -> None:
        raise Killed

    bench.during.append(die)
    try:
        await bench.review(pull)
    except Killed:
        await bench.github.acts.push(bench.fleet, "topic", FIXED)
    await bench.review(pull)

    standing = bench.github.state(bench.fleet)
    assert [run.conclusion for run in standing.runs_at(old)] == ["cancelled"]
    assert [run.conclusion for run in standing.runs_at(pull.head_sha)] == ["success"]


async def test_a_closed_pull_request_is_left_alone(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    await bench.github.acts.close(pull)

    await bench.review(pull)

    assert bench.github.state(pull).check_runs == ()


async def test_another_base_branch_is_another_review(bench: Bench) -> None:
    await bench.github.acts.push(bench.fleet, "stable", BROKEN)
    pull = await bench.pull(BROKEN)
    await bench.review(pull)
    await bench.github.acts.change_base(pull, "stable")

    await bench.review(pull)

    # What is wrong is in the other branch already, so this pull request does not bring it.
    assert [run.conclusion for run in bench.github.state(pull).check_runs] == ["failure", "success"]


async def test_a_pull_request_from_a_fork_is_read_through_the_base_repository(bench: Bench) -> None:
    fork = await bench.github.acts.fork(bench.fleet, "mallory")
    await bench.github.acts.push(fork, "topic", BROKEN, by="mallory")
    pull = await bench.github.acts.open_pull(bench.fleet, "topic", fork=fork, by="mallory")

    await bench.review(pull)

    (run,) = bench.github.state(pull).check_runs
    assert (run.head_sha, run.conclusion) == (pull.head_sha, "failure")
    assert [(thread.path, thread.line) for thread in bench.github.state(pull).threads] == [("infra/issuer.yaml", 3)]


async def test_a_pull_request_cannot_switch_off_the_rule_that_it_breaks(bench: Bench) -> None:
    config = 'version: 1\nrules: {crd-in-same-kustomization: "off"}\n'
    pull = await bench.pull({**BROKEN, ".fluxbot.yaml": config})

    await bench.review(pull)

    assert bench.github.state(pull).check_runs[0].conclusion == "failure"


async def test_a_mistake_in_the_configuration_is_marked_on_its_line(bench: Bench) -> None:
    await bench.github.acts.push(bench.fleet, "main", {".fluxbot.yaml": "version: 1\ncoment: never\n"})
    pull = await bench.pull(BROKEN)

    await bench.review(pull)

    places = [(each.path, each.start_line) for each in bench.github.state(pull).check_runs[0].annotations]
    assert (".fluxbot.yaml", 2) in places


async def test_comment_never_means_never(bench: Bench) -> None:
    await bench.github.acts.push(bench.fleet, "main", {".fluxbot.yaml": "version: 1\ncomment: never\n"})
    pull = await bench.pull(BROKEN)

    await bench.review(pull)

    assert bench.github.state(pull).comments == ()


async def test_more_than_fifty_annotations_all_arrive_once(bench: Bench) -> None:
    many = {f"infra/issuer-{n}.yaml": ISSUER.replace("letsencrypt", f"ca-{n}") for n in range(3)}
    for n in range(60):
        name = f"missing-{n}"
        many[f"clusters/production/{name}.yaml"] = (
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
            f"metadata: {{name: {name}, namespace: flux-system}}\n"
            f"spec: {{interval: 10m, path: ./{name}, prune: true, "
            "sourceRef: {kind: GitRepository, name: flux-system}}\n"
        )
    await bench.github.acts.push(bench.fleet, "main", {".fluxbot.yaml": "version: 1\ncomment: never\n"})
    pull = await bench.pull({**many})

    await bench.review(pull)

    (run,) = bench.github.state(pull).check_runs
    paths = [each.path for each in run.annotations]
    assert run.status == "completed"
    assert sum("missing" in path for path in paths) == 60
    assert len({(each.path, each.title) for each in run.annotations}) == len(paths)


async def test_unrelated_histories_are_compared_with_the_base_itself(bench: Bench) -> None:
    git = bench.fleet.git
    tree = (await git.run("rev-parse", "main^{tree}")).decode().strip()
    root = (await git.run("commit-tree", tree, "-m", "anew")).decode().strip()
    await bench.github.acts.push(bench.fleet, "orphan", BROKEN, onto=root)
    pull = await bench.github.acts.open_pull(bench.fleet, "orphan")

    await bench.review(pull)

    assert bench.github.state(pull).check_runs[0].conclusion == "failure"


async def test_a_repository_beyond_a_limit_fails_the_check_and_names_the_limit_and_its_setting(bench: Bench) -> None:
    within = Limits(repository_files=3)
    snapshots = GitHubSnapshots(bench.connection.client, bench.folder, within)
    bench.connection = replace(bench.connection, snapshots=snapshots)
    pull = await bench.pull({"more.yaml": "a: b\n"})

    await bench.review(pull)

    (run,) = bench.github.state(pull).check_runs
    assert (run.conclusion, run.title) == ("failure", "fluxbot could not judge this change")
    assert "holds too many files: the limit is 3; FLUXBOT_LIMIT_REPOSITORY_FILES raises it" in (
        run.summary or ""
    ).replace("\\_", "_")


async def test_a_change_that_makes_itself_unreadable_fails_the_check_on_the_line(bench: Bench) -> None:
    laughs = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{above}'] * 10)}]\n"
        for above, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    pull = await bench.pull({"infra/laughs.yaml": laughs, **BROKEN})

    await bench.review(pull)

    (run,) = bench.github.state(pull).check_runs
    assert run.conclusion == "failure"
    assert [(each.path, each.line) for each in bench.github.state(pull).threads] == [("infra/laughs.yaml", 6)]


async def test_a_change_to_a_branch_that_no_cluster_follows_is_not_judged_and_says_so(bench: Bench) -> None:
    await bench.github.acts.push(bench.fleet, "staging", {"README.md": "# what comes next\n"})
    await bench.github.acts.push(bench.fleet, "topic", {"README.md": "# what comes next\n", **BROKEN})
    pull = await bench.github.acts.open_pull(bench.fleet, "topic", base="staging")

    await bench.review(pull)

    standing = bench.github.state(pull)
    (run,) = standing.check_runs
    assert (run.conclusion, standing.comments, standing.threads) == ("success", (), ())
    assert "No cluster follows the branch that this goes to" in (run.summary or "")
    assert "follows the branch `main`" in (run.summary or "")


async def test_a_cluster_whose_branch_the_configuration_names_is_judged(bench: Bench) -> None:
    config = "version: 1\nclusters: [{root: clusters/production, branch: staging}]\n"
    await bench.github.acts.push(bench.fleet, "main", {".fluxbot.yaml": config})
    await bench.github.acts.push(bench.fleet, "staging", {"README.md": "# what comes next\n"})
    await bench.github.acts.push(bench.fleet, "topic", BROKEN)
    pull = await bench.github.acts.open_pull(bench.fleet, "topic", base="staging")

    await bench.review(pull)

    (run,) = bench.github.state(pull).check_runs
    assert run.conclusion == "failure"


async def test_a_cluster_that_follows_a_tag_is_not_judged(bench: Bench) -> None:
    path = "clusters/production/flux-system/gotk-sync.yaml"
    sync = next(text for name, text in FILES.items() if name == path)
    tagged = {path: str(sync).replace("ref: {branch: main}", "ref: {semver: '>=1.0.0'}")}
    await bench.github.acts.push(bench.fleet, "main", tagged)
    pull = await bench.pull(BROKEN)

    await bench.review(pull)

    (run,) = bench.github.state(pull).check_runs
    assert run.conclusion == "success"
    assert "follows the tags `>=1.0.0`" in (run.summary or "")
