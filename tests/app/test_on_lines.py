"""What stands on the lines of the diff, and what becomes of it."""

from __future__ import annotations

from bot.github.tokens import PERMISSIONS
from bot.report.remark import GONE
from tests.app.conftest import Bench
from tests.github.flux_repository import BROKEN, FIXED, INFRA, ISSUER, config_maps
from tests.github_simulator.faults import Answered
from tests.github_simulator.people import Role


async def test_an_error_stands_once_on_its_line_and_is_not_annotated_as_well(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)

    await bench.review(pull)

    standing = bench.github.state(pull)
    (thread,) = standing.threads
    (review,) = standing.reviews
    assert (thread.path, thread.line, thread.resolved) == ("infra/issuer.yaml", 3, False)
    assert (review.state, review.commit_id) == ("COMMENTED", pull.head_sha)
    assert "**Deadlock:** `ClusterIssuer/letsencrypt` needs the CRD" in thread.comments[0].body
    assert standing.check_runs[0].annotations == []


async def test_the_chain_of_reasons_leads_to_its_lines(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)

    await bench.review(pull)

    standing = bench.github.state(pull)
    line = f"/acme/fleet/blob/{pull.head_sha}/infra/cert-manager.yaml#L11)"
    assert line in standing.threads[0].comments[0].body
    assert line in (standing.check_runs[0].summary or "")


async def test_a_finding_outside_the_diff_is_annotated_and_the_others_keep_their_comments(bench: Bench) -> None:
    apps = INFRA.replace("infra", "apps").replace("prune: true", "prune: true, dependsOn: [{name: infra}]")
    await bench.github.acts.push(
        bench.fleet, "main", {"clusters/production/apps.yaml": apps, "apps/one.yaml": config_maps(1)}
    )
    missing = INFRA.replace("infra", "missing")
    pull = await bench.pull({"clusters/production/infra.yaml": None, "clusters/production/missing.yaml": missing})

    await bench.review(pull)

    standing = bench.github.state(pull)
    assert [thread.path for thread in standing.threads] == ["clusters/production/missing.yaml"]
    assert "clusters/production/apps.yaml" in {each.path for each in standing.check_runs[0].annotations}
    assert "clusters/production/missing.yaml" not in {each.path for each in standing.check_runs[0].annotations}


async def test_what_breaks_elsewhere_is_said_on_the_line_of_the_change_that_is_the_reason(bench: Bench) -> None:
    apps = INFRA.replace("infra", "apps").replace("prune: true", "prune: true, dependsOn: [{name: infra}]")
    await bench.github.acts.push(
        bench.fleet, "main", {"clusters/production/apps.yaml": apps, "apps/one.yaml": config_maps(1)}
    )
    cycle = INFRA.replace("prune: true", "prune: true, dependsOn: [{name: apps}]")
    pull = await bench.pull({"clusters/production/infra.yaml": cycle})

    await bench.review(pull)

    standing = bench.github.state(pull)
    assert {(thread.path, thread.line) for thread in standing.threads} == {("clusters/production/infra.yaml", 4)}
    assert "`clusters/production/apps.yaml:4`" in (standing.check_runs[0].summary or "")


async def test_one_push_makes_one_review_however_often_it_is_judged(bench: Bench) -> None:
    pull = await bench.pull({**BROKEN, "infra/other.yaml": ISSUER.replace("letsencrypt", "other")})

    for event in ("", "comment-1", "comment-2"):
        await bench.review(pull, recheck=bool(event), event=event)

    assert len(bench.github.state(pull).reviews) == 1


async def test_a_rebase_and_a_force_push_post_nothing_twice(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    await bench.review(pull)
    onto = await bench.github.acts.push(bench.fleet, "main", {"README.md": "# moved\n"})

    await bench.github.acts.push(bench.fleet, "topic", BROKEN, onto=onto)
    await bench.review(pull)
    await bench.github.acts.push(bench.fleet, "topic", {"infra/issuer.yaml": f"# One more line.\n{ISSUER}"}, onto=onto)
    await bench.review(pull)

    standing = bench.github.state(pull)
    assert (len(standing.reviews), len(standing.threads), len(standing.comments)) == (1, 1, 1)
    assert standing.runs_at(pull.head_sha)[-1].conclusion == "failure"


async def test_a_finding_that_is_gone_is_said_to_be_and_hidden(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    await bench.review(pull)
    await bench.github.acts.push(bench.fleet, "topic", FIXED)

    await bench.review(pull)

    (thread,) = bench.github.state(pull).threads
    assert GONE in thread.comments[0].body
    assert (thread.comments[0].minimized, thread.resolved) == ("resolved", False)


async def test_where_contents_may_be_written_the_thread_is_resolved(bench: Bench) -> None:
    bench.installation.permissions["contents"] = "write"
    pull = await bench.pull(BROKEN)
    await bench.review(pull)
    await bench.github.acts.push(bench.fleet, "topic", FIXED)

    await bench.review(pull)

    (thread,) = bench.github.state(pull).threads
    assert (thread.comments[0].minimized, thread.resolved) == (None, True)


async def test_only_the_token_that_resolves_a_thread_may_write_contents(bench: Bench) -> None:
    bench.installation.permissions["contents"] = "write"
    minted = "POST /app/installations/{installation_id}/access_tokens"
    pull = await bench.pull(BROKEN)
    await bench.review(pull)
    before = bench.github.counts[minted]
    await bench.review(pull, recheck=True, event="comment-1")
    same = bench.github.counts[minted]
    await bench.github.acts.push(bench.fleet, "topic", FIXED)

    await bench.review(pull)

    assert PERMISSIONS["contents"] == "read"
    assert (same - before, bench.github.counts[minted] - same) == (0, 1)


async def test_a_finding_that_comes_back_takes_its_old_thread(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    await bench.review(pull)
    await bench.github.acts.push(bench.fleet, "topic", {"infra/issuer.yaml": None})
    await bench.review(pull)
    await bench.github.acts.push(bench.fleet, "topic", BROKEN)

    await bench.review(pull)

    (thread,) = bench.github.state(pull).threads
    assert GONE not in thread.comments[0].body
    assert thread.comments[0].minimized is None


async def test_what_is_ignored_has_no_open_comment_any_more(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    await bench.review(pull)
    bench.github.acts.set_role(bench.fleet, "octocat", Role.WRITE)
    finding = bench.github.state(pull).threads[0].comments[0].body.rpartition("`</sub>")[0].rpartition("`")[2]

    await bench.command(pull, f"/fluxbot ignore {finding} made by hand")
    await bench.work_off()

    standing = bench.github.state(pull)
    assert GONE in standing.threads[0].comments[0].body
    assert standing.check_runs[-1].conclusion == "success"


async def test_a_review_that_github_refuses_becomes_annotations(bench: Bench) -> None:
    bench.github.fail_next("POST", "/repos/acme/fleet/pulls/*/reviews", Answered(422))
    pull = await bench.pull(BROKEN)

    await bench.review(pull)

    standing = bench.github.state(pull)
    assert standing.threads == ()
    assert [(each.path, each.start_line) for each in standing.check_runs[0].annotations] == [("infra/issuer.yaml", 3)]
    assert standing.check_runs[0].conclusion == "failure"


async def test_nothing_from_the_pull_request_is_markup_in_a_comment(bench: Bench) -> None:
    name = "x](https://evil.example) <img src=x> @octocat #1 | `a`"
    evil = ISSUER.replace("name: letsencrypt}\n", f"name: '{name}'}}\n", 1)
    pull = await bench.pull({"infra/issuer.yaml": evil})

    await bench.review(pull)

    standing = bench.github.state(pull)
    said = [comment.body for comment in standing.comments]
    said += [comment.body for thread in standing.threads for comment in thread.comments]
    assert said
    assert all(f"`{name}`" not in text and "\n<img" not in text for text in said)
    assert all("\\u0060a\\u0060" in text for text in said if "evil" in text)


async def test_a_draft_gets_no_comment_and_once_it_is_ready_all_of_them(bench: Bench) -> None:
    await bench.github.acts.push(bench.fleet, "topic", BROKEN)
    pull = await bench.github.acts.open_pull(bench.fleet, "topic", draft=True)
    await bench.review(pull)
    draft = bench.github.state(pull)
    await bench.github.acts.ready(pull)

    await bench.review(pull)

    ready = bench.github.state(pull)
    assert (draft.comments, draft.reviews) == ((), ())
    assert [(run.conclusion, len(run.annotations)) for run in draft.check_runs] == [("failure", 1)]
    assert (len(ready.comments), len(ready.threads)) == (1, 1)


async def test_more_than_a_request_takes_is_told_without_losing_the_review(bench: Bench) -> None:
    many = {f"clusters/production/{number}.yaml": INFRA.replace("infra", f"missing-{number}") for number in range(45)}
    pull = await bench.pull({**many})

    await bench.review(pull)

    standing = bench.github.state(pull)
    assert len(standing.reviews) == 1
    assert len(standing.threads) == 30
    assert len(standing.check_runs[0].annotations) == 15


async def test_a_comment_whose_lines_left_the_diff_is_annotated_in_the_new_place(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    await bench.review(pull)
    await bench.github.acts.push(
        bench.fleet, "topic", {"infra/issuer.yaml": None, "infra/ca.yaml": ISSUER.replace("# The", "# One")}
    )

    await bench.review(pull)

    standing = bench.github.state(pull)
    assert len(standing.threads) == 1
    assert [each.path for each in standing.runs_at(pull.head_sha)[-1].annotations] == ["infra/ca.yaml"]


async def test_comment_never_leaves_annotations_alone(bench: Bench) -> None:
    await bench.github.acts.push(bench.fleet, "main", {".fluxbot.yaml": "version: 1\ncomment: never\n"})
    pull = await bench.pull(BROKEN)

    await bench.review(pull)

    standing = bench.github.state(pull)
    assert (standing.comments, standing.threads) == ((), ())
    assert [each.path for each in standing.check_runs[0].annotations] == ["infra/issuer.yaml"]
    assert standing.check_runs[0].conclusion == "failure"


WAITING = INFRA.replace("prune: true", "prune: true, wait: true")
LATE = {"clusters/production/issuers.yaml": INFRA.replace("infra", "issuers"), "issuers/issuer.yaml": ISSUER}


async def waiting(bench: Bench) -> None:
    await bench.github.acts.push(bench.fleet, "main", {"clusters/production/infra.yaml": WAITING})


async def test_a_fix_on_lines_of_the_diff_is_a_suggestion_that_makes_it_green(bench: Bench) -> None:
    await waiting(bench)
    pull = await bench.pull(LATE)

    await bench.review(pull)

    (thread,) = bench.github.state(pull).threads
    suggested = thread.comments[0].body.partition("```suggestion\n")[2].partition("\n```")[0]
    lines = str(LATE["clusters/production/issuers.yaml"]).split("\n")
    (comment,) = bench.fleet.review_comments.values()
    last = comment.place.line or 0
    lines[(comment.place.start_line or last) - 1 : last] = suggested.split("\n")
    await bench.github.acts.push(bench.fleet, "topic", {thread.path: "\n".join(lines)})
    await bench.review(pull)
    assert thread.path == "clusters/production/issuers.yaml"
    assert [run.conclusion for run in bench.github.state(pull).runs_at(pull.head_sha)] == ["success"]


async def test_a_suggestion_that_stands_is_not_edited_when_it_is_judged_again(bench: Bench) -> None:
    await waiting(bench)
    pull = await bench.pull(LATE)
    await bench.review(pull)
    before = bench.github.state(pull).threads[0].comments[0]

    await bench.review(pull, recheck=True, event="comment-1")
    await bench.github.acts.push(bench.fleet, "topic", {"README.md": "# other\n"})
    await bench.review(pull)

    (thread,) = bench.github.state(pull).threads
    assert thread.comments[0].body == before.body
    assert "```suggestion" in before.body


async def test_a_fix_that_changes_lines_outside_the_diff_is_no_suggestion(bench: Bench) -> None:
    pull = await bench.pull(LATE)

    await bench.review(pull)

    bodies = [thread.comments[0].body for thread in bench.github.state(pull).threads]
    assert bodies
    assert not any("```suggestion" in body for body in bodies)
    assert any("```diff" in body for body in bodies)
