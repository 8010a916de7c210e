"""The command line: reads the question, drives the engine, prints the answer."""

from __future__ import annotations

import argparse
import gc
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from bot import __version__
from bot.app.local import Wish, audited, hold, in_time, reviewed, root_of
from bot.bootstrap import answerer, cache_shelf, fetching
from bot.cataloguing import add_catalogue
from bot.configuring import add_config
from bot.engine import Examination, Question, examine
from bot.git.disk import write
from bot.keeping import add_keeping
from bot.model.ask import Conversation
from bot.model.review import Conclusion, Review
from bot.offering import offered
from bot.operating import add_operating
from bot.picturing import GRAPHS, HTML, REVIEWS, graph, page
from bot.ports import Answerer, BadQuestion, TooLarge
from bot.report.crash import crash_report
from bot.report.escape import logged, terminal
from bot.report.formats import Format, render_report
from bot.report.rule_info import RuleInfo
from bot.report.rules import RulesFormat, render_rules
from bot.review.explain import Line, explain_object, explain_rule, find, unapplied
from bot.review.ways import explain_between
from bot.rules import RULES
from bot.settings import fetch_settings, settings
from bot.wanted import asked, is_new

RULE_INFOS = tuple(RuleInfo(rule.id, rule.severity, rule.doc) for rule in RULES)
_WIDTH = 100
T = TypeVar("T")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    The exit status: 0 clean, 1 findings, 2 a wrong question (one line on stderr), 3 our own failure.
    """
    # One question and the process ends: to look for garbage in between would take up to a fifth of the time.
    gc.set_threshold(1_000_000)
    given = parser().parse_args(arguments)
    try:
        return _status_of(given)
    except (BadQuestion, TooLarge) as problem:
        print(f"fluxbot: {logged(terminal(str(problem)))}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception as problem:  # noqa: BLE001 - boundary: our own failure is told apart from findings
        print(crash_report(problem), file=sys.stderr)
        return 3


def _status_of(given: argparse.Namespace) -> int:
    if vars(given).get("lasting"):
        return int(given.run(given))
    with in_time(settings().limits):
        return int(given.run(given))


def parser() -> argparse.ArgumentParser:
    """All commands with what they take; the page on them is made from it."""
    whole = argparse.ArgumentParser("fluxbot", description="Reads a Flux repository the way Flux will.")
    whole.add_argument("--version", action="version", version=f"fluxbot {__version__}")
    commands = whole.add_subparsers(required=True, metavar="COMMAND")
    audit = commands.add_parser("audit", help="everything wrong in one tree")
    _of_a_tree(audit, _audit, REVIEWS)
    _judging(audit)

    review = commands.add_parser("review", help="what a change brings, compared with the merge base")
    _of_a_tree(review, _review, REVIEWS, rev=False)
    review.add_argument("--base", required=True, metavar="REV", help="the branch that the change goes to")
    review.add_argument("--head", metavar="REV", help="default: the working tree, uncommitted files included")
    _judging(review)

    explain = commands.add_parser("explain", help="a rule, or what an object waits for and why")
    explain.add_argument("subject", nargs="?", default="", help="a rule's id, or Kind/namespace/name")
    explain.add_argument("other", nargs="?", default="", help="why does the first wait (or should it) for this one")
    explain.add_argument("--path", default=".")
    explain.add_argument("--rev", metavar="REV")
    explain.set_defaults(run=_explain)
    _reading(explain)

    drawing = commands.add_parser("graph", help="the order of each cluster as a graph")
    _of_a_tree(drawing, _graph, GRAPHS)
    _reading(drawing)

    fix = commands.add_parser("fix", help="a patch with the fixes that were proven, or the files with them")
    fix.add_argument("path", nargs="?", default=".", metavar="PATH", help="a working tree, bare repository or folder")
    fix.add_argument("--base", metavar="REV", help="only what a change brings; without it everything counts as live")
    fix.add_argument("--rev", metavar="REV", help="default: the working tree")
    fix.add_argument("--only", nargs="+", action="extend", default=[], metavar="ID", help="default: every safe fix")
    fix.add_argument("--apply", action="store_true", help="edit the files of the working tree")
    fix.add_argument("--staged", action="store_true", help="print the steps of fixes that take several changes, too")
    fix.set_defaults(run=_fix)
    _reading(fix)

    _without_a_tree(commands)
    return whole


def _without_a_tree(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    rules = commands.add_parser("rules", help="the rules")
    rules.add_argument("--format", choices=[str(one) for one in RulesFormat], default="text")
    rules.set_defaults(run=_rules)

    for add in (add_catalogue, add_config, add_operating, add_keeping):
        add(commands)


def _of_a_tree(command: argparse.ArgumentParser, run: object, formats: Sequence[str], *, rev: bool = True) -> None:
    add = command.add_argument
    add("path", nargs="?", default=".", metavar="PATH", help="a working tree, bare repository or folder")
    if rev:
        add("--rev", metavar="REV", help="default: the working tree")
    add("--format", choices=formats, default=formats[0])
    command.set_defaults(run=run)


def _reading(command: argparse.ArgumentParser) -> None:
    command.add_argument("--cluster", action="append", default=[], metavar="ROOT", help="repeatable; default: found")
    command.add_argument("--config", metavar="FILE", help="instead of the tree's .fluxbot.yaml")
    fetching = command.add_mutually_exclusive_group()
    fetching.add_argument("--offline", action="store_true", help="no chart or source is fetched (the default)")
    fetching.add_argument("--fetch", action="store_true", help="charts are fetched, from the hosts that are allowed")
    command.add_argument("--no-cache", action="store_true", help="build everything anew")
    command.add_argument("--jobs", type=_positive, metavar="N", help="processes side by side; default: one a core")
    command.add_argument("--flux-version", metavar="X.Y", help="default: what the tree says, else the newest modelled")


def _judging(command: argparse.ArgumentParser) -> None:
    _reading(command)
    command.add_argument(
        "--fail-on", choices=["error", "warning", "note", "never"], help="overrides the configured gate"
    )


def _positive(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes")
    return number


def _wish(given: argparse.Namespace) -> Wish:
    told = vars(given)
    return Wish(
        path=given.path,
        today=datetime.now(UTC).date(),
        rev=told.get("rev"),
        base=told.get("base"),
        head=told.get("head"),
        clusters=tuple(given.cluster),
        config=given.config,
        fail_on=told.get("fail_on"),
        flux_version=given.flux_version,
        limits=settings().limits,
        fetches=given.fetch,
    )


def _audit(given: argparse.Namespace) -> int:
    started = time.monotonic()
    question = audited(_wish(given))
    return _judged(given, started, _held(given, question, examine(question)))


def _review(given: argparse.Namespace) -> int:
    started = time.monotonic()
    question = reviewed(_wish(given))
    offer = _held(given, question, offered(question, is_new(question)))
    return _judged(given, started, offer.examination)


def _judged(given: argparse.Namespace, started: float, examination: Examination) -> int:
    review = examination.review
    if given.format == HTML:
        sys.stdout.write(page(examination, given.path))
        return _status(review)
    report = render_report(
        review,
        format=Format(given.format),
        repository=given.path,
        seconds=time.monotonic() - started,
        colour=sys.stdout.isatty(),
        width=shutil.get_terminal_size((_WIDTH, 24)).columns,
        rules=RULE_INFOS,
    )
    sys.stdout.write(report)
    return _status(review)


def _status(review: Review) -> int:
    """The exit status that a review stands for; a rule that broke is our own failure."""
    if review.crashed:
        return 3
    return 1 if review.conclusion is Conclusion.FAILURE else 0


def _graph(given: argparse.Namespace) -> int:
    sys.stdout.write(graph(_examined(given, audited(_wish(given))), given.format, given.path))
    return 0


def _fix(given: argparse.Namespace) -> int:
    from bot.fixes.patch import diff  # noqa: PLC0415 - the other commands need nothing of fixes
    from bot.fixing import chosen_fixes  # noqa: PLC0415 - as above

    if given.apply and given.rev:
        raise BadQuestion("--apply edits the working tree, so it takes no --rev")
    wish = replace(_wish(given), head=given.rev if given.base else None, rev=None if given.base else given.rev)
    question = reviewed(wish) if given.base else audited(wish)
    chosen = frozenset(given.only)
    offer = _held(given, question, offered(question, asked(chosen)))
    found = chosen_fixes(offer, chosen, staged=given.staged)
    if found.unknown:
        raise BadQuestion(f"nothing here has the id {found.unknown[0]}")
    if given.apply:
        for path in write(root_of(wish), question.head, offer.whole):
            print(terminal(path))
    else:
        sys.stdout.write(diff(question.head, offer.whole))
    for line in found.steps:
        print(logged(terminal(line)))
    for line in found.without:
        print(logged(terminal(line)), file=sys.stderr)
    return 1 if found.without else 0


def _rules(given: argparse.Namespace) -> int:
    sys.stdout.write(render_rules(RULE_INFOS, RulesFormat(given.format)))
    return 0


def _explain(given: argparse.Namespace) -> int:
    manual = explain_rule(RULES, given.subject)
    if manual:
        sys.stdout.write(manual)
        return 0
    if not given.subject:
        raise BadQuestion("explain what? A rule's id (`fluxbot rules` lists them) or an object, Kind/namespace/name")
    examination = _examined(given, audited(_wish(given)))
    lines = list(_explanation(examination, given.subject, given.other))
    if not lines:
        clusters = ", ".join(root or "." for root in examination.cases) or "none"
        raise BadQuestion(f"nothing is called {given.subject}: neither a rule nor an object of a cluster ({clusters})")
    for line in lines:
        print(logged("  " * line.depth + terminal(line.text)))
    return 0


def _explanation(examination: Examination, subject: str, other: str) -> Iterator[Line]:
    found = find(examination.cases, subject)
    if not found:
        yield from unapplied(examination.cases, subject)
    elif not other:
        for case, ref in found:
            yield from explain_object(case, ref)
    else:
        others = find(examination.cases, other)
        if not others:
            raise BadQuestion(f"nothing is called {other} in the clusters found")
        for case, ref in found:
            yield from (line for its, one in others if its is case for line in explain_between(case, ref, one))


def _examined(given: argparse.Namespace, question: Question) -> Examination:
    """The engine driven to its end."""
    return _held(given, question, examine(question))


def _held(given: argparse.Namespace, question: Question, conversation: Conversation[T]) -> T:
    """A conversation driven to its end, with progress on a terminal."""
    folder = settings().cache
    answering: Answerer = answerer(cached=not given.no_cache, jobs=given.jobs, folder=folder)
    most = question.head.limits.builds
    if question.fetches:
        shelf = cache_shelf(folder) if not given.no_cache else None
        answering = fetching(answering, fetch_settings(), question.config.chart_hosts, shelf, question.head.limits)
    if not sys.stderr.isatty():
        return hold(conversation, most, answering, lambda _done, _asked: None)
    # Only here, because the terminal library takes a fifth of the start and most runs have no terminal.
    from bot.report.progress import progress_bar  # noqa: PLC0415

    with progress_bar("building") as told:
        return hold(conversation, most, answering, told)
