"""``fluxbot database``: what is done to the PostgreSQL of fluxbot's own, by those who run the GitHub App."""
# ruff: noqa: PLC0415 - what only the server needs is imported where it is used, as in bot.bootstrap

from __future__ import annotations

import argparse
from pathlib import Path

from bot.ports import BadQuestion
from bot.report.escape import terminal
from bot.settings import own_database


def add_keeping(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to those of the command line. No limit on time holds for it: ``lasting`` says so."""
    database = commands.add_parser("database", help="back up, restore or upgrade the database of fluxbot's own")
    which = database.add_subparsers(metavar="WHAT", required=True)
    saving = which.add_parser("backup", help="write all that it holds to a file, also while fluxbot runs")
    saving.add_argument("place", metavar="FILE", type=Path, help="that is not there yet")
    saving.set_defaults(run=_backup, lasting=True)
    restoring = which.add_parser("restore", help="make it anew of such a file, where there is none")
    restoring.add_argument("place", metavar="FILE", type=Path)
    restoring.set_defaults(run=_restore, lasting=True)
    upgrading = which.add_parser("upgrade", help="move it on to the PostgreSQL that this fluxbot brings")
    upgrading.add_argument("place", metavar="FOLDER", type=Path, help="the programs of the PostgreSQL that wrote it")
    upgrading.set_defaults(run=_upgrade, lasting=True)


def _own() -> Path:
    folder = own_database()
    if folder is None:
        raise BadQuestion("FLUXBOT_DATABASE_URL is set: use pg_dump and pg_restore of that PostgreSQL")
    return folder


def _backup(given: argparse.Namespace) -> int:
    from bot.work.backup import back_up

    back_up(_own(), given.place)
    return 0


def _restore(given: argparse.Namespace) -> int:
    from bot.work.backup import restore

    restore(_own(), given.place)
    return 0


def _upgrade(given: argparse.Namespace) -> int:
    from bot.work.backup import upgrade

    kept = upgrade(_own(), given.place)
    print(f"The database was moved on. The old one is kept in {terminal(str(kept))}; delete it when all is well.")
    return 0
