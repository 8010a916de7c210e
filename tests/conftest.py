"""What all tests share: the profiles of hypothesis, and the option that rewrites goldens.

``make accept`` passes ``--accept``; a golden test asks for it with
``request.config.getoption("--accept")`` and then writes what it would have
compared. Read the diff before you commit it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from hypothesis import settings

from tests.open_postgres import reachable_postgres
from tests.soak import Told

# The same examples on every run and no deadline: a shared machine may be slow, a test may not be flaky.
settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("soak", max_examples=5_000, deadline=None, print_blob=True)
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "ci")
settings.load_profile(PROFILE)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="write goldens instead of comparing with them")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those first that wait for real processes: meanwhile others have their core; at the end it would be idle."""
    items.sort(key=lambda item: "tests/e2e/" not in item.nodeid)


@pytest.fixture(scope="session", autouse=True)
def _postgres() -> Iterator[None]:
    """PostgreSQL can be started, also as root below a closed home."""
    with reachable_postgres():
        yield


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Told:
    """Says what was measured, at the end of ``make soak``."""
    return lambda text: record_property("figure", text)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if PROFILE != "soak":
        return
    for report in terminalreporter.stats.get("passed", []):
        for name, said in getattr(report, "user_properties", []):
            if name == "figure" and report.when == "call":
                terminalreporter.write_line(f"{report.nodeid.rpartition('::')[2]}: {said}")
