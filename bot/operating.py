"""``fluxbot serve``, ``work`` and ``doctor``: the commands of those who run the GitHub App."""

from __future__ import annotations

import argparse

from bot.bootstrap import cell_doctor, doctor, serve
from bot.environment import BadSettings
from bot.report.escape import terminal
from bot.settings import server_settings


def add_operating(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands to those of the command line. No limit on time holds for them: ``lasting`` says so."""
    serving = commands.add_parser("serve", help="take webhooks of the GitHub App in")
    serving.add_argument("--with-worker", action="store_true", help="and do the work in this process, too")
    serving.set_defaults(run=_serve, lasting=True)
    working = commands.add_parser("work", help="do what the webhooks ask for")
    working.set_defaults(run=_work, lasting=True)
    examining = commands.add_parser("doctor", help="check settings, App, database and the walls around builds")
    examining.set_defaults(run=_doctor, lasting=True)


def _serve(given: argparse.Namespace) -> int:
    serve(server_settings(), web=True, work=given.with_worker)
    return 0


def _work(_given: argparse.Namespace) -> int:
    serve(server_settings(), web=False, work=True)
    return 0


def _doctor(_given: argparse.Namespace) -> int:
    lacking: tuple[str, ...] = ()
    checks = tuple(cell_doctor())
    try:
        checks = (*doctor(server_settings()), *checks)
    except BadSettings as bad:
        lacking = bad.problems
    for problem in lacking:
        print(f"FAIL  settings: {terminal(problem)}")
    for check in checks:
        print(terminal(str(check)))
    return 1 if lacking or any(check.fails for check in checks) else 0
