"""What all tests share: the profiles of hypothesis, and the option that rewrites goldens.

``make accept`` passes ``--accept``; a golden test asks for it with
``request.config.getoption("--accept")`` and then writes what it would have
compared. Read the diff before you commit it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.open_postgres import reachable_postgres

# The same examples on every run and no deadline: a shared machine may be slow, a test may not be flaky.
settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("soak", max_examples=5_000, deadline=None, print_blob=True)
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "ci")
settings.load_profile(PROFILE)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="write goldens instead of comparing with them")


@pytest.fixture(scope="session", autouse=True)
def _postgres() -> Iterator[None]:
    """PostgreSQL can be started, also as root below a closed home."""
    with reachable_postgres():
        yield
