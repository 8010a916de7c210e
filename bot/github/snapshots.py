"""Brings commits from GitHub in few requests: the tree, and then only the blobs that are not here yet."""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from bot.github.archive import unpack
from bot.github.client import Client
from bot.github.payload import entries, found, number, word
from bot.github.reading import usable
from bot.github.storage import Entry, Storage, Tree, check_size, tree_of
from bot.model.allowance import is_usable
from bot.model.limits import LIMITS, MEBIBYTE, Limits, passed
from bot.model.task import Repository
from bot.ports import TooLarge, Unreachable

MOST_SINGLE: Final = 500
"""Requests for blobs that one commit may cost."""

_CHEAP = 4  # requests for blobs; beyond, the two of an archive cost less
_BATCH = 100
_BATCH_BYTES = 2 * MEBIBYTE
_TEXT_BYTES = 256 * 1024  # GraphQL truncates text at 512,000 bytes
_LARGEST_TREE = 32 * MEBIBYTE
_MOST_SUBTREES = 300
_SHA = re.compile(r"[0-9a-f]{40,64}")
_FILES = frozenset({"100644", "100755", "100664"})
_LINK = "120000"
_DIRECTORY = "040000"
_Line: TypeAlias = tuple[str, str, str, int]


class GitHubSnapshots:
    """The port Snapshots: one folder below ``root`` for each repository."""

    def __init__(self, client: Client, root: Path, limits: Limits = LIMITS) -> None:
        self._client = client
        self._limits = limits
        self._root = root
        self._fetching: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def fetch(self, repository: Repository, commits: Sequence[str]) -> str:
        """The folder that holds these commits, for ``storage.Reader``. The last of them decides what an archive has."""
        storage = Storage(self._folder(repository.installation, repository.id), self._limits)
        async with self._fetching[repository.id]:
            trees = {commit: await self._tree(repository, storage, commit) for commit in dict.fromkeys(commits)}
            missing = await asyncio.to_thread(storage.missing, trees.values())
            for commit in reversed(trees):
                if _cost(missing) > _CHEAP:
                    await self._archive(repository, storage, commit, trees[commit], missing)
                    missing = await asyncio.to_thread(storage.missing, trees.values())
            await self._single(repository, storage, missing)
            await asyncio.to_thread(storage.sweep)
        return str(storage.folder)

    async def paths(self, repository: Repository, commit: str) -> Sequence[str]:
        """The files of a commit: one request, none where it was listed before."""
        storage = Storage(self._folder(repository.installation, repository.id), self._limits)
        async with self._fetching[repository.id]:
            return [entry.path for entry in (await self._tree(repository, storage, commit)).files]

    async def forget(self, installation: int, repository: int | None) -> None:
        """Delete what was brought of a repository, or of all of an installation."""
        await asyncio.to_thread(Storage(self._folder(installation, repository)).delete)

    def _folder(self, installation: int, repository: int | None) -> Path:
        place = self._root / str(installation)
        return place if repository is None else place / str(repository)

    async def _tree(self, repository: Repository, storage: Storage, commit: str) -> Tree:
        """The tree of a commit: from disk, or in one request, or of a huge one in one for each directory at the top."""
        held = await asyncio.to_thread(storage.tree, commit)
        if held is not None:
            return check_size(held, self._limits)
        files, is_whole = await self._listing(repository, commit, recursive=True)
        if not is_whole:
            files = await self._walked(repository, commit)
        most = self._limits.repository_files
        if len(files) > most:
            raise TooLarge(f"the repository holds too many files: {passed('repository_files', most)}")
        listed = tree_of(
            ((path, sha, size) for mode, path, sha, size in files if mode in _FILES),
            (path for mode, path, _, _ in files if mode == _LINK),
            self._limits,
        )
        tree = check_size(listed, self._limits)
        await asyncio.to_thread(storage.put_tree, commit, tree)
        return tree

    async def _walked(self, repository: Repository, commit: str) -> list[_Line]:
        """All files of a tree that is too large for one answer."""
        files: list[_Line] = []
        waiting = [("", commit)]
        for _ in range(_MOST_SUBTREES):
            if not waiting or len(files) > self._limits.repository_files:
                return files
            above, sha = waiting.pop()
            lines, is_whole = await self._listing(repository, sha, recursive=bool(above))
            if not is_whole:
                lines, is_whole = await self._listing(repository, sha, recursive=False)
            if not is_whole:
                raise TooLarge("a directory has more entries than GitHub lists")
            inside = [(mode, above + path, name, size) for mode, path, name, size in lines]
            files += (line for line in inside if line[0] != _DIRECTORY)
            waiting += ((path + "/", name) for mode, path, name, _ in inside if mode == _DIRECTORY)
        raise TooLarge(f"the tree cannot be read in {_MOST_SUBTREES} requests")

    async def _listing(self, repository: Repository, sha: str, *, recursive: bool) -> tuple[list[_Line], bool]:
        """The lines of one answer, and whether it is whole; directories only where it is not recursive."""
        path = f"/git/trees/{sha}{'?recursive=1' if recursive else ''}"
        said = await self._client.raw(repository, path, _LARGEST_TREE, as_json=True)
        with usable():
            return await asyncio.to_thread(_lines, said, directories=not recursive)

    async def _archive(
        self, repository: Repository, storage: Storage, commit: str, tree: Tree, missing: Mapping[str, Entry]
    ) -> None:
        wanted = {entry.path: entry for entry in tree.files if entry.sha in missing}
        await asyncio.to_thread(storage.folder.mkdir, mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=storage.folder, suffix=".tar.gz") as file:
            size, most = 0, self._limits.archive_bytes
            async with self._client.download(repository, f"/tarball/{commit}") as pieces:
                async for piece in pieces:
                    size += len(piece)
                    if size > most:
                        raise TooLarge(f"the repository's archive is too large: {passed('archive_bytes', most)}")
                    await asyncio.to_thread(file.write, piece)
            file.flush()
            unpacked = self._limits.archive_unpacked_bytes
            await asyncio.to_thread(unpack, Path(file.name), wanted, storage, unpacked)

    async def _single(self, repository: Repository, storage: Storage, missing: Mapping[str, Entry]) -> None:
        if _cost(missing) > MOST_SINGLE:
            raise TooLarge(f"{len(missing):,} files cannot be had from GitHub's archive")
        for batch in _batches(missing.values()):
            await self._texts(repository, storage, batch)
        rest = await asyncio.to_thread(storage.missing, (Tree(tuple(missing.values()), ()),))
        largest = max(self._limits.file_bytes, self._limits.other_file_bytes)
        for sha in rest:
            data = await self._client.raw(repository, f"/git/blobs/{sha}", largest)
            if not await asyncio.to_thread(storage.put, sha, data):
                raise Unreachable(f"GitHub gave another content for blob {sha}")

    async def _texts(self, repository: Repository, storage: Storage, batch: Sequence[Entry]) -> None:
        """Keep the texts of a batch; what is no text, or was changed to be one, is not kept."""
        fields = " ".join(
            f'b{place}: object(oid: "{entry.sha}") {{ ... on Blob {{ text }} }}' for place, entry in enumerate(batch)
        )
        query = f"query($owner: String!, $name: String!) {{ repository(owner: $owner, name: $name) {{ {fields} }} }}"
        data = await self._client.query(repository, query)
        for place, entry in enumerate(batch):
            text = found(data, "repository", f"b{place}", "text")
            if isinstance(text, str):
                await asyncio.to_thread(storage.put, entry.sha, text.encode(errors="surrogatepass"))


def _lines(said: bytes, *, directories: bool) -> tuple[list[_Line], bool]:
    """What an answer lists, as (mode, path, sha, size). Raise ValueError where it is not what GitHub promises."""
    answer = json.loads(said)
    lines: list[_Line] = []
    for each in entries(answer, "tree"):
        mode, path, sha = word(each, "mode"), word(each, "path"), word(each, "sha")
        if not _SHA.fullmatch(sha):
            raise ValueError("a name in the tree is none of git's")
        if not is_usable(path):
            continue
        if mode in _FILES or mode == _LINK:
            lines.append((mode, path, sha, number(each, "size")))
        elif mode == _DIRECTORY and directories:
            lines.append((mode, path, sha, 0))
    return lines, found(answer, "truncated") is not True


def _is_text(entry: Entry) -> bool:
    """Whether a batch may have it; a wrong guess costs one request."""
    suffix = entry.path.rpartition("/")[2].rpartition(".")[2].lower()
    return entry.size <= _TEXT_BYTES and suffix not in ("png", "jpg", "jpeg", "gif", "ico", "gz", "tgz", "zip", "woff2")


def _batches(missing: Iterable[Entry]) -> Iterator[Sequence[Entry]]:
    """The texts, as many together as one query may ask for."""
    batch: list[Entry] = []
    size = 0
    for entry in filter(_is_text, missing):
        if batch and (len(batch) == _BATCH or size + entry.size > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += entry.size
    if batch:
        yield batch


def _cost(missing: Mapping[str, Entry]) -> int:
    """How many requests these blobs cost one way or the other."""
    singles = sum(not _is_text(entry) for entry in missing.values())
    return singles + sum(1 for _ in _batches(missing.values()))
