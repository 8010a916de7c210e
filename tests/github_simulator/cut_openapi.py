"""Cut GitHub's OpenAPI description down to what the simulator checks.

Run it by hand when GitHub's description moves::

    npm pack @octokit/openapi && tar xzf octokit-openapi-*.tgz
    python -m tests.github_simulator.cut_openapi package

It reads ``package/generated/api.github.com.json`` (MIT licence, GitHub Inc.)
and writes ``openapi.json.gz`` beside itself: for each operation of OPERATIONS
its parameters, request body and answers, for each event of WEBHOOKS its
payload, and the schemas these name. Prose, examples and titles are left out;
``nullable`` (OpenAPI 3.0) becomes a type of JSON Schema.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.github_simulator.json_value import JsonObject, JsonValue, as_list, as_object, as_text

TARGET = Path(__file__).parent / "openapi.json.gz"
REPOSITORY = "/repos/{owner}/{repo}"

OPERATIONS: tuple[tuple[str, str], ...] = (
    ("/app", "get"),
    ("/app-manifests/{code}/conversions", "post"),
    ("/app/hook/config", "get"),
    ("/app/hook/deliveries", "get"),
    ("/app/hook/deliveries/{delivery_id}", "get"),
    ("/app/hook/deliveries/{delivery_id}/attempts", "post"),
    ("/app/installations", "get"),
    ("/app/installations/{installation_id}", "get"),
    ("/app/installations/{installation_id}/access_tokens", "post"),
    ("/installation/repositories", "get"),
    ("/installation/token", "delete"),
    ("/rate_limit", "get"),
    ("/user", "get"),
    ("/users/{username}", "get"),
    *(
        (REPOSITORY + path, method)
        for path, methods in (
            ("", "get"),
            ("/branches", "get"),
            ("/branches/{branch}", "get"),
            ("/check-runs", "post"),
            ("/check-runs/{check_run_id}", "get patch"),
            ("/check-runs/{check_run_id}/annotations", "get"),
            ("/check-runs/{check_run_id}/rerequest", "post"),
            ("/check-suites/{check_suite_id}", "get"),
            ("/check-suites/{check_suite_id}/check-runs", "get"),
            ("/check-suites/{check_suite_id}/rerequest", "post"),
            ("/collaborators/{username}/permission", "get"),
            ("/commits", "get"),
            ("/commits/{commit_sha}/pulls", "get"),
            ("/commits/{ref}", "get"),
            ("/commits/{ref}/check-runs", "get"),
            ("/commits/{ref}/check-suites", "get"),
            ("/compare/{basehead}", "get"),
            ("/contents/{path}", "get put"),
            ("/git/blobs", "post"),
            ("/git/blobs/{file_sha}", "get"),
            ("/git/commits", "post"),
            ("/git/commits/{commit_sha}", "get"),
            ("/git/matching-refs/{ref}", "get"),
            ("/git/ref/{ref}", "get"),
            ("/git/refs", "post"),
            ("/git/refs/{ref}", "patch delete"),
            ("/git/trees", "post"),
            ("/git/trees/{tree_sha}", "get"),
            ("/installation", "get"),
            ("/issues/comments/{comment_id}", "get patch delete"),
            ("/issues/comments/{comment_id}/reactions", "get post"),
            ("/issues/comments/{comment_id}/reactions/{reaction_id}", "delete"),
            ("/issues/{issue_number}", "get"),
            ("/issues/{issue_number}/comments", "get post"),
            ("/pulls", "get post"),
            ("/pulls/comments/{comment_id}", "get patch delete"),
            ("/pulls/comments/{comment_id}/reactions", "get post"),
            ("/pulls/comments/{comment_id}/reactions/{reaction_id}", "delete"),
            ("/pulls/{pull_number}", "get patch"),
            ("/pulls/{pull_number}/comments", "get post"),
            ("/pulls/{pull_number}/comments/{comment_id}/replies", "post"),
            ("/pulls/{pull_number}/commits", "get"),
            ("/pulls/{pull_number}/files", "get"),
            ("/pulls/{pull_number}/reviews", "get post"),
            ("/pulls/{pull_number}/reviews/{review_id}", "get put"),
            ("/pulls/{pull_number}/reviews/{review_id}/comments", "get"),
            ("/pulls/{pull_number}/reviews/{review_id}/dismissals", "put"),
            ("/tarball/{ref}", "get"),
        )
        for method in methods.split()
    ),
)
WEBHOOKS: tuple[tuple[str, str], ...] = (
    ("pull_request", "opened synchronize reopened ready_for_review converted_to_draft edited closed"),
    ("issue_comment", "created edited deleted"),
    ("check_run", "created completed rerequested requested_action"),
    ("check_suite", "requested rerequested completed"),
    ("merge_group", "checks_requested destroyed"),
    ("installation", "created deleted suspend unsuspend new_permissions_accepted"),
    ("installation_repositories", "added removed"),
    ("repository", "renamed archived privatized publicized"),
    ("pull_request_review_comment", "created"),
)
PROSE = frozenset({"description", "summary", "title", "example", "examples", "externalDocs", "default", "deprecated"})
MAPS = frozenset({"properties", "patternProperties", "schemas"})  # their keys are names, not keywords


def cut(whole: JsonObject, version: str) -> JsonObject:
    """The description with only OPERATIONS, WEBHOOKS and the schemas that these name."""
    paths: JsonObject = {}
    for path, method in OPERATIONS:
        operation = as_object(as_object(as_object(whole["paths"])[path])[method])
        as_object(paths.setdefault(path, {}))[method] = _operation(whole, operation)
    webhooks: JsonObject = {}
    for event, actions in WEBHOOKS:
        for action in actions.split():
            name = f"{event}-{action}".replace("_", "-")
            hook = as_object(as_object(as_object(whole["x-webhooks"])[name])["post"])
            webhooks[f"{event}.{action}"] = _bare(_json_schema(as_object(hook["requestBody"])))
    _correct(paths, webhooks)
    schemas = dict(_named(whole, [paths, webhooks]))
    return {
        "source": f"@octokit/openapi {version}, api.github.com",
        "paths": paths,
        "webhooks": webhooks,
        "components": {"schemas": schemas},
    }


def _correct(paths: JsonObject, webhooks: JsonObject) -> None:
    """Where the description contradicts GitHub itself.

    The account of a listed installation would have to be a user *and* an
    enterprise (``allOf``); elsewhere the same thing is either. The events of
    an App inside payloads are a closed list that knows no ``merge_group``,
    which GitHub sends.
    """
    answers = as_object(as_object(as_object(paths["/app/installations"])["get"])["answers"])
    answers["200"] = {"type": "array", "items": {"$ref": "#/components/schemas/installation"}}
    _open_events(webhooks)


def _open_events(value: JsonValue) -> None:
    if isinstance(value, list):
        for each in value:
            _open_events(each)
    elif isinstance(value, dict):
        events = value.get("events")
        if isinstance(events, dict) and events.get("type") == "array":
            value["events"] = {"type": "array", "items": {"type": "string"}}
        for each in value.values():
            _open_events(each)


def _operation(whole: JsonObject, operation: JsonObject) -> JsonObject:
    parameters: list[JsonValue] = []
    for each in as_list(operation.get("parameters", [])):
        parameter = _followed(whole, as_object(each))
        parameters.append(
            {
                "name": parameter["name"],
                "in": parameter["in"],
                "required": parameter.get("required", False),
                "schema": _bare(parameter["schema"]),
            }
        )
    answers: JsonObject = {}
    for status, each in as_object(operation["responses"]).items():
        answers[status] = _bare(_json_schema(_followed(whole, as_object(each))))
    body = as_object(operation.get("requestBody", {}))
    return {
        "parameters": parameters,
        "body": _bare(_json_schema(body)),
        "body_required": bool(body.get("required", False)),
        "answers": answers,
    }


def _followed(whole: JsonObject, value: JsonObject) -> JsonObject:
    """What ``value`` refers to, or itself."""
    if "$ref" not in value:
        return value
    found: JsonValue = whole
    for key in as_text(value["$ref"]).removeprefix("#/").split("/"):
        found = as_object(found)[key]
    return as_object(found)


def _json_schema(value: JsonObject) -> JsonValue:
    """The schema of a body or an answer in JSON; None where it has no such content."""
    for kind, content in as_object(value.get("content", {})).items():
        if "json" in kind:
            return as_object(content).get("schema")
    return None


def _bare(value: JsonValue, *, names: bool = False) -> JsonValue:
    """``value`` without prose; ``names`` where the keys of ``value`` are names of properties."""
    if isinstance(value, list):
        return [_bare(each) for each in value]
    if not isinstance(value, dict):
        return value
    if names:
        return {key: _bare(each) for key, each in value.items()}
    kept: JsonObject = {
        key: value[key] if key in {"enum", "required"} else _bare(value[key], names=key in MAPS)
        for key in value
        if key not in PROSE and not key.startswith("x-") and key not in {"nullable", "discriminator", "readOnly"}
    }
    return _nullable(kept) if value.get("nullable") is True else kept


def _nullable(schema: JsonObject) -> JsonObject:
    if "enum" in schema:
        schema["enum"] = [*as_list(schema["enum"]), None]
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [{"type": "null"}, schema]}


def _named(whole: JsonObject, roots: list[JsonObject]) -> Iterator[tuple[str, JsonValue]]:
    """Each schema that is named from ``roots`` or from a schema that is."""
    schemas = as_object(as_object(whole["components"])["schemas"])
    waiting: list[JsonValue] = list(roots)
    seen: set[str] = set()
    while waiting:
        for name in sorted(set(_references(waiting.pop())) - seen):
            seen.add(name)
            schema = _bare(schemas[name])
            if name.startswith("webhook"):
                _open_events(schema)
            waiting.append(schema)
            yield name, schema


def _references(value: JsonValue) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _references(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key == "$ref" and isinstance(each, str):
                yield each.removeprefix("#/components/schemas/")
            else:
                yield from _references(each)


def main() -> None:
    """Cut the unpacked package whose directory is the first argument."""
    package = Path(sys.argv[1])
    whole = as_object(json.loads((package / "generated" / "api.github.com.json").read_text()))
    version = as_text(as_object(json.loads((package / "package.json").read_text()))["version"])
    text = json.dumps(cut(whole, version), separators=(",", ":"), sort_keys=True)
    # No time stamp, so that the same description gives the same bytes.
    TARGET.write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main()
