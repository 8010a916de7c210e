"""The published JSON schema says the same as the reader."""

from __future__ import annotations

import importlib
import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.config import read_config, schema
from bot.manifest.documents import read

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

PUBLISHED = Path(__file__).parents[2] / "docs" / "fluxbot.schema.json"
RULES = ("crd-unknown",)


def test_the_published_schema_is_the_one_that_the_reader_has() -> None:
    assert PUBLISHED.read_text() == json.dumps(schema(), indent=2) + "\n"


def test_the_schema_is_a_json_schema() -> None:
    _validator().check_schema(schema())


@pytest.mark.parametrize(
    "text",
    [
        "version: 1",
        "gate: {fresh: never, running: warning}",
        "rules: {crd-unknown: off}",
        "rules: {crd-unknown: false}",
        "clusters: [{root: a, flux: '2.9', variables: {A: b}, provided: {namespaces: [kube-system]}}]",
        "ignore: [{rule: crd-unknown, about: Kustomization/a/b, reason: x, until: 2099-01-31}]",
        "charts: {allow: ['localhost:5000']}",
        "version: '1'",
        "gate: {fresh: note}",
        "coment: auto",
        "clusters: [{flux: '2.9'}]",
        "clusters: [{root: a, flux: 2.9}]",
        "ignore: [{rule: crd-unknown, about: x, reason: x}]",
        "charts: {allow: ['https://a.b']}",
        "soft: x",
        "soft: ['a b']",
    ],
)
def test_the_schema_accepts_exactly_what_the_reader_accepts(text: str) -> None:
    body = read(text.encode()).documents[0].body
    accepted = not read_config("f", text.encode(), rules=RULES, today=date(2026, 1, 1)).problems

    assert _validator()(schema()).is_valid(body) is accepted


def _validator() -> type[Validator]:
    """Imported where it is used: it makes 38 parsers, which takes seconds of every test worker."""
    return importlib.import_module("jsonschema").Draft202012Validator  # type: ignore[no-any-return]
