"""Check runs and check suites, with the rules that no schema has."""

from __future__ import annotations

from datetime import datetime

from tests.github_simulator.access import Need
from tests.github_simulator.call import Answer, Call, Route
from tests.github_simulator.json_value import JsonObject, JsonValue, as_list, as_number, as_object, as_text
from tests.github_simulator.refusal import not_accessible, not_found, unprocessable
from tests.github_simulator.routes.repositories import resolve
from tests.github_simulator.shapes import checks
from tests.github_simulator.shapes.checks import suite_state
from tests.github_simulator.shapes.repositories import repository as repository_shape
from tests.github_simulator.verdicts import Action, Annotation, CheckRun, CheckSuite

ANNOTATIONS = 50  # per request
TEXT = 65_535  # characters of summary and of text
DETAILS = 64 * 1024  # bytes of an annotation's message or raw_details
TITLE = 255  # characters of an annotation's title
ACTIONS_ONLY = frozenset({"waiting", "requested", "pending"})  # states that only GitHub Actions may set


async def create(call: Call) -> Answer:
    """A new run, in the App's suite for the commit; the suite is made when there is none."""
    if not call.by_app:
        raise not_accessible("checks=write")
    sha = as_text(call.body["head_sha"])
    if await call.repository.git.resolve(sha) != sha:
        raise unprocessable(f"No commit found for SHA: {sha}")
    _refuse_bad(call.body)
    suite = await suite_for(call, sha)
    run = CheckRun(call.world.next_id(), suite.id, as_text(call.body["name"]), sha, call.world.clock.now())
    _apply(call, run)
    call.repository.check_runs[run.id] = run
    suite.rerequested = False
    await _announce(call, "created", run)
    return Answer(201, checks.check_run(call.links, call.repository, run, call.app))


async def update(call: Call) -> Answer:
    """Change a run; annotations are added to those that stand. A completed run stays completed."""
    run = _run(call)
    if not call.by_app:
        raise not_accessible("checks=write")
    _refuse_bad(call.body)
    asked = call.body.get("status")
    if run.status == "completed" and asked not in {None, "completed"} and "conclusion" not in call.body:
        raise unprocessable("Invalid request.\n\nA completed check run cannot be reopened.")
    _apply(call, run)
    if "conclusion" in call.body:
        await _announce(call, "completed", run)
    return Answer(200, checks.check_run(call.links, call.repository, run, call.app))


def _refuse_bad(body: JsonObject) -> None:
    """What the description lets pass and GitHub does not."""
    if body.get("status") == "completed" and "conclusion" not in body:
        raise unprocessable('Invalid request.\n\nNo subschema in "anyOf" matched. "conclusion" wasn\'t supplied.')
    if body.get("conclusion") == "stale" or body.get("status") in ACTIONS_ONLY:
        raise unprocessable("Invalid request.\n\nOnly GitHub can set this status or conclusion.")
    output = as_object(body.get("output", {}))
    for key in ("summary", "text"):
        if len(as_text(output.get(key, ""))) > TEXT:
            raise unprocessable(f"Invalid request.\n\nOnly {TEXT} characters are allowed in {key}.")
    annotations = as_list(output.get("annotations", []))
    if len(annotations) > ANNOTATIONS:
        raise unprocessable(
            f"Invalid request.\n\nNo more than {ANNOTATIONS} items are allowed; {len(annotations)} were supplied."
        )
    for each in annotations:
        _refuse_bad_annotation(as_object(each))


def _refuse_bad_annotation(body: JsonObject) -> None:
    start, end = as_number(body["start_line"]), as_number(body["end_line"])
    if start < 1 or end < start:
        raise unprocessable("Invalid request.\n\nend_line must not be before start_line.")
    if start != end and ("start_column" in body or "end_column" in body):
        raise unprocessable("Invalid request.\n\nColumns can only be given when start_line equals end_line.")
    if len(as_text(body.get("title", ""))) > TITLE:
        raise unprocessable(f"Invalid request.\n\nOnly {TITLE} characters are allowed in title.")
    for key in ("message", "raw_details"):
        if len(as_text(body.get(key, "")).encode()) > DETAILS:
            raise unprocessable(f"Invalid request.\n\nOnly 64 KB are allowed in {key}.")


def _apply(call: Call, run: CheckRun) -> None:
    body = call.body
    run.name = as_text(body.get("name", run.name))
    run.external_id = as_text(body.get("external_id", run.external_id))
    if "details_url" in body:
        run.details_url = as_text(body["details_url"])
    if "started_at" in body:
        run.started_at = datetime.fromisoformat(as_text(body["started_at"]))
    if "conclusion" in body:  # says that it is over, whatever status says
        run.conclusion, run.status = as_text(body["conclusion"]), "completed"
        given = body.get("completed_at")
        run.completed_at = call.world.clock.now() if given is None else datetime.fromisoformat(as_text(given))
    elif "status" in body:
        run.status = as_text(body["status"])
    if "actions" in body:
        run.actions = tuple(_action(as_object(each)) for each in as_list(body["actions"]))
    if "output" in body:
        output = as_object(body["output"])
        for key in ("title", "summary", "text"):
            if key in output:
                setattr(run, key, as_text(output[key]))
        run.annotations.extend(_annotation(as_object(each)) for each in as_list(output.get("annotations", [])))


def _action(body: JsonObject) -> Action:
    return Action(as_text(body["label"]), as_text(body["description"]), as_text(body["identifier"]))


def _annotation(body: JsonObject) -> Annotation:
    def words(key: str) -> str | None:
        return as_text(body[key]) if key in body else None

    def column(key: str) -> int | None:
        return as_number(body[key]) if key in body else None

    return Annotation(
        as_text(body["path"]), as_number(body["start_line"]), as_number(body["end_line"]),
        as_text(body["annotation_level"]), as_text(body["message"]), words("title"), words("raw_details"),
        column("start_column"), column("end_column"),
    )  # fmt: skip


async def suite_for(call: Call, sha: str) -> CheckSuite:
    """The App's suite for a commit."""
    where = call.repository
    found = next((each for each in where.check_suites.values() if each.head_sha == sha), None)
    if found is None:
        heads = await where.git.refs("refs/heads/")
        branch = next((name.removeprefix("refs/heads/") for name, head in heads.items() if head == sha), None)
        now = call.world.clock.now()
        found = CheckSuite(call.world.next_id(), sha, branch, None, now, now)
        where.check_suites[found.id] = found
    return found


async def _announce(call: Call, action: str, run: CheckRun) -> None:
    """Tell of the run, and of the suite when that was the last one."""
    where, tell = call.repository, call.announcer
    suite = where.check_suites[run.suite_id]
    runs = [each for each in where.check_runs.values() if each.suite_id == suite.id]
    tell.hooks.later(tell.check_run(action, where, run, call.account))
    if suite_state(suite, runs)[0] == "completed":
        tell.hooks.later(tell.check_suite("completed", where, suite, call.account))


def _run(call: Call) -> CheckRun:
    found = call.repository.check_runs.get(call.number("check_run_id"))
    if found is None:
        raise not_found()
    return found


def _suite(call: Call) -> CheckSuite:
    found = call.repository.check_suites.get(call.number("check_suite_id"))
    if found is None:
        raise not_found()
    return found


async def run(call: Call) -> Answer:
    """One run."""
    return Answer(200, checks.check_run(call.links, call.repository, _run(call), call.app))


async def annotations_of_run(call: Call) -> Answer:
    """The annotations of a run."""
    which = _run(call)
    return call.page([checks.annotation(call.links, call.repository, which, each) for each in which.annotations])


def _listed(call: Call, runs: list[CheckRun]) -> Answer:
    query = call.query
    newest = {run.name: run.id for run in sorted(runs, key=lambda run: run.id)}
    shown: list[JsonValue] = [
        checks.check_run(call.links, call.repository, run, call.app)
        for run in sorted(runs, key=lambda run: run.id, reverse=True)
        if query.get("check_name", run.name) == run.name
        and query.get("status", run.status) == run.status
        and query.get("app_id", str(call.app.id)) == str(call.app.id)
        and (query.get("filter") == "all" or newest[run.name] == run.id)
    ]
    return call.page(shown, inside="check_runs")


async def runs_of_commit(call: Call) -> Answer:
    """The runs for a commit: the newest of each name, unless ``filter=all``."""
    sha = await _commit(call)
    return _listed(call, [each for each in call.repository.check_runs.values() if each.head_sha == sha])


async def runs_of_suite(call: Call) -> Answer:
    """The runs of a suite."""
    suite = _suite(call)
    return _listed(call, [each for each in call.repository.check_runs.values() if each.suite_id == suite.id])


async def _commit(call: Call) -> str:
    sha = await resolve(call.repository, call.params["ref"])
    if sha is None:
        raise unprocessable(f"No commit found for SHA: {call.params['ref']}")
    return sha


async def suites_of_commit(call: Call) -> Answer:
    """The App's suites for a commit."""
    sha = await _commit(call)
    found = [each for each in call.repository.check_suites.values() if each.head_sha == sha]
    return call.page([await _shown(call, each) for each in found], inside="check_suites")


async def _shown(call: Call, suite: CheckSuite) -> JsonObject:
    shape = await call.announcer.suite_shape(call.repository, suite)
    return {**shape, "repository": repository_shape(call.links, call.repository)}


async def suite(call: Call) -> Answer:
    """One suite."""
    return Answer(200, await _shown(call, _suite(call)))


async def rerequest_run(call: Call) -> Answer:
    """Asks for the run again: the suite is reset, the run stays, and the App hears of it – itself included."""
    which = _run(call)
    call.repository.check_suites[which.suite_id].rerequested = True
    tell = call.announcer
    tell.hooks.later(tell.check_run("rerequested", call.repository, which, call.account))
    return Answer(201, {})


async def rerequest_suite(call: Call) -> Answer:
    """Asks for all runs again."""
    which = _suite(call)
    which.rerequested = True
    tell = call.announcer
    tell.hooks.later(tell.check_suite("rerequested", call.repository, which, call.account))
    return Answer(201, {})


READ, WRITE = (Need("checks", "read"),), (Need("checks", "write"),)
HERE = "/repos/{owner}/{repo}"

ROUTES = (
    Route("POST", f"{HERE}/check-runs", create, WRITE),
    Route("GET", f"{HERE}/check-runs/{{check_run_id}}", run, READ),
    Route("PATCH", f"{HERE}/check-runs/{{check_run_id}}", update, WRITE),
    Route("GET", f"{HERE}/check-runs/{{check_run_id}}/annotations", annotations_of_run, READ),
    Route("POST", f"{HERE}/check-runs/{{check_run_id}}/rerequest", rerequest_run, WRITE),
    Route("GET", f"{HERE}/check-suites/{{check_suite_id}}", suite, READ),
    Route("GET", f"{HERE}/check-suites/{{check_suite_id}}/check-runs", runs_of_suite, READ),
    Route("POST", f"{HERE}/check-suites/{{check_suite_id}}/rerequest", rerequest_suite, WRITE),
    Route("GET", f"{HERE}/commits/{{ref}}/check-runs", runs_of_commit, READ),
    Route("GET", f"{HERE}/commits/{{ref}}/check-suites", suites_of_commit, READ),
)
