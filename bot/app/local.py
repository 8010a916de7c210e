"""Reviews of what lies on this machine: the order of git, engine and builds, nothing else."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TypeAlias, TypeVar

from bot.config import find_config, read_config
from bot.engine import Examination, Question, examine
from bot.git.disk import directory, folder
from bot.git.repository import Repository, open_repository
from bot.model.ask import Conversation
from bot.model.config import Config
from bot.model.finding import Severity
from bot.model.limits import LIMITS, Limits, passed, setting
from bot.model.snapshot import Snapshot
from bot.ports import Answerer, BadQuestion, TooLarge
from bot.rules import RULES


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for, as given; None and empty mean the default.

    ``fail_on`` is a severity, or ``never``; ``today`` decides which ignores
    have expired.
    """

    path: str
    today: date
    rev: str | None = None
    base: str | None = None
    head: str | None = None
    clusters: tuple[str, ...] = ()
    config: str | None = None
    fail_on: str | None = None
    flux_version: str | None = None
    limits: Limits = LIMITS
    fetches: bool = False


def audited(wish: Wish) -> Question:
    """The question of a command that looks at one tree."""
    repository = open_repository(Path(wish.path), wish.limits)
    if wish.rev is None:
        head = repository.working_tree() if repository and repository.has_working_tree else _folder(repository, wish)
    elif repository is None:
        raise BadQuestion(f"{wish.path} is no git repository, so it has no revision {wish.rev}")
    else:
        head = repository.snapshot(repository.resolve(wish.rev))
    return _question(wish, head, None, head)


def _folder(repository: Repository | None, wish: Wish) -> Snapshot:
    """A plain directory, or the newest commit of a bare repository."""
    return repository.snapshot(repository.resolve("HEAD")) if repository else folder(Path(wish.path), wish.limits)


def reviewed(wish: Wish) -> Question:
    """The question of ``review``: what the head brings compared with the merge base."""
    repository = open_repository(Path(wish.path), wish.limits)
    if repository is None:
        raise BadQuestion(f"{wish.path} is no git repository")
    target = repository.resolve(wish.base or "HEAD")
    if wish.head is None and not repository.has_working_tree:
        raise BadQuestion(f"{wish.path} is a bare repository: name the revision to review with --head")
    tip = repository.resolve(wish.head or "HEAD")
    base = repository.snapshot(repository.merge_base(target, tip))
    head = repository.snapshot(tip) if wish.head else repository.working_tree()
    return _question(wish, head, base, base)


def _question(wish: Wish, head: Snapshot, base: Snapshot | None, configured_in: Snapshot) -> Question:
    config = _config(wish, configured_in)
    if wish.fail_on is not None:
        gate = Severity.OFF if wish.fail_on == "never" else Severity(wish.fail_on)
        config = replace(config, gate_fresh=gate, gate_running=gate)
    fetches = wish.fetches and config.chart_hosts != ()
    return Question(head, base, config, wish.today, wish.clusters, wish.flux_version, fetches)


def configured(path: str, today: date) -> Config | None:
    """What the configuration of a tree says, or the file itself where ``path`` is one; None where there is none."""
    if Path(path).is_file():
        return read_config(path, _bytes(path), rules={rule.id for rule in RULES}, today=today)
    found = find_config(audited(Wish(path, today)).head)
    return read_config(*found, rules={rule.id for rule in RULES}, today=today) if found else None


def _bytes(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as problem:
        raise BadQuestion(f"cannot read {path}: {problem.strerror}") from problem


def _config(wish: Wish, snapshot: Snapshot) -> Config:
    found = find_config(snapshot)
    if wish.config:
        try:
            found = (wish.config, Path(wish.config).read_bytes())
        except OSError as problem:
            raise BadQuestion(f"cannot read {wish.config}: {problem.strerror}") from problem
    if found is None:
        return Config()
    config = read_config(found[0], found[1], rules={rule.id for rule in RULES}, today=wish.today)
    if not config.readable:
        raise BadQuestion(str(config.problems[0]))
    return config


def root_of(wish: Wish) -> Path:
    """The directory that the paths of a working tree's snapshot begin in. Raise BadQuestion where there is none."""
    repository = open_repository(Path(wish.path), wish.limits)
    if repository is None:
        return directory(Path(wish.path))
    if not repository.has_working_tree:
        raise BadQuestion(f"{wish.path} is a bare repository: it has no files to edit")
    return repository.path


@contextmanager
def in_time(limits: Limits) -> Iterator[None]:
    """Whatever happens inside ends in time, by an alarm of this process: for commands, which do one thing and end.

    Raise TooLarge where it does not. Only for the main thread.
    """

    def ring(_signal: int, _frame: object) -> None:
        raise _RungError

    handler = signal.signal(signal.SIGALRM, ring)
    timer = signal.setitimer(signal.ITIMER_REAL, limits.seconds)
    try:
        yield
    except _RungError:
        raise TooLarge(took_too_long(limits.seconds)) from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, *timer)
        signal.signal(signal.SIGALRM, handler)


class _RungError(BaseException):
    """No Exception, so that the boundary around a rule does not take it for a bug of the rule."""


def took_too_long(seconds: int) -> str:
    """The sentence for a review that was stopped."""
    return f"the review took longer than {seconds:,} s; {setting('seconds')} raises the limit"


T = TypeVar("T")
Progressed: TypeAlias = Callable[[int, int], None]


def drive(question: Question, answering: Answerer, progress: Progressed) -> Examination:
    """The examination of a question; ``progress`` is told how many of the builds asked for so far are done.

    Raise TooLarge where it asks for more builds than a review may.
    """
    return hold(examine(question), question.head.limits.builds, answering, progress)


def hold(conversation: Conversation[T], most: int, answering: Answerer, progress: Progressed) -> T:
    """The result of a conversation that is answered to its end. Raise TooLarge where it asks for more builds."""
    done = asked = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        progress(done, asked)

    try:
        asks = next(conversation)
        while True:
            asked += len(asks)
            if asked > most:
                raise TooLarge(f"the review needs too many builds: {passed('builds', most)}")
            asks = conversation.send(answering.answer(asks, advance))
    except StopIteration as finished:
        result: T = finished.value
        return result
