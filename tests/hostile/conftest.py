"""The database that the tests of this folder use, and their connection to GitHub."""

from __future__ import annotations

from tests.github.conftest import desk, github
from tests.postgres import database, empty_database, open_folder, pool, queue, server

__all__ = ["database", "desk", "empty_database", "github", "open_folder", "pool", "queue", "server"]
