"""What is said on lines of the diff: which comments are new, which stay and which have had their time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.app.world import World
from bot.model.publication import Annotation, Line, Publication, Remark, beside
from bot.model.pull import Hunks, OwnThread, Pull, Standing
from bot.model.task import Repository
from bot.report.remark import GONE

_MARK: Final = "<!-- fluxbot:finding:"
_END: Final = " -->"
_ADDRESS: Final = re.compile(r"\]\(https?://[^()\s]+/blob/[0-9a-f]{40,64}/[^()\s]*\)")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done so that each remark stands once, and nothing that is gone.

    ``kept`` are remarks with the thread that they have, ``new`` those without one.
    """

    kept: tuple[tuple[Remark, OwnThread], ...]
    new: tuple[Remark, ...]
    gone: tuple[OwnThread, ...]


def planned(publication: Publication, threads: Sequence[OwnThread]) -> Plan:
    """A remark keeps the oldest thread of any of its findings, so none is said twice after a rebase."""
    by_key: dict[str, OwnThread] = {}
    for thread in threads:
        by_key.setdefault(_key(thread.body), thread)
    kept, new = [], []
    for one in publication.remarks:
        its = next((by_key[key] for key in one.keys if key in by_key), None)
        if its is None:
            new.append(one)
        else:
            kept.append((one, its))
    gone = [
        thread for key, thread in by_key.items() if key and key not in publication.standing and not _is_gone(thread)
    ]
    return Plan(tuple(kept), tuple(new), tuple(gone))


async def remark(
    repository: Repository, world: World, pull: Pull, standing: Standing, publication: Publication
) -> tuple[Annotation, ...]:
    """Bring the threads to what is to be said; the annotations of what stands in none."""
    plan = planned(publication, standing.threads)
    for thread in plan.gone:
        await world.remarks.retire(repository, thread)
        await world.remarks.rewrite(repository, thread, said_of_gone(thread.body))
    for one, thread in plan.kept:
        await _keep(repository, world, one, thread)
    placed = [one for one, thread in plan.kept if not thread.is_outdated and not _is_closed(thread)]
    placed += await _placed(repository, world, pull, plan.new)
    return beside(one for one in publication.remarks if one not in placed)


async def _placed(repository: Repository, world: World, pull: Pull, new: Sequence[Remark]) -> Sequence[Remark]:
    """Those of the new remarks that stand afterwards."""
    if not new:
        return ()
    hunks = await world.remarks.hunks(repository, pull.number)
    fitting = [(one, line) for one in new if (line := _line(one, hunks))]
    if not fitting or not await world.remarks.review(repository, pull.number, pull.head, [line for _, line in fitting]):
        return ()
    return [one for one, _ in fitting]


async def _keep(repository: Repository, world: World, one: Remark, thread: OwnThread) -> None:
    """Say it as it is now; what a person resolved stays resolved."""
    if _is_gone(thread):
        await world.remarks.revive(repository, thread)
    key = _key(thread.body)
    body = _body(key, one.body)
    # A suggestion is good for the lines on which it stands, so it stays where it is or goes.
    same = {_unlinked(body)} | ({_unlinked(_body(key, one.suggested.body))} if one.suggested else set())
    if _unlinked(thread.body) not in same:
        await world.remarks.rewrite(repository, thread, body)


def _unlinked(body: str) -> str:
    """The text without the addresses of lines: that they name an older commit is no reason to edit a comment."""
    return _ADDRESS.sub("]()", body).strip()


def _line(one: Remark, hunks: Mapping[str, Hunks]) -> Line | None:
    """The lines that its fix replaces, where the diff shows them all; else the first of its places that it shows.

    Of those all its lines, or the first of them where they leave the hunk. What
    the change breaks elsewhere is said on the line of the change that is part
    of the reason.
    """
    wish = one.suggested
    if wish and any(start <= wish.start and wish.end <= end for start, end in hunks.get(wish.path, ())):
        return replace(wish, body=_body(one.keys[0], wish.body))
    body = _body(one.keys[0], one.body)
    for path, line, last in one.places:
        for start, end in hunks.get(path, ()):
            if start <= line <= end:
                return Line(path, line, last if last <= end else line, body)
    return None


def _body(key: str, text: str) -> str:
    return f"{_MARK}{key}{_END}\n{text}"


def _key(body: str) -> str:
    """The fingerprint in the first line of a comment of ours; empty where there is none."""
    first = body.partition("\n")[0].strip()
    return first.removeprefix(_MARK).removesuffix(_END) if first.startswith(_MARK) else ""


def said_of_gone(body: str) -> str:
    """What a comment says whose finding is gone: its first line, that it is, and what it was."""
    first, _, rest = body.partition("\n")
    return f"{first}\n{GONE}\n\n<details><summary>What it was</summary>\n\n{rest.strip()}\n\n</details>"


def _is_gone(thread: OwnThread) -> bool:
    return thread.body.partition("\n")[2].startswith(GONE)


def _is_closed(thread: OwnThread) -> bool:
    """Whether a person resolved it: the check run says then what is still true."""
    return thread.is_resolved and not _is_gone(thread)
