"""Programs that others wrote read what a review left on GitHub."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

from github import Auth, GithubIntegration

from tests.app.conftest import Bench
from tests.github.flux_repository import BROKEN
from tests.github_simulator.people import Role

GH = Path(sys.executable).with_name("gh")


async def test_pygithub_reads_the_check_run_the_comment_on_the_line_and_the_comment(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    await bench.review(pull)

    def read() -> tuple[object, ...]:
        auth = Auth.AppAuth(bench.github.app.id, bench.github.app.private_key)
        app = GithubIntegration(auth=auth, base_url=f"{bench.github.url}/api/v3")
        theirs = app.get_github_for_installation(bench.installation.id).get_repo("acme/fleet")
        (run,) = theirs.get_commit(pull.head_sha).get_check_runs(check_name="fluxbot")
        (on_line,) = theirs.get_pull(pull.number).get_review_comments()
        (comment,) = theirs.get_issue(pull.number).get_comments()
        assert "ClusterIssuer/letsencrypt" in on_line.body
        assert "crd-in-same-kustomization" in comment.body
        told = (run.status, run.conclusion, run.output.annotations_count)
        return *told, on_line.path, on_line.line, on_line.user.login, comment.user.login

    assert await asyncio.to_thread(read) == (
        "completed", "failure", 0, "infra/issuer.yaml", 3, "fluxbot[bot]", "fluxbot[bot]"
    )  # fmt: skip


async def gh(bench: Bench, path: str, query: str) -> object:
    """What ``gh api`` makes of an answer, in the name of one who may read the repository.

    A whole URL, because gh speaks https to every host that it is only told the
    name of. What is not github.com is an Enterprise server to it, so the token
    is one for that.
    """
    bench.github.acts.set_role(bench.fleet, "octocat", Role.READ)
    environment = {
        "PATH": os.environ["PATH"],
        "GH_ENTERPRISE_TOKEN": bench.github.user_token("octocat"),
        "GH_CONFIG_DIR": str(bench.folder / "gh"),
        "GH_NO_UPDATE_NOTIFIER": "1",  # no test asks the network
        "HOME": str(bench.folder),
    }
    command = (GH, "api", f"{bench.github.url}/api/v3/repos/acme/fleet/{path}", "--jq", query)
    child = await asyncio.create_subprocess_exec(*command, env=environment, stdout=PIPE, stderr=PIPE)
    said, complaint = await child.communicate()
    assert child.returncode == 0, complaint.decode()
    return json.loads(said)


async def test_gh_reads_the_check_run(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    await bench.review(pull)

    told = await gh(bench, f"commits/{pull.head_sha}/check-runs", "[.check_runs[] | [.name, .status, .conclusion]]")

    assert told == [["fluxbot", "completed", "failure"]]


async def test_gh_reads_the_annotation_of_a_draft(bench: Bench) -> None:
    await bench.github.acts.push(bench.fleet, "topic", BROKEN)
    pull = await bench.github.acts.open_pull(bench.fleet, "topic", draft=True)
    await bench.review(pull)
    (run,) = bench.github.state(pull).check_runs

    told = await gh(bench, f"check-runs/{run.id}/annotations", "[.[] | [.path, .start_line, .annotation_level]]")

    assert told == [["infra/issuer.yaml", 3, "failure"]]


async def test_gh_reads_the_comment(bench: Bench) -> None:
    pull = await bench.pull(BROKEN)
    await bench.review(pull)
    query = '[.[] | [.user.login, (.body | contains("crd-in-same-kustomization"))]]'

    told = await gh(bench, f"issues/{pull.number}/comments", query)

    assert told == [["fluxbot[bot]", True]]
