"""``fluxbot config``: the mistakes of a tree's ``.fluxbot.yaml``, or the form of that file."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime

from bot.app.local import configured
from bot.config import schema
from bot.report.escape import json_text, logged, terminal


def add_config(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to those of the command line."""
    config = commands.add_parser("config", help="the configuration of a tree: its mistakes, or the form of the file")
    config.add_argument("what", choices=["check", "schema"])
    config.add_argument("path", nargs="?", default=".", metavar="PATH", help="a tree or a file")
    config.set_defaults(run=_config)


def _config(given: argparse.Namespace) -> int:
    if given.what == "schema":
        sys.stdout.write(json_text(schema()))
        return 0
    config = configured(given.path, datetime.now(UTC).date())
    for problem in config.problems if config else ():
        print(logged(terminal(str(problem))))
    if config is None:
        print(f"no .fluxbot.yaml in {terminal(given.path)}: the defaults hold")
    return 1 if config and config.problems else 0
