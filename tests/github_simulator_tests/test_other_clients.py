"""Programs that others wrote are content with the simulator."""

from __future__ import annotations

import asyncio

import aiohttp
import gidgethub.abc
from gidgethub.aiohttp import GitHubAPI
from github import Auth, GithubIntegration
from github.Repository import Repository as TheirRepository

from tests.github_simulator.simulator import Simulator
from tests.github_simulator.world import Repository
from tests.github_simulator_tests.conftest import Client


async def test_pygithub_reads_what_stands(github: Simulator, client: Client, fleet: Repository) -> None:
    sha = await github.acts.push(fleet, "topic", {"a.yaml": "one\n2\nthree\n"})
    await github.acts.open_pull(fleet, "topic", title="Two is a number")

    def read() -> tuple[object, ...]:
        auth = Auth.AppAuth(github.app.id, github.app.private_key)
        app = GithubIntegration(auth=auth, base_url=f"{github.url}/api/v3")
        theirs: TheirRepository = app.get_github_for_installation(client.installation.id).get_repo("acme/fleet")
        pull = theirs.get_pull(1)
        run = theirs.create_check_run("fluxbot", sha, status="in_progress")
        remark = {"path": "a.yaml", "start_line": 2, "end_line": 2, "annotation_level": "failure", "message": "no"}
        run.edit(conclusion="failure", output={"title": "t", "summary": "s", "annotations": [remark]})
        pull.create_review(pull.head.repo.get_commit(sha), "look", "COMMENT")
        comment = pull.create_issue_comment("hello")
        (found,) = theirs.get_commit(sha).get_check_runs(check_name="fluxbot")
        return (
            pull.title,
            [each.filename for each in pull.get_files()],
            found.conclusion,
            [each.start_line for each in found.get_annotations()],
            comment.user.login,
            theirs.get_contents("a.yaml", ref=sha).decoded_content,  # type: ignore[union-attr]  # it is one file
        )

    assert await asyncio.to_thread(read) == (
        "Two is a number", ["a.yaml"], "failure", [2], "fluxbot[bot]", b"one\n2\nthree\n"
    )  # fmt: skip
    assert len(github.state(fleet).reviews) == 1


async def test_gidgethub_reads_and_writes(github: Simulator, client: Client, fleet: Repository) -> None:
    await github.acts.push(fleet, "topic", {"a.yaml": "x\n"})
    await github.acts.open_pull(fleet, "topic")
    token = await client.mint()

    async with aiohttp.ClientSession() as session:
        api: gidgethub.abc.GitHubAPI = GitHubAPI(session, "fluxbot", oauth_token=token, base_url=f"{github.url}/api/v3")
        await api.post("/repos/acme/fleet/issues/1/comments", data={"body": "hello"})
        bodies = [each["body"] async for each in api.getiter("/repos/acme/fleet/issues/1/comments")]

    assert bodies == ["hello"]
