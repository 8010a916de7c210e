"""The difference of two snapshots, as ``git apply`` and GitHub take it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from bot.model.fix import Suggestion
from bot.model.snapshot import Snapshot

_CONTEXT = 3
_QUOTED = {'"': '\\"', "\\": "\\\\", "\t": "\\t", "\n": "\\n"}


def changed(before: Snapshot, after: Snapshot) -> tuple[str, ...]:
    """The paths of all files that differ, sorted."""
    paths = before.files.keys() | after.files.keys()
    return tuple(sorted(path for path in paths if before.data(path) != after.data(path)))


def diff(before: Snapshot, after: Snapshot) -> str:
    """A unified diff with paths from the repository's root; empty where nothing differs."""
    renamed = _renamed(before, after)
    parts: list[str] = []
    for path in changed(before, after):
        if path in renamed:
            parts += _rename(path, renamed[path])
        elif path not in renamed.values():
            parts += _file(path, before.data(path), after.data(path))
    return "".join(parts)


def _renamed(before: Snapshot, after: Snapshot) -> dict[str, str]:
    """Files that are under another path with the same bytes: the old path of each, and the new one."""
    paths = changed(before, after)
    new = {after.files[path].sha: path for path in paths if path not in before.files}
    old = {before.files[path].sha: path for path in paths if path not in after.files and before.files[path].size}
    return {path: new[sha] for sha, path in old.items() if sha in new}


def _rename(old: str, new: str) -> Iterator[str]:
    yield f"diff --git {_name('a/', old)} {_name('b/', new)}\n"
    yield "similarity index 100%\n"
    yield f"rename from {_name('', old)}\n"
    yield f"rename to {_name('', new)}\n"


def _file(path: str, old: bytes | None, new: bytes | None) -> Iterator[str]:
    yield f"diff --git {_name('a/', path)} {_name('b/', path)}\n"
    if old is None:
        yield "new file mode 100644\n"
    if new is None:
        yield "deleted file mode 100644\n"
    yield f"--- {_name('a/', path) if old is not None else '/dev/null'}{_tab(path)}\n"
    yield f"+++ {_name('b/', path) if new is not None else '/dev/null'}{_tab(path)}\n"
    hunks = difflib.unified_diff(_split(old), _split(new), n=_CONTEXT)
    for number, line in enumerate(hunks):
        if number > 1:  # the first two are names
            yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _name(side: str, path: str) -> str:
    """A path as git writes it: in quotes where it holds what would be read otherwise."""
    if any(not char.isprintable() or char in _QUOTED for char in path):
        return f'"{side}{"".join(map(_escaped, path))}"'
    return side + path


def _escaped(char: str) -> str:
    if char in _QUOTED:
        return _QUOTED[char]
    return char if char.isprintable() else "".join(f"\\{byte:03o}" for byte in char.encode())


def _tab(path: str) -> str:
    """What git puts behind a name with a blank in it, so that its end is known."""
    return "\t" if " " in path else ""


def suggestion(before: Snapshot, after: Snapshot) -> Suggestion | None:
    """The change as lines of one file that become others; None where it touches more than one place.

    An insertion replaces the line above it with that line and what is new.
    """
    paths = changed(before, after)
    old, new = (side.data(paths[0]) if len(paths) == 1 else None for side in (before, after))
    if old is None or new is None:
        return None
    lines, rewritten = _split(old), _split(new)
    blocks = difflib.SequenceMatcher(None, lines, rewritten, autojunk=False).get_opcodes()
    edits = [block for block in blocks if block[0] != "equal"]
    if len(edits) != 1:
        return None
    _, start, end, first, last = edits[0]
    if start == end:
        if not start:
            return None
        start, first = start - 1, first - 1
    text = "".join(line if line.endswith("\n") else line + "\n" for line in rewritten[first:last])
    return Suggestion(paths[0], start + 1, end, text)


def _split(data: bytes | None) -> list[str]:
    """Lines as git and GitHub count them: only a line feed ends one."""
    parts = (data or b"").decode(errors="surrogateescape").split("\n")
    return [*(part + "\n" for part in parts[:-1]), *([parts[-1]] if parts[-1] else [])]
