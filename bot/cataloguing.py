"""``fluxbot catalogue add``: what is asked on the command line, and the rows on stdout or in a file."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from bot.bootstrap import answerer, cache_shelf, fetching
from bot.ports import Answerer, BadQuestion
from bot.settings import fetch_settings, settings


def add_catalogue(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to those of the command line."""
    catalogue = commands.add_parser("catalogue", help="what charts bring, for those who keep fluxbot's catalogue")
    verbs = catalogue.add_subparsers(required=True, metavar="VERB")
    add = verbs.add_parser("add", help="print a chart's row of the catalogue, made by rendering it")
    add.add_argument(
        "charts", nargs="+", metavar="CHART", help="a directory, a .tgz, oci://HOST/PATH[:TAG], or a name with --repo"
    )
    add.add_argument("--repo", default="", metavar="URL", help="the Helm repository that the charts are in")
    add.add_argument("--version", default="", metavar="VERSION", help="of the charts; may be a range; default: newest")
    add.add_argument("--fetch", action="store_true", help="charts are fetched, from the hosts that are allowed")
    add.add_argument("--output", metavar="FILE", help="write the rows there instead")
    add.add_argument("--no-cache", action="store_true", help="render everything anew")
    add.set_defaults(run=_add)


def _add(given: argparse.Namespace) -> int:
    """The rows, one a line, as they stand in ``bot/knowledge/charts.json``."""
    # Only here, because no other command unpacks archives.
    from bot.app.cataloguing import Named, row  # noqa: PLC0415

    named = [Named(chart, given.repo, given.version) for chart in given.charts]
    elsewhere = next((one.name for one in named if one.is_elsewhere), None)
    if elsewhere is not None and not given.fetch:
        raise BadQuestion(f"{elsewhere} is not on this machine: --fetch allows to fetch it")
    limits = settings().limits
    answering = _answering(given)
    rows = [json.dumps(row(one, answering, limits), ensure_ascii=False, separators=(",", ":")) for one in named]
    written = "".join(f"{line}\n" for line in rows)
    if given.output is None:
        sys.stdout.write(written)
        return 0
    try:
        Path(given.output).write_text(written, encoding="utf-8")
    except OSError as problem:
        raise BadQuestion(f"cannot write {given.output}: {problem.strerror}") from problem
    return 0


def _answering(given: argparse.Namespace) -> Answerer:
    known = settings()
    builder = answerer(cached=not given.no_cache, jobs=None, folder=known.cache)
    if not given.fetch:
        return builder
    shelf = None if given.no_cache else cache_shelf(known.cache)
    return fetching(builder, fetch_settings(), None, shelf, known.limits)
