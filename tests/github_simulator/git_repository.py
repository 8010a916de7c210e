"""A bare git repository, read through the git command."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

CHUNK = 64 * 1024  # bytes of an archive that are passed on at once
ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "octocat",
    "GIT_AUTHOR_EMAIL": "octocat@example.org",
    "GIT_COMMITTER_NAME": "octocat",
    "GIT_COMMITTER_EMAIL": "octocat@example.org",
    "LC_ALL": "C",
}


class GitFailed(Exception):
    """git ended with a status other than zero."""


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One line of a tree; ``size`` is None for what is no blob."""

    mode: str
    kind: str
    sha: str
    size: int | None
    path: str


@dataclass(frozen=True, slots=True)
class Person:
    """Who wrote or committed, and when (Unix time)."""

    name: str
    email: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit object."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    message: str


class GitRepository:
    """Reads objects and refs; objects never change, so commits are remembered."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._commits: dict[str, Commit] = {}

    async def run(self, *arguments: str, stdin: bytes = b"", environment: dict[str, str] | None = None) -> bytes:
        """What git prints; GitFailed when it refuses."""
        process = await asyncio.create_subprocess_exec(
            "git", "-C", str(self.path), *arguments,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env={**ENVIRONMENT, **(environment or {})},
        )  # fmt: skip
        out, err = await process.communicate(stdin)
        if process.returncode != 0:
            raise GitFailed(f"git {arguments[0]}: {err.decode(errors='replace').strip()}")
        return out

    async def resolve(self, revision: str, kind: str = "commit") -> str | None:
        """The object of ``kind`` that ``revision`` names; None where there is none."""
        try:
            name = f"{revision}^{{{kind}}}"
            out = await self.run("rev-parse", "--verify", "--quiet", "--end-of-options", name)
        except GitFailed:
            return None
        return out.decode().split("\n")[-2]

    async def kind(self, sha: str) -> str | None:
        """``blob``, ``tree``, ``commit`` or ``tag``; None where there is no such object."""
        out = await self.run("cat-file", "--batch-check=%(objecttype)", stdin=sha.encode() + b"\n")
        word = out.decode().split()[-1]
        return None if word in {"missing", "ambiguous"} else word

    async def at(self, commit: str, path: str, kind: str) -> str | None:
        """The object of ``kind`` that ``path`` names in ``commit``; None where there is none. The root is ``""``."""
        # rev-parse would take a peeling suffix for a part of the path.
        out = await self.run("cat-file", "--batch-check", stdin=f"{commit}:{path}\n".encode())
        words = out.decode(errors="replace").split()
        return words[0] if len(words) == 3 and words[1] == kind else None

    async def blob(self, sha: str) -> bytes:
        """The bytes of a blob."""
        return await self.run("cat-file", "blob", sha)

    async def commit(self, sha: str) -> Commit:
        """The commit object ``sha``, a full name."""
        if sha not in self._commits:
            text = (await self.run("cat-file", "commit", sha)).decode(errors="replace")
            self._commits[sha] = _commit(sha, text)
        return self._commits[sha]

    async def tree(self, tree: str, *, recursive: bool) -> list[TreeEntry]:
        """The entries of ``tree``; with ``recursive`` those of its subtrees too, as GitHub lists them."""
        out = await self.run("ls-tree", "-l", "-z", *(("-r", "-t") if recursive else ()), tree)
        return [_entry(line) for line in out.decode(errors="replace").split("\0") if line]

    async def history(self, wanted: str, *options: str, paths: tuple[str, ...] = ()) -> list[str]:
        """The names of commits, newest first; ``wanted`` is a revision or a range of full names."""
        return (await self.run("rev-list", *options, wanted, "--", *paths)).decode().split()

    async def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor; None for unrelated histories."""
        try:
            return (await self.run("merge-base", one, other)).decode().strip()
        except GitFailed:
            return None

    async def contains(self, descendant: str, ancestor: str) -> bool:
        """Whether ``ancestor`` is ``descendant`` or reachable from it."""
        return await self.merge_base(descendant, ancestor) == ancestor

    async def refs(self, prefix: str) -> dict[str, str]:
        """Full ref names that begin with ``prefix``, and the objects they point to."""
        out = await self.run("for-each-ref", "--format=%(objectname) %(refname)")
        lines = (line.split(" ", 1) for line in out.decode().splitlines())
        return {name: sha for sha, name in lines if name.startswith(prefix)}

    async def archive(self, sha: str, prefix: str) -> AsyncIterator[bytes]:
        """A tar.gz of the tree, as it is made."""
        process = await asyncio.create_subprocess_exec(
            "git", "-C", str(self.path), "archive", "--format=tar.gz", f"--prefix={prefix}/", sha,
            stdout=asyncio.subprocess.PIPE, env=ENVIRONMENT,
        )  # fmt: skip
        assert process.stdout is not None
        try:
            while chunk := await process.stdout.read(CHUNK):
                yield chunk
            if await process.wait() != 0:
                raise GitFailed(f"git archive of {sha} failed")
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


def _entry(line: str) -> TreeEntry:
    facts, path = line.split("\t", 1)
    mode, kind, sha, size = facts.split()
    return TreeEntry(mode, kind, sha, None if size == "-" else int(size), path)


def _commit(sha: str, text: str) -> Commit:
    head, _, message = text.partition("\n\n")
    lines = [line.split(" ", 1) for line in head.splitlines() if not line.startswith(" ")]
    one = {key: value for key, value in lines if key != "parent"}
    parents = tuple(value for key, value in lines if key == "parent")
    return Commit(sha, one["tree"], parents, _person(one["author"]), _person(one["committer"]), message.rstrip("\n"))


def _person(text: str) -> Person:
    name, _, rest = text.partition(" <")
    email, _, when = rest.rpartition("> ")
    return Person(name, email, int(when.split()[0]))
