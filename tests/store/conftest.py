"""The database that the tests of this folder use."""

from __future__ import annotations

from tests.postgres import database, empty_database, open_folder, pool, queue, server

__all__ = ["database", "empty_database", "open_folder", "pool", "queue", "server"]
