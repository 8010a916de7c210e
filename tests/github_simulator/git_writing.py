"""What changes a bare git repository: commits, refs, trees, merges."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from tests.github_simulator.git_repository import ENVIRONMENT, GitFailed, GitRepository, Person


@dataclass(frozen=True, slots=True)
class Symlink:
    """A file that points to ``target``."""

    target: str


@dataclass(frozen=True, slots=True)
class Submodule:
    """A commit of another repository."""

    sha: str


Content: TypeAlias = str | bytes | Symlink | Submodule | None  # None removes the file


@dataclass(frozen=True, slots=True)
class Change:
    """One commit to be made: what it changes, and on what it stands (None: a root commit)."""

    files: Mapping[str, Content]
    message: str
    parent: str | None
    by: Person


@dataclass(frozen=True, slots=True)
class TreeChange:
    """One entry of a tree to be written; ``sha`` None removes the path."""

    mode: str
    path: str
    sha: str | None


async def create(path: Path) -> GitRepository:
    """A new, empty bare repository at ``path``."""
    await asyncio.to_thread(path.mkdir, parents=True)
    process = await asyncio.create_subprocess_exec(
        "git", "init", "--quiet", "--bare", "--template=", "--initial-branch=main", str(path), env=ENVIRONMENT
    )
    if await process.wait() != 0:
        raise GitFailed("git init failed")
    return GitRepository(path)


async def commit_files(git: GitRepository, ref: str, change: Change) -> str:
    """Make ``change`` and point ``ref`` to it; the name of the commit. One process for any number of files."""
    who = f"{change.by.name} <{change.by.email}> {change.by.seconds} +0000"
    stream = [f"commit {ref}\ncommitter {who}\n".encode(), _data(change.message.encode())]
    if change.parent is not None:
        stream.append(f"from {change.parent}\n".encode())
    else:
        stream.append(b"deleteall\n")
    stream.extend(_file_line(path, content) for path, content in change.files.items())
    await git.run("fast-import", "--quiet", "--force", "--done", stdin=b"".join([*stream, b"done\n"]))
    sha = await git.resolve(ref)
    if sha is None:
        raise GitFailed(f"{ref} was not written")
    return sha


def _data(content: bytes) -> bytes:
    return b"data %d\n%b\n" % (len(content), content)


def _file_line(path: str, content: Content) -> bytes:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    name = b'"%b"\n' % escaped.encode()
    match content:
        case None:
            return b"D " + name
        case Submodule(sha):
            return f"M 160000 {sha} ".encode() + name
        case Symlink(target):
            return b"M 120000 inline " + name + _data(target.encode())
        case str():
            return b"M 100644 inline " + name + _data(content.encode())
        case bytes():
            return b"M 100644 inline " + name + _data(content)


async def write_blob(git: GitRepository, content: bytes) -> str:
    """The name of a blob with ``content``."""
    return (await git.run("hash-object", "-w", "--stdin", stdin=content)).decode().strip()


async def write_tree(git: GitRepository, start: str | None, changes: Sequence[TreeChange]) -> str:
    """The name of the tree ``start`` after ``changes``; GitFailed where an object is missing."""
    with tempfile.TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": f"{folder}/index"}
        await git.run("read-tree", *((start,) if start else ("--empty",)), environment=index)
        lines = "".join(
            f"0 {'0' * 40}\t{change.path}\0" if change.sha is None else f"{change.mode} {change.sha}\t{change.path}\0"
            for change in changes
        )
        await git.run("update-index", "-z", "--index-info", stdin=lines.encode(), environment=index)
        return (await git.run("write-tree", environment=index)).decode().strip()


async def write_commit(git: GitRepository, tree: str, parents: Sequence[str], message: str, by: Person) -> str:
    """The name of a commit of ``tree``."""
    who = {
        f"GIT_{role}_{key}": value
        for role in ("AUTHOR", "COMMITTER")
        for key, value in (("NAME", by.name), ("EMAIL", by.email), ("DATE", f"{by.seconds} +0000"))
    }
    options = [word for parent in parents for word in ("-p", parent)]
    return (await git.run("commit-tree", tree, *options, stdin=message.encode(), environment=who)).decode().strip()


async def set_ref(git: GitRepository, ref: str, sha: str) -> None:
    """Point ``ref``, a full name, to ``sha``."""
    await git.run("update-ref", ref, sha)


async def delete_ref(git: GitRepository, ref: str) -> None:
    """Remove ``ref``."""
    await git.run("update-ref", "-d", ref)


async def fetch(git: GitRepository, source: GitRepository, sha: str, ref: str) -> None:
    """Bring ``sha`` from ``source`` and point ``ref`` to it."""
    await git.run("fetch", "--quiet", "--no-tags", str(source.path), f"+{sha}:{ref}")


async def merge(git: GitRepository, base: str, head: str, by: Person) -> str | None:
    """The name of a commit that merges ``head`` into ``base``; None where they conflict. No ref is moved."""
    try:
        out = await git.run("merge-tree", "--write-tree", base, head)
    except GitFailed:
        return None
    tree = out.decode().split()[0]
    return await write_commit(git, tree, (base, head), f"Merge {head} into {base}", by)
