"""Check suites, check runs and annotations as JSON."""

from __future__ import annotations

from urllib.parse import quote

from tests.github_simulator.clock import stamp
from tests.github_simulator.json_value import JsonObject, JsonValue
from tests.github_simulator.shapes.accounts import app
from tests.github_simulator.shapes.links import Links, node_id
from tests.github_simulator.shapes.pulls import short_pull
from tests.github_simulator.verdicts import Annotation, CheckRun, CheckSuite
from tests.github_simulator.world import App, Repository


def pulls_at(links: Links, where: Repository, sha: str) -> list[JsonValue]:
    """The open pull requests whose head is ``sha``; never those from forks."""
    return [
        short_pull(links, pull)
        for pull in where.pulls.values()
        if pull.state == "open" and pull.head_sha == sha and not pull.from_fork
    ]


def check_run(links: Links, where: Repository, run: CheckRun, by: App) -> JsonObject:
    """A check run; its annotations have an address of their own."""
    url, page = f"{links.repository(where)}/check-runs/{run.id}", f"{links.page(where)}/runs/{run.id}"
    return {
        "id": run.id,
        "node_id": node_id("CR", run.id),
        "name": run.name,
        "head_sha": run.head_sha,
        "external_id": run.external_id,
        "url": url,
        "html_url": page,
        "details_url": run.details_url or page,
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": stamp(run.started_at),
        "completed_at": None if run.completed_at is None else stamp(run.completed_at),
        "output": {
            "title": run.title,
            "summary": run.summary,
            "text": run.text,
            "annotations_count": len(run.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": run.suite_id},
        "app": app(links, by),
        "pull_requests": pulls_at(links, where, run.head_sha),
    }


def annotation(links: Links, where: Repository, run: CheckRun, which: Annotation) -> JsonObject:
    """One annotation."""
    return {
        "path": which.path,
        "blob_href": f"{links.page(where)}/blob/{run.head_sha}/{quote(which.path)}",
        "start_line": which.start_line,
        "end_line": which.end_line,
        "start_column": which.start_column,
        "end_column": which.end_column,
        "annotation_level": which.level,
        "title": which.title,
        "message": which.message,
        "raw_details": which.raw_details,
    }


def suite_state(suite: CheckSuite, runs: list[CheckRun]) -> tuple[str, str | None]:
    """Status and conclusion of a suite, from the newest run of each name."""
    newest = {run.name: run for run in sorted(runs, key=lambda run: run.id)}.values()
    if suite.rerequested or not newest:
        return "queued", None
    if any(run.status != "completed" for run in newest):
        return "in_progress", None
    found = {run.conclusion for run in newest}
    worst = ("action_required", "cancelled", "timed_out", "failure", "neutral", "success", "skipped")
    return "completed", next(each for each in worst if each in found)


def check_suite(links: Links, where: Repository, suite: CheckSuite, by: App, commit: JsonObject) -> JsonObject:
    """A check suite; ``repository`` is added by the API, not by deliveries."""
    url = f"{links.repository(where)}/check-suites/{suite.id}"
    runs = [run for run in where.check_runs.values() if run.suite_id == suite.id]
    status, conclusion = suite_state(suite, runs)
    return {
        "id": suite.id,
        "node_id": node_id("CS", suite.id),
        "head_branch": suite.head_branch,
        "head_sha": suite.head_sha,
        "status": status,
        "conclusion": conclusion,
        "url": url,
        "before": suite.before,
        "after": suite.head_sha,
        "pull_requests": pulls_at(links, where, suite.head_sha),
        "app": app(links, by),
        "created_at": stamp(suite.created_at),
        "updated_at": stamp(suite.updated_at),
        "latest_check_runs_count": len({run.name for run in runs}),
        "check_runs_url": f"{url}/check-runs",
        "head_commit": commit,
        "rerequestable": True,
        "runs_rerequestable": True,
    }
