"""Payloads → tasks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.github.events import tasks
from bot.model.task import (
    Answer,
    ApplyFix,
    BaseMoved,
    CancelGroup,
    Forget,
    Repository,
    ReviewGroup,
    ReviewPull,
    Welcome,
)
from tests.example_payloads import examples

FLEET = Repository(7, 11, "acme", "fleet")
HERE = {
    "installation": {"id": 7},
    "repository": {"id": 11, "name": "fleet", "owner": {"login": "acme"}},
    "sender": {"type": "User"},
}
HEAD, BASE = "a" * 40, "b" * 40


def pull(action: str, **more: Any) -> object:  # noqa: ANN401 - JSON
    return {**HERE, "action": action, "pull_request": {"number": 3}, **more}


def comment(body: str, **more: Any) -> object:  # noqa: ANN401 - JSON
    issue = {"number": 3, "state": "open", "pull_request": {}}
    return {
        **HERE,
        "action": "created",
        "issue": issue,
        "comment": {"id": 99, "body": body, "user": {"type": "User"}},
        **more,
    }


def run(action: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    when = "2026-11-01T10:20:30Z"
    shown = {"id": 5, "app": {"id": 1}, "external_id": "", "pull_requests": [], "completed_at": when, **more}
    return {**HERE, "action": action, "check_run": shown, "requested_action": {"identifier": "recheck"}}


@pytest.mark.parametrize("action", ["opened", "synchronize", "reopened", "ready_for_review"])
def test_a_pull_request_that_has_something_new_is_reviewed(action: str) -> None:
    assert tasks("pull_request", pull(action), own_app=1) == (ReviewPull(FLEET, 3),)


def test_an_edited_base_branch_is_reviewed_and_an_edited_title_is_not() -> None:
    base = {"changes": {"base": {"ref": {"from": "main"}}}}

    assert tasks("pull_request", pull("edited", **base), own_app=1) == (ReviewPull(FLEET, 3),)
    assert tasks("pull_request", pull("edited", changes={"title": {}}), own_app=1) == ()


@pytest.mark.parametrize("action", ["closed", "labeled", "assigned"])
def test_other_actions_ask_for_nothing(action: str) -> None:
    assert tasks("pull_request", pull(action), own_app=1) == ()


def test_a_command_is_answered() -> None:
    assert tasks("issue_comment", comment("/fluxbot explain apps"), own_app=1) == (Answer(FLEET, 3, 99),)


@pytest.mark.parametrize(
    "payload",
    [
        comment("looks good"),
        comment("/fluxbot help", issue={"number": 3, "state": "open"}),
        comment("/fluxbot help", issue={"number": 3, "state": "closed", "pull_request": {}}),
        comment("/fluxbot help", comment={"id": 9, "body": "/fluxbot help", "user": {"type": "Bot"}}),
        comment("/fluxbot help", comment={"id": 9, "body": "/fluxbot help", "performed_via_github_app": {"id": 1}}),
        {**HERE, "action": "edited"},
    ],
    ids=["no command", "an issue", "closed", "a bot", "ourselves", "edited"],
)
def test_other_comments_are_not(payload: object) -> None:
    assert tasks("issue_comment", payload, own_app=1) == ()


def test_a_run_asked_for_again_is_found_by_its_key_where_a_fork_names_no_pull_request() -> None:
    payload = run("rerequested", external_id=f"pull:3:{HEAD}:0123abcd#comment-99")

    assert tasks("check_run", payload, own_app=1) == (ReviewPull(FLEET, 3, recheck=True, event="run-5-20261101102030"),)


def test_the_recheck_button_judges_again() -> None:
    payload = run("requested_action", external_id=f"pull:3:{HEAD}:0123abcd")

    assert tasks("check_run", payload, own_app=1) == (ReviewPull(FLEET, 3, recheck=True, event="run-5-20261101102030"),)


def test_the_fix_button_asks_for_the_fixes_of_the_commit_whose_run_it_stands_on() -> None:
    pressed = {
        **run("requested_action", external_id=f"pull:3:{HEAD}:0123abcd", head_sha=HEAD),
        "requested_action": {"identifier": "fix"},
        "sender": {"id": 7, "login": "octocat", "type": "User"},
    }

    assert tasks("check_run", pressed, own_app=1) == (ApplyFix(FLEET, 3, HEAD, 5, "octocat", 7),)
    assert tasks("check_run", pressed, own_app=2) == ()
    assert tasks("check_run", {**pressed, "sender": {"id": 8, "login": "a[bot]", "type": "Bot"}}, own_app=1) == ()


def test_the_run_of_a_merge_group_has_nothing_to_fix() -> None:
    pressed = {
        **run("requested_action", external_id=f"group:{HEAD}:{BASE}", head_sha=HEAD),
        "requested_action": {"identifier": "fix"},
        "sender": {"id": 7, "login": "octocat", "type": "User"},
    }

    assert tasks("check_run", pressed, own_app=1) == ()


def test_a_run_of_a_merge_group_leads_back_to_the_group() -> None:
    payload = run("rerequested", external_id=f"group:{HEAD}:{BASE}")

    assert tasks("check_run", payload, own_app=1) == (ReviewGroup(FLEET, HEAD, BASE),)


@pytest.mark.parametrize("action", ["created", "completed"])
def test_what_we_did_ourselves_asks_for_nothing(action: str) -> None:
    assert tasks("check_run", run(action), own_app=1) == ()


def test_a_run_of_another_app_is_none_of_our_business() -> None:
    assert tasks("check_run", run("rerequested", pull_requests=[{"number": 3}]), own_app=2) == ()


def test_a_suite_asked_for_again_judges_its_pull_requests_of_this_repository() -> None:
    named = [{"number": 3, "base": {"repo": {"id": 11}}}, {"number": 8, "base": {"repo": {"id": 12}}}]
    suite = {"id": 6, "app": {"id": 1}, "pull_requests": named, "updated_at": "2026-11-01T10:20:30Z"}
    payload = {**HERE, "action": "rerequested", "check_suite": suite}

    assert tasks("check_suite", payload, own_app=1) == (
        ReviewPull(FLEET, 3, recheck=True, event="suite-6-20261101102030"),
    )


def test_a_forks_suite_names_none_so_the_open_ones_are_looked_through() -> None:
    payload = {**HERE, "action": "rerequested", "check_suite": {"app": {"id": 1}, "pull_requests": []}}

    assert tasks("check_suite", payload, own_app=1) == (Welcome(FLEET),)


def test_a_merge_group_that_was_taken_apart_is_cancelled() -> None:
    payload = {**HERE, "action": "destroyed", "merge_group": {"head_sha": HEAD, "base_sha": BASE}}

    assert tasks("merge_group", payload, own_app=1) == (CancelGroup(FLEET, HEAD),)


@pytest.mark.parametrize(
    ("branch", "expected"),
    [("main", (BaseMoved(FLEET, "main", HEAD),)), (None, ()), ("gh-readonly-queue/main/pr-3", ())],
)
def test_a_push_to_a_branch_is_known_by_the_suite_that_github_makes_for_it(
    branch: str | None, expected: tuple[object, ...]
) -> None:
    suite = {"app": {"id": 1}, "head_branch": branch, "head_sha": HEAD}

    assert tasks("check_suite", {**HERE, "action": "requested", "check_suite": suite}, own_app=1) == expected


def test_a_merge_group_is_judged() -> None:
    payload = {**HERE, "action": "checks_requested", "merge_group": {"head_sha": HEAD, "base_sha": BASE}}

    assert tasks("merge_group", payload, own_app=1) == (ReviewGroup(FLEET, HEAD, BASE),)


def test_an_installation_brings_its_repositories_and_takes_them_away() -> None:
    named = [{"id": 11, "full_name": "acme/fleet"}]

    created = {"action": "created", "installation": {"id": 7}, "repositories": named}
    deleted = {"action": "deleted", "installation": {"id": 7}, "repositories": named}
    removed = {"action": "removed", "installation": {"id": 7}, "repositories_removed": named}

    assert tasks("installation", created, own_app=1) == (Welcome(FLEET),)
    assert tasks("installation", deleted, own_app=1) == (Forget(7),)
    assert tasks("installation_repositories", removed, own_app=1) == (Forget(7, 11),)


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        ([], "the payload is no JSON object"),
        ({"action": "opened"}, "installation.id is no number"),
        ({**HERE, "action": "opened"}, "pull_request.number is no number"),
        ({**HERE, "action": "opened", "pull_request": {"number": True}}, "pull_request.number is no number"),
        ({**HERE, "action": "opened", "pull_request": {"number": 2**70}}, "pull_request.number is no number"),
        (
            {**HERE, "action": "opened", "repository": {"id": 1, "name": "../x", "owner": {"login": "a"}}},
            "the repository's name is none that GitHub gives",
        ),
    ],
)
def test_a_malformed_payload_is_told_in_one_line(payload: object, says: str) -> None:
    with pytest.raises(ValueError, match="^" + says.replace(".", r"\.") + "$"):
        tasks("pull_request", payload, own_app=1)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
EVENTS = ("pull_request", "issue_comment", "check_run", "check_suite", "merge_group", "installation", "repository")
KEYS = ("action", "installation", "repository", "pull_request", "comment", "issue", "check_run", "check_suite")


@given(event=st.sampled_from(EVENTS), payload=JSON | st.dictionaries(st.sampled_from(KEYS), JSON))
def test_no_json_at_all_makes_it_crash(event: str, payload: object) -> None:
    try:
        assert isinstance(tasks(event, payload, own_app=1), tuple)
    except ValueError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either of the two is right


@pytest.mark.parametrize("app", [None, 1, 29310])
def test_every_example_payload_of_octokit_is_a_task_or_a_reasoned_refusal(app: int | None) -> None:
    outcomes = []

    for event, payloads in examples().items():
        for payload in payloads:
            try:
                outcomes.append(len(tasks(event, payload, own_app=app)))
            except ValueError as error:
                assert " is no " in str(error)  # noqa: PT017 - either of the two is right

    assert sum(map(len, examples().values())) > 300
    assert sum(outcomes) > 0


def test_octokits_examples_have_all_events_that_we_listen_to() -> None:
    known = examples()

    counts = {event: len(known[event]) for event in EVENTS}

    assert counts == {
        "pull_request": 29,
        "issue_comment": 9,
        "check_run": 9,
        "check_suite": 9,
        "merge_group": 2,
        "installation": 7,
        "repository": 13,
    }
