"""Repositories as no honest git makes them: objects by hand, and configuration that wants to run something."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_WHO = {f"GIT_{role}_{what}": "a@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ALLOW_PROTOCOL": "file",
    **_WHO,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a tree object, exactly as given."""

    mode: str
    name: bytes
    sha: str


@dataclass(frozen=True, slots=True)
class StrangeRepository:
    """A repository in ``root``; nothing in it is checked."""

    root: Path

    def git(self, *arguments: str, stdin: bytes = b"") -> str:
        done = subprocess.run(
            ("git", "-C", str(self.root), *arguments), env=_ENVIRONMENT, input=stdin, capture_output=True, check=True
        )
        return done.stdout.decode().strip()

    def blob(self, data: bytes) -> str:
        return self.git("hash-object", "-w", "--stdin", stdin=data)

    def tree(self, entries: Sequence[Entry]) -> str:
        """A tree with these lines in this order, whatever git thinks of them."""
        raw = b"".join(b"%s %s\0%s" % (one.mode.encode(), one.name, bytes.fromhex(one.sha)) for one in entries)
        return self.git("hash-object", "-t", "tree", "-w", "--stdin", "--literally", stdin=raw)

    def commit(self, tree: str) -> str:
        return self.git("commit-tree", "-m", "made by hand", tree)

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def commit_all(self) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "change")
        return self.git("rev-parse", "HEAD")


def strange_repository(root: Path) -> StrangeRepository:
    """A new repository with one honest commit."""
    root.mkdir(parents=True)
    made = StrangeRepository(root)
    made.git("init", "--quiet", "--initial-branch=main")
    made.write("apps/ks.yaml", "kind: A\n")
    made.commit_all()
    return made


def name_of(data: bytes) -> str:
    """What git calls a blob."""
    return hashlib.sha1(b"blob %d\0%b" % (len(data), data), usedforsecurity=False).hexdigest()
