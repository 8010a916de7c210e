"""Differences of two commits, and the lines of them that can carry a comment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.github_simulator.git_repository import GitRepository

PATCH_LIMIT = 1_000_000  # characters; GitHub leaves out the patch of larger files (its true limit is not published)
HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
STATUS = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "C": "copied", "T": "changed"}
NOTHING = "0" * 40


@dataclass(frozen=True, slots=True)
class FileDiff:
    """How one file differs; ``patch`` is None for binaries, pure renames and very large changes."""

    path: str
    previous: str | None
    status: str
    sha: str
    additions: int
    deletions: int
    patch: str | None


@dataclass(frozen=True, slots=True)
class Anchor:
    """A line of a patch: the hunk it is in and GitHub's ``position`` (lines below the first ``@@``)."""

    hunk: int
    position: int


async def between(git: GitRepository, old: str, new: str) -> list[FileDiff]:
    """The files that differ between two commits, renames found."""
    options = ("-M", "--no-ext-diff", "--no-color", "--no-abbrev")
    raw = (await git.run("diff", *options, "--raw", "-z", old, new)).decode(errors="replace")
    text = (await git.run("diff", *options, "-p", old, new)).decode(errors="replace")
    # A line of content begins with a blank, + or -, so only the heads of files match.
    patches = re.split(r"^diff --git .*\n", text, flags=re.MULTILINE)[1:]
    return [_file(facts, patch) for facts, patch in zip(_raw(raw), patches, strict=True)]


def _raw(text: str) -> Iterator[tuple[str, str, str, str | None]]:
    """(status letter, blob, path, previous path) of ``git diff --raw -z``."""
    words = iter(text.split("\0"))
    for word in words:
        if not word:
            return
        *_, old, new, status = word.removeprefix(":").split()
        first = next(words)
        path, previous = (next(words), first) if status[0] in "RC" else (first, None)
        yield status[0], old if new == NOTHING else new, path, previous


def _file(facts: tuple[str, str, str, str | None], text: str) -> FileDiff:
    status, sha, path, previous = facts
    start = re.search(r"^@@ ", text, flags=re.MULTILINE)
    patch = text[start.start() :].rstrip("\n") if start else None
    lines = patch.split("\n") if patch else []
    added = sum(line.startswith("+") for line in lines)
    removed = sum(line.startswith("-") for line in lines)
    shown = patch if patch is not None and len(patch) <= PATCH_LIMIT else None
    return FileDiff(path, previous, STATUS[status], sha, added, removed, shown)


def anchors(patch: str, side: str) -> dict[int, Anchor]:
    """The lines of one side (``LEFT`` or ``RIGHT``) that a comment can stand on."""
    found: dict[int, Anchor] = {}
    hunk, number = -1, 0
    for position, line in enumerate(patch.split("\n")):
        if head := HUNK.match(line):
            hunk += 1
            number = int(head[1] if side == "LEFT" else head[3])
        elif line[:1] == " " or line[:1] == ("-" if side == "LEFT" else "+"):
            found[number] = Anchor(hunk, position)
            number += 1
    return found


def hunk_until(patch: str, position: int) -> str:
    """The hunk from its ``@@`` to ``position``: GitHub's ``diff_hunk``."""
    lines = patch.split("\n")
    start = max(index for index in range(position + 1) if HUNK.match(lines[index]))
    return "\n".join(lines[start : position + 1])


async def moved(git: GitRepository, old: str, new: str, path: str, line: int) -> int | None:
    """Where ``line`` of ``path`` at ``old`` stands at ``new``; None when it was changed or removed."""
    if old == new:
        return line
    if await git.at(new, path, "blob") is None:
        return None
    text = await git.run("diff", "--no-ext-diff", "--no-color", "-U0", old, new, "--", path)
    shift = 0
    for row in text.decode(errors="replace").splitlines():
        if not (head := HUNK.match(row)):
            continue
        start, removed, added = int(head[1]), int(head[2] or 1), int(head[4] or 1)
        if removed and start <= line < start + removed:
            return None
        if line >= start + max(removed, 1):
            shift += added - removed
    return line + shift
