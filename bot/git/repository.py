"""A git repository: its revisions and its working tree as snapshots."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.git.disk import check_files, check_size, directory, snapshot_of
from bot.git.objects import Changes, Entry, read_blobs, read_changes, read_tree
from bot.git.process import git, git_output
from bot.model.allowance import Allowance
from bot.model.limits import LIMITS, Limits
from bot.model.snapshot import Blob, Snapshot
from bot.ports import BadQuestion


def open_repository(path: Path, limits: Limits = LIMITS) -> Repository | None:
    """The repository that ``path`` lies in (a working tree, a folder in one, or a bare one); None where it is in none.

    Raise BadQuestion where ``path`` is no directory, or where its repository says that its files lie elsewhere.
    """
    where = directory(path)
    asked = git(where, "rev-parse", "--show-object-format", "--is-inside-work-tree", "--absolute-git-dir")
    if asked.code:
        if "not a git repository" in asked.error:
            return None
        raise BadQuestion(f"git cannot read {path}: {asked.error}")
    algorithm, inside, store = os.fsdecode(asked.output).removesuffix("\n").split("\n", 2)
    if inside == "false":
        return Repository(Path(store), algorithm, limits, has_working_tree=False)
    top = Path(os.fsdecode(git_output(where, "rev-parse", "--show-toplevel")).removesuffix("\n"))
    if top != _holder(where):
        # core.worktree of a stranger's repository could name the home of whoever looks at it.
        raise BadQuestion(
            f"{path}: the repository's own configuration (core.worktree) says that its files lie in {top}"
        )
    return Repository(top, algorithm, limits, has_working_tree=True)


def _holder(where: Path) -> Path | None:
    """The nearest directory with a ``.git`` in it, from a directory upwards."""
    return next((step for step in (where, *where.parents) if os.path.lexists(step / ".git")), None)


def require_repository(path: Path) -> Repository:
    """The repository that ``path`` lies in. Raise BadQuestion where there is none."""
    found = open_repository(path)
    if found is None:
        raise BadQuestion(f"{path} is not in a git repository")
    return found


@dataclass(frozen=True, slots=True)
class _Read:
    """A snapshot all of whose files are read, and what their allowance came to."""

    snapshot: Snapshot
    allowance: Allowance


class Repository:
    """Reads one repository; what a snapshot shares with the one before is read once."""

    def __init__(self, path: Path, algorithm: str, limits: Limits, *, has_working_tree: bool) -> None:
        self.path = path
        self.has_working_tree = has_working_tree
        self._algorithm = algorithm
        self._limits = limits
        self._blobs: dict[str, Blob] = {}
        self._whole: _Read | None = None

    def resolve(self, rev: str) -> str:
        """The sha of the commit that ``rev`` names. Raise BadQuestion where there is none."""
        if rev and not rev.startswith("-") and "\0" not in rev:
            said = git(self.path, "rev-parse", "--verify", "--quiet", "--end-of-options", rev + "^{commit}")
            if not said.code:
                return said.lines[0]
        if not git_output(self.path, "rev-list", "--all", "--max-count=1").strip():
            raise BadQuestion(f"{self.path} has no commits")
        raise BadQuestion(f"unknown revision {rev!r} in {self.path}")

    def merge_base(self, a: str, b: str) -> str:
        """The sha of the best common ancestor; that of ``a`` where the two share no history."""
        base, head = self.resolve(a), self.resolve(b)
        said = git(self.path, "merge-base", base, head)
        match said.code:
            case 0:
                return said.lines[0]
            case 1:
                return base
            case _:
                raise BadQuestion(f"git cannot read {self.path}: {said.error}")

    def snapshot(self, rev: str) -> Snapshot:
        """The files of a revision, as committed: no filter and no line-end conversion is applied. Raise TooLarge."""
        commit = self.resolve(rev)
        if self._whole and (near := self._near(self._whole, commit)):
            return near
        tree = read_tree(self.path, commit, self._limits)
        check_files(self.path, len(tree.files) + len(tree.links), self._limits)
        allowance = Allowance(self._limits)
        wanted = {entry.sha: entry.size for entry in tree.files if allowance.grants(entry.path, entry.size)}
        check_size(self.path, allowance.granted, self._limits)
        self._read(wanted)
        files = {entry.path: self._blob(entry, wanted) for entry in tree.files}
        snapshot = Snapshot(commit, files, tree.links, self._limits)
        if not allowance.refused:
            self._whole = _Read(snapshot, allowance)
        return snapshot

    def _near(self, known: _Read, commit: str) -> Snapshot | None:
        """The files of a commit, by what differs from a snapshot; None where to read its tree is as fast, or surer.

        Which of the files beside the configuration are read depends on their order only where not all are: so all
        of both must be.
        """
        before = known.snapshot
        changes = read_changes(self.path, before.label, commit)
        if changes is None:
            return None
        allowance = known.allowance.without((path, before.files[path].size) for path in _replaced(before, changes))
        if not all(allowance.grants(entry.path, entry.size) for entry in changes.files):
            return None
        links = (before.links - changes.gone) | changes.links
        check_size(self.path, allowance.granted, self._limits)
        self._read({entry.sha: entry.size for entry in changes.files})
        near = before.changed(
            commit, {entry.path: self._blobs[entry.sha] for entry in changes.files}, changes.gone, links
        )
        check_files(self.path, len(near.files) + len(links), self._limits)
        return near

    def _read(self, wanted: Mapping[str, int]) -> None:
        missing = {sha: size for sha, size in sorted(wanted.items()) if sha not in self._blobs}
        self._blobs.update(read_blobs(self.path, missing))

    def working_tree(self) -> Snapshot:
        """The files on disk, uncommitted ones too, without those that git ignores."""
        if not self.has_working_tree:
            raise BadQuestion(f"{self.path} is a bare repository: name a revision")
        listing = git_output(self.path, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        names = {os.fsdecode(name) for name in listing.split(b"\0")[:-1]}
        check_files(self.path, len(names), self._limits)
        return snapshot_of(self.path, names, self._algorithm, self._limits)

    def _blob(self, entry: Entry, wanted: Mapping[str, int]) -> Blob:
        return self._blobs[entry.sha] if entry.sha in wanted else Blob(entry.sha, entry.size, None)


def _replaced(before: Snapshot, changes: Changes) -> Iterator[str]:
    """The files of a snapshot that are gone, or hold something else now."""
    named = {*changes.gone, *(entry.path for entry in changes.files)}
    return (path for path in named if path in before.files)
