"""``fluxbot serve``, ``work``, ``setup`` and ``doctor``: the commands of those who run the GitHub App."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from bot.bootstrap import AppWish, cell_doctor, create_app, doctor, serve
from bot.environment import BadSettings
from bot.report.escape import terminal
from bot.settings import lacks_app, server_settings, setup_settings


def add_operating(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands to those of the command line. No limit on time holds for them: ``lasting`` says so."""
    serving = commands.add_parser("serve", help="take webhooks of the GitHub App in")
    serving.add_argument("--with-worker", action="store_true", help="and do the work in this process, too")
    serving.set_defaults(run=_serve, lasting=True)
    setup = commands.add_parser("setup", help="create the GitHub App, with a page in the browser")
    setup.add_argument("--public-url", metavar="URL", help="where GitHub will reach the server; or FLUXBOT_PUBLIC_URL")
    setup.add_argument("--organization", default="", metavar="NAME", help="the App's owner; default: yourself")
    setup.add_argument("--name", default="fluxbot", help="the App's name, which nobody else on that GitHub may have")
    places = setup.add_mutually_exclusive_group()
    places.add_argument("--to", metavar="FOLDER", help="where the credentials go; default: where the server looks")
    places.add_argument("--secret", metavar="FILE", help="write a Secret of Kubernetes there instead")
    setup.add_argument("--namespace", default="fluxbot", help="of that Secret")
    setup.add_argument("--port", type=int, default=0, metavar="N", help="of the page; default: any that is free")
    setup.set_defaults(run=_setup, lasting=True)
    working = commands.add_parser("work", help="do what the webhooks ask for")
    working.set_defaults(run=_work, lasting=True)
    examining = commands.add_parser("doctor", help="check settings, App, database and the walls around builds")
    examining.set_defaults(run=_doctor, lasting=True)


def _setup(given: argparse.Namespace) -> int:
    known = setup_settings()
    told = create_app(
        replace(known, host="127.0.0.1", port=given.port, public_url=given.public_url or known.public_url),
        AppWish(
            name=given.name,
            organization=given.organization,
            folder=Path(given.to) if given.to else None,
            manifest=Path(given.secret) if given.secret else None,
            namespace=given.namespace,
            here=True,
        ),
        lambda link: print(f"Open this page in a browser on this machine: {link}", file=sys.stderr, flush=True),
    )
    for line in told or ():
        print(terminal(line))
    return 0 if told else 1


def _has_app() -> bool:
    """Whether there is an App to serve for; where there is none, its page is served until there is."""
    known = setup_settings() if lacks_app() else None
    if known is None or known.public_url is None:
        return True  # or the settings are incomplete, which is said by who reads them
    return bool(
        create_app(known, AppWish(), lambda link: print(f"No App yet. Create it: {link}", file=sys.stderr, flush=True))
    )


def _serve(given: argparse.Namespace) -> int:
    if not _has_app():
        return 0
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
