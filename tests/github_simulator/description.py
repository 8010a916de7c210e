"""GitHub's description of its API, as a check of requests, answers and deliveries."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import fastjsonschema

from tests.github_simulator.json_value import JsonObject, JsonValue, as_list, as_object, as_text

SOURCE = Path(__file__).parent / "openapi.json.gz"
Check = Callable[[JsonValue], str | None]
# These parameters may hold slashes; all others end at one.
SPANNING = frozenset({"path", "ref", "branch", "basehead"})


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path template of the description."""

    method: str
    template: str
    pattern: re.Pattern[str]
    described: JsonObject


@dataclass(frozen=True, slots=True)
class Match:
    """The operation that a request asks for, with the values of its path."""

    operation: Operation
    params: Mapping[str, str]


@cache
def description() -> Description:
    """The one description of this process; its checks are compiled when first used."""
    return Description(as_object(json.loads(gzip.decompress(SOURCE.read_bytes()))))


class Description:
    """Finds operations and says what is wrong with what goes in and comes out."""

    def __init__(self, cut: JsonObject) -> None:
        self.source = as_text(cut["source"])
        self._components = as_object(cut["components"])
        self._webhooks = as_object(cut["webhooks"])
        self._checks: dict[str, Check] = {}
        self.operations = sorted(
            (
                Operation(method.upper(), template, _pattern(template), as_object(described))
                for template, methods in as_object(cut["paths"]).items()
                for method, described in as_object(methods).items()
            ),
            key=lambda each: _literals(each.template),
            reverse=True,
        )

    def find(self, method: str, path: str) -> Match | None:
        """What ``method`` of ``path`` (still percent-encoded) means; None where GitHub has no such thing."""
        for operation in self.operations:
            if operation.method == method and (found := operation.pattern.fullmatch(path)):
                return Match(operation, {key: unquote(value or "") for key, value in found.groupdict().items()})
        return None

    def request_problem(self, match: Match, query: Mapping[str, str], body: JsonValue) -> str | None:
        """Why GitHub would refuse a request; None when it would not."""
        described = match.operation.described
        for parameter in map(as_object, as_list(described["parameters"])):
            name = as_text(parameter["name"])
            text = match.params.get(name, query.get(name))
            if text is None and parameter["required"] and parameter["in"] == "query":
                return f"parameter {name} is missing"
            if text is not None and (problem := self._parameter_problem(match.operation, parameter, text)):
                return f"parameter {name}: {problem}"
        if body is None:
            return "a body is required" if described["body_required"] else None
        if described["body"] is None:
            return None
        operation = match.operation
        return self._check(f"{operation.method} {operation.template} body", described["body"])(body)

    def unknown_names(self, match: Match, query: Mapping[str, str], body: JsonValue) -> str | None:
        """Names in a request that GitHub would silently ignore; None when it knows all of them."""
        described = match.operation.described
        known = {as_text(as_object(each)["name"]) for each in as_list(described["parameters"])}
        if unknown := sorted(set(query) - known):
            return f"unknown parameters: {', '.join(unknown)}"
        if described["body"] is None:
            return "this operation takes no body" if body else None
        return self._unknown_field([as_object(described["body"])], body, "body")

    def answer_problem(self, match: Match, status: int, body: JsonValue) -> str | None:
        """What is wrong with an answer of the simulator; None when nothing is."""
        operation = match.operation
        answers = as_object(operation.described["answers"])
        if str(status) not in answers:
            # GitHub answers 4xx and 5xx everywhere, whether an operation lists them or not.
            return f"status {status} is not described" if status < 400 else None
        schema = answers[str(status)]
        if schema is None:
            return None
        return self._check(f"{operation.method} {operation.template} {status}", schema)(body)

    def delivery_problem(self, event: str, action: str, payload: JsonValue) -> str | None:
        """What is wrong with the payload of a webhook; None when nothing is."""
        name = f"{event}.{action}"
        if name not in self._webhooks:
            return f"{name} is not described"
        return self._check(name, self._webhooks[name])(payload)

    def _parameter_problem(self, operation: Operation, parameter: JsonObject, text: str) -> str | None:
        schema = as_object(parameter["schema"])
        value: JsonValue = text
        match schema.get("type"):
            case "integer":
                if not re.fullmatch(r"-?\d+", text):
                    return f"{text!r} is not a whole number"
                value = int(text)
            case "boolean":
                value = {"true": True, "false": False}.get(text, text)
            case _:
                pass
        return self._check(f"{operation.method} {operation.template} {parameter['name']}", schema)(value)

    def _unknown_field(self, schemas: list[JsonObject], value: JsonValue, at: str) -> str | None:
        """The first field below ``value`` that none of the alternatives ``schemas`` knows."""
        parts = [part for schema in schemas for part in self._alternatives(schema)]
        if isinstance(value, list):
            items = [as_object(part["items"]) for part in parts if "items" in part]
            inner = [(items, each, f"{at}[{index}]") for index, each in enumerate(value)]
        elif isinstance(value, dict) and not any(part.get("additionalProperties") for part in parts):
            known: dict[str, list[JsonObject]] = {}
            for part in parts:
                for name, schema in as_object(part.get("properties", {})).items():
                    known.setdefault(name, []).append(as_object(schema))
            if known and (unknown := sorted(set(value) - set(known))):
                return f"unknown field {at}.{unknown[0]}"
            inner = [(known.get(name, []), each, f"{at}.{name}") for name, each in value.items()]
        else:
            return None
        return next((found for each in inner if (found := self._unknown_field(*each))), None)

    def _alternatives(self, schema: JsonObject) -> Iterator[JsonObject]:
        """``schema`` and all that it combines, references followed."""
        if "$ref" in schema:
            name = as_text(schema["$ref"]).rpartition("/")[2]
            schema = as_object(as_object(self._components["schemas"])[name])
        yield schema
        for key in ("oneOf", "anyOf", "allOf"):
            for part in as_list(schema.get(key, [])):
                yield from self._alternatives(as_object(part))

    def _check(self, name: str, schema: JsonValue) -> Check:
        if name not in self._checks:
            self._checks[name] = _compiled({"allOf": [schema], "components": self._components})
        return self._checks[name]


def _compiled(schema: JsonObject) -> Check:
    # Any: what fastjsonschema makes is an untyped function.
    validate: Any = fastjsonschema.compile(schema, use_default=False)

    def check(value: JsonValue) -> str | None:
        try:
            validate(value)
        except fastjsonschema.JsonSchemaValueException as wrong:
            return str(wrong)
        return None

    return check


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    text = "".join(
        re.escape(part) if index % 2 == 0 else f"(?P<{part}>{'.+' if part in SPANNING else '[^/]+'})"
        for index, part in enumerate(parts)
    )
    # The root of a repository is read as contents with or without the last slash.
    return re.compile(text.replace("/(?P<path>.+)", "(?:/(?P<path>.*))?"))


def _literals(template: str) -> tuple[int, int]:
    """How specific a template is: its fixed parts, then its length."""
    parts = template.split("/")
    return sum("{" not in part for part in parts), len(parts)
