"""app.yml asks GitHub for exactly what the doctor wants and the simulator grants."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from bot.github.registering import Wanted
from bot.web.doctor import registration
from tests.github_simulator.simulator import EVENTS, PERMISSIONS

FILE = Path(__file__).parents[2] / "app.yml"
MANIFEST = yaml.safe_load(FILE.read_text())
LEVELS = ("none", "read", "write")


def doctor(permissions: dict[str, str], events: list[str]) -> list[str]:
    said = {"id": 7, "slug": "fluxbot", "permissions": permissions, "events": events}
    return [str(check) for check in registration(said, 7)]


def test_the_doctor_wants_nothing_less_and_nothing_more_than_the_manifest_asks_for() -> None:
    permissions, events = MANIFEST["default_permissions"], MANIFEST["default_events"]

    said = doctor(permissions, events)

    assert said[1:] == ["ok    permissions: exactly those needed", f"ok    events: {len(events)} subscribed"]


@pytest.mark.parametrize("name", MANIFEST["default_permissions"])
def test_the_doctor_misses_each_permission_of_the_manifest(name: str) -> None:
    permissions = MANIFEST["default_permissions"]
    lower = LEVELS[LEVELS.index(permissions[name]) - 1]

    assert f"FAIL  permissions: missing: {name}: {permissions[name]}" in doctor({**permissions, name: lower}, [])


@pytest.mark.parametrize("name", MANIFEST["default_events"])
def test_the_doctor_misses_each_event_of_the_manifest(name: str) -> None:
    others = [event for event in MANIFEST["default_events"] if event != name]

    assert f"FAIL  events: not subscribed: {name}" in doctor(MANIFEST["default_permissions"], others)


def test_the_app_of_the_simulator_is_the_one_of_the_manifest() -> None:
    assert MANIFEST["default_permissions"] == PERMISSIONS
    assert MANIFEST["default_events"] == list(EVENTS)


def test_setup_registers_exactly_what_app_yml_says() -> None:
    address = MANIFEST["url"]

    assert Wanted("fluxbot", address, f"{address}/setup").manifest() == MANIFEST


def test_each_permission_and_each_event_has_its_reason() -> None:
    asked = FILE.read_text().partition("default_permissions:\n")[2]
    lines = [line for line in asked.splitlines() if re.match(r"  [-a-z]", line)]

    assert len(lines) == len(PERMISSIONS) + len(EVENTS)
    assert [line for line in lines if not re.search(r" # \S{2,}", line)] == []
