"""Pull requests, comments, reactions, reviews and threads."""

from __future__ import annotations

import pytest
import pytest_asyncio

from tests.github_simulator.conversation import Pull
from tests.github_simulator.simulator import Simulator
from tests.github_simulator.world import Repository
from tests.github_simulator_tests.conftest import REPOSITORY, Client

PULL = f"{REPOSITORY}/pulls/1"
TEN = [f"line {number}\n" for number in range(1, 31)]
THREADS = """query($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) { pullRequest(number: 1) { reviewThreads(first: 50) {
    nodes { id isResolved isOutdated line path comments(first: 10) { nodes { fullDatabaseId body } } }
    pageInfo { hasNextPage endCursor } } } } }"""
RESOLVE = "mutation($id: ID!) { resolveReviewThread(input: {threadId: $id}) { thread { isResolved } } }"
MINIMIZE = """mutation($id: ID!) {
  minimizeComment(input: {subjectId: $id, classifier: OUTDATED}) { minimizedComment { minimizedReason } } }"""


@pytest_asyncio.fixture
async def pull(github: Simulator, fleet: Repository) -> Pull:
    """Lines 5 and 25 of ten.yaml changed: two hunks, 2-8 and 22-28."""
    await github.acts.push(fleet, "main", {"ten.yaml": "".join(TEN), "img": b"\0\1"})
    changed = [*TEN[:4], "five\n", *TEN[5:24], "twenty-five\n", *TEN[25:]]
    await github.acts.push(fleet, "topic", {"ten.yaml": "".join(changed), "img": b"\0\2"})
    return await github.acts.open_pull(fleet, "topic")


def on(line: int, **more: object) -> dict[str, object]:
    return {"path": "ten.yaml", "body": "here", "line": line, **more}


async def test_a_review_stands_with_its_comments(github: Simulator, client: Client, pull: Pull) -> None:
    comments = [on(5), on(8, start_line=4), on(5, side="LEFT")]
    body = {"commit_id": pull.head_sha, "event": "COMMENT", "body": "look", "comments": comments}

    reply = await client.ask("POST", f"{PULL}/reviews", body=body)

    assert (reply.status, reply.body["state"]) == (200, "COMMENTED")
    threads = github.state(pull).threads
    assert [(each.line, each.resolved) for each in threads] == [(5, False), (8, False), (5, False)]
    assert threads[0].comments[0].place.diff_hunk.endswith("-line 5\n+five")
    listed = await client.ask("GET", f"{PULL}/reviews/{reply.body['id']}/comments")
    assert len(listed.body) == 3


@pytest.mark.parametrize(
    "bad",
    [
        on(15),
        on(999),
        on(5, path="absent.yaml"),
        {"path": "img", "body": "binary", "line": 1},
        on(24, start_line=5),
        on(5, start_line=5),
        {"path": "ten.yaml", "body": "no line at all"},
    ],
)
async def test_one_comment_outside_the_diff_loses_the_whole_review(
    github: Simulator, client: Client, pull: Pull, bad: dict[str, object]
) -> None:
    body = {"commit_id": pull.head_sha, "event": "COMMENT", "body": "look", "comments": [on(5), bad]}

    reply = await client.ask("POST", f"{PULL}/reviews", body=body)

    assert reply.status == 422
    assert (github.state(pull).reviews, github.state(pull).threads) == ((), ())


async def test_a_review_without_an_event_is_pending_and_hidden(github: Simulator, client: Client, pull: Pull) -> None:
    first = await client.ask("POST", f"{PULL}/reviews", body={"body": "x", "comments": [on(5)]})
    second = await client.ask("POST", f"{PULL}/reviews", body={"body": "x", "event": "COMMENT"})
    seen = await client.ask("GET", f"{PULL}/comments")

    assert (first.body["state"], second.status, seen.body) == ("PENDING", 422, [])
    assert github.state(pull).reviews[0].state == "PENDING"


@pytest.mark.usefixtures("pull")
async def test_a_review_that_comments_needs_a_body(client: Client) -> None:
    reply = await client.ask("POST", f"{PULL}/reviews", body={"event": "COMMENT", "comments": [on(5)]})

    assert reply.status == 422


async def test_a_review_of_a_commit_that_was_pushed_away_is_refused(
    github: Simulator, client: Client, fleet: Repository, pull: Pull
) -> None:
    before = pull.head_sha
    await github.acts.push(fleet, "topic", {"ten.yaml": "x\n"}, onto=await fleet.git.resolve("main"))

    body = {"commit_id": before, "event": "COMMENT", "body": "x"}

    assert (await client.ask("POST", f"{PULL}/reviews", body=body)).status == 422


async def test_a_comment_moves_with_its_line_and_is_outdated_when_the_line_goes(
    github: Simulator, client: Client, fleet: Repository, pull: Pull
) -> None:
    body = {"commit_id": pull.head_sha, "event": "COMMENT", "body": "x", "comments": [on(5), on(25)]}
    await client.ask("POST", f"{PULL}/reviews", body=body)
    lines = ["new\n", *TEN[:4], "five\n", *TEN[5:24], "changed again\n", *TEN[25:]]

    await github.acts.push(fleet, "topic", {"ten.yaml": "".join(lines)})

    comments = (await client.ask("GET", f"{PULL}/comments")).body
    assert [(each.get("line"), each["original_line"]) for each in comments] == [(6, 5), (None, 25)]


async def test_a_single_comment_can_be_about_a_file_and_be_answered(
    github: Simulator, client: Client, pull: Pull
) -> None:
    body = {"commit_id": pull.head_sha, "path": "ten.yaml", "body": "all of it", "subject_type": "file"}
    first = await client.ask("POST", f"{PULL}/comments", body=body)

    reply = await client.ask("POST", f"{PULL}/comments/{first.body['id']}/replies", body={"body": "yes"})

    assert (first.status, reply.status) == (201, 201)
    (thread,) = github.state(pull).threads
    assert [each.body for each in thread.comments] == ["all of it", "yes"]
    assert (await client.ask("POST", f"{PULL}/comments/{reply.body['id']}/replies", body={"body": "x"})).status == 422


async def test_threads_are_resolved_only_with_contents_write(github: Simulator, client: Client, pull: Pull) -> None:
    body = {"commit_id": pull.head_sha, "event": "COMMENT", "body": "x", "comments": [on(5)]}
    await client.ask("POST", f"{PULL}/reviews", body=body)
    found = await client.query(THREADS, owner="acme", name="fleet")
    (thread,) = found["data"]["repository"]["pullRequest"]["reviewThreads"]["nodes"]

    refused = await client.query(RESOLVE, id=thread["id"])
    client.installation.permissions["contents"] = "write"
    client.tokens.clear()
    done = await client.query(RESOLVE, id=thread["id"])

    assert (thread["line"], thread["isOutdated"], thread["comments"]["nodes"][0]["body"]) == (5, False, "here")
    assert refused["errors"][0]["type"] == "FORBIDDEN"
    assert done["data"]["resolveReviewThread"]["thread"]["isResolved"] is True
    assert github.state(pull).threads[0].resolved


async def test_a_comment_is_made_edited_minimised_and_removed(github: Simulator, client: Client, pull: Pull) -> None:
    made = await client.ask("POST", f"{REPOSITORY}/issues/1/comments", body={"body": "first"})
    path = f"{REPOSITORY}/issues/comments/{made.body['id']}"

    await client.ask("PATCH", path, body={"body": "second"})
    folded = await client.query(MINIMIZE, id=made.body["node_id"])

    (stands,) = github.state(pull).comments
    assert (stands.body, stands.minimized, stands.by_app) == ("second", "outdated", True)
    assert made.body["performed_via_github_app"]["id"] == github.app.id
    assert folded["data"]["minimizeComment"]["minimizedComment"]["minimizedReason"] == "outdated"
    assert (await client.ask("DELETE", path)).status == 204
    assert github.state(pull).comments == ()


async def test_a_comment_too_long_or_of_somebody_else_is_refused(
    github: Simulator, client: Client, fleet: Repository, pull: Pull
) -> None:
    theirs = await github.acts.comment(fleet, pull.number, "mine")

    long = await client.ask("POST", f"{REPOSITORY}/issues/1/comments", body={"body": "x" * 65_537})
    foreign = await client.ask("PATCH", f"{REPOSITORY}/issues/comments/{theirs.id}", body={"body": "x"})

    assert (long.status, foreign.status) == (422, 403)


async def test_pull_requests_write_does_not_reach_issues(github: Simulator, client: Client, fleet: Repository) -> None:
    issue = await github.acts.open_issue(fleet, "A question")

    reply = await client.ask("POST", f"{REPOSITORY}/issues/{issue.number}/comments", body={"body": "x"})

    assert reply.status == 403


async def test_a_second_equal_reaction_is_the_first(
    github: Simulator, client: Client, fleet: Repository, pull: Pull
) -> None:
    comment = await github.acts.comment(fleet, pull.number, "/fluxbot help")
    path = f"{REPOSITORY}/issues/comments/{comment.id}/reactions"

    replies = [await client.ask("POST", path, body={"content": "eyes"}) for _ in range(2)]

    assert [each.status for each in replies] == [201, 200]
    assert [each.content for each in github.state(pull).comments[0].reactions] == ["eyes"]
    assert (await client.ask("DELETE", f"{path}/{replies[0].body['id']}")).status == 204


async def test_whether_it_merges_is_known_at_the_second_question(client: Client, pull: Pull) -> None:
    first, second = [await client.ask("GET", f"{REPOSITORY}/pulls/{pull.number}") for _ in range(2)]

    assert (first.body["mergeable"], second.body["mergeable"]) == (None, True)
    assert first.body["changed_files"] == 2


async def test_files_without_a_patch_have_no_such_key(client: Client, pull: Pull) -> None:
    files = (await client.ask("GET", f"{REPOSITORY}/pulls/{pull.number}/files")).body

    assert {each["filename"]: "patch" in each for each in files} == {"img": False, "ten.yaml": True}


@pytest.mark.usefixtures("fleet")
async def test_pull_requests_are_found_by_state_head_and_commit(github: Simulator, client: Client, pull: Pull) -> None:
    by_head = await client.ask("GET", f"{REPOSITORY}/pulls?head=acme:topic")
    by_commit = await client.ask("GET", f"{REPOSITORY}/commits/{pull.head_sha}/pulls")
    await github.acts.merge(pull)
    still_open = await client.ask("GET", f"{REPOSITORY}/pulls")

    assert [each["number"] for each in by_head.body] == [each["number"] for each in by_commit.body] == [1]
    assert still_open.body == []
    assert (await client.ask("GET", PULL)).body["merged"] is True


@pytest.mark.usefixtures("pull")
async def test_graphql_reads_many_blobs_at_once_and_the_history(client: Client) -> None:
    found = await client.query(
        """query { repository(owner: "acme", name: "fleet") {
          a: object(expression: "main:a.yaml") { ... on Blob { text isTruncated isBinary byteSize } }
          b: object(expression: "main:img") { ... on Blob { text isBinary } }
          none: object(expression: "main:absent") { oid }
          log: object(expression: "main") { ... on Commit { history(first: 1, path: "a.yaml") {
            totalCount nodes { oid messageHeadline } } } } } }"""
    )

    repository = found["data"]["repository"]
    assert repository["a"] == {"text": "one\ntwo\nthree\n", "isTruncated": False, "isBinary": False, "byteSize": 14}
    assert repository["b"] == {"text": None, "isBinary": True}
    assert repository["none"] is None
    assert repository["log"]["history"]["nodes"][0]["messageHeadline"] == "Begin"


async def test_graphql_commits_on_the_expected_head_only(client: Client, fleet: Repository, pull: Pull) -> None:
    client.installation.permissions["contents"] = "write"
    text = """mutation($input: CreateCommitOnBranchInput!) {
      createCommitOnBranch(input: $input) { commit { oid } } }"""
    given = {
        "branch": {"repositoryNameWithOwner": "acme/fleet", "branchName": "topic"},
        "message": {"headline": "Fix"},
        "expectedHeadOid": pull.head_sha,
        "fileChanges": {"additions": [{"path": "fixed", "contents": "eA=="}], "deletions": [{"path": "img"}]},
    }

    done = await client.query(text, input=given)
    again = await client.query(text, input=given)

    assert done["data"]["createCommitOnBranch"]["commit"]["oid"] == await fleet.git.resolve("topic")
    assert "Expected branch to point to" in again["errors"][0]["message"]


async def test_a_query_that_the_schema_does_not_know_is_remembered(github: Simulator, client: Client) -> None:
    answer = await client.query("query { repository(owner: 1) { nme } }")

    assert "data" not in answer
    assert any("nme" in each for each in github.take_problems())
