"""Edits on real text: ``python -m tests.corpus_edits`` (a part of ``make corpus``).

Every kind of edit on every file of the corpus that holds a Flux Kustomization
or a kustomization.yaml, at the newest commits: it parses again to exactly the
intended change (by PyYAML, which fluxbot's edits do not use), no other byte is
touched, and the same edit once more changes nothing. ``all`` as argument takes
every commit. Exit 1 where any edit breaks a promise; what is refused is counted.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import yaml

from bot.flux.tree import KUSTOMIZATION_NAMES
from bot.manifest.amend import amended
from bot.manifest.splice import CannotEditError
from bot.model.field import Value
from bot.model.fix import Append, Attach, Cut, Drop, Put, Spot
from tests.corpus import corpus

Edit: TypeAlias = Append | Put | Drop | Cut | Attach
Stream: TypeAlias = list[Any]

_EXTRA: Final = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: fluxbot-was-here"


@dataclass(frozen=True, slots=True)
class Case:
    """One edit of one file, and what it is to mean: ``means`` changes parsed documents in place."""

    name: str
    edit: Edit
    means: Callable[[Stream], object]
    only: str  # what may happen to the text: "adds", "removes" or "replaces"; an empty list may go for one with an item


def main() -> int:
    """Print the counts and every broken promise."""
    here = corpus()
    if not here.is_there:
        print(f"there is no corpus in {here.folder}; FLUXBOT_CORPUS names its folder", file=sys.stderr)
        return 1
    done: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    broken: list[str] = []
    with tempfile.TemporaryDirectory(prefix="fluxbot-corpus-") as folder:
        repository = here.cloned(Path(folder))
        revisions = _every(repository) if sys.argv[1:] == ["all"] else list(here.heads().values())
        for path, data in _files(repository, revisions):
            for case in _cases(path, data):
                done[case.name] += 1
                try:
                    broken += [f"{path}: {case.name}: {why}" for why in _promises(data, case)]
                except CannotEditError as why:
                    refused[f"{case.name}: {why.reason}"] += 1
    for name, count in sorted(done.items()):
        print(f"{count:6,} × {name}")
    for reason, count in refused.most_common():
        print(f"{count:6,} refused, {reason}")
    print(*broken[:50], sep="\n")
    print(f"{done.total():,} edits, {refused.total():,} refused, {len(broken)} that break a promise")
    return 1 if broken else 0


def _every(repository: Path) -> list[str]:
    return _git(repository, "for-each-ref", "--format=%(refname)", "refs/heads").decode().split()


def _git(repository: Path, *arguments: str, given: bytes = b"") -> bytes:
    command = ("git", "-C", str(repository), *arguments)
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, input=given).stdout


def _files(repository: Path, revisions: list[str]) -> Iterator[tuple[str, bytes]]:
    """Each different content once, with a path that it has."""
    blobs: dict[str, str] = {}
    for revision in revisions:
        for entry in _git(repository, "ls-tree", "-r", "-z", revision).decode(errors="replace").split("\0")[:-1]:
            facts, _, path = entry.partition("\t")
            mode, _, sha = facts.split()
            if mode.startswith("100") and path.endswith((".yaml", ".yml")):
                blobs.setdefault(sha, path)
    reading = subprocess.Popen(
        ("git", "-C", str(repository), "cat-file", "--batch"), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert reading.stdin is not None
    assert reading.stdout is not None
    with reading:
        for sha, path in blobs.items():
            reading.stdin.write(f"{sha}\n".encode())
            reading.stdin.flush()
            size = int(reading.stdout.readline().split()[2])
            data = reading.stdout.read(size + 1)[:-1]
            if b"kustomize.toolkit.fluxcd.io/" in data or Path(path).name in KUSTOMIZATION_NAMES:
                yield path, data
        reading.stdin.close()


def _cases(path: str, data: bytes) -> Iterator[Case]:
    try:
        documents = _parsed(data)
    except (yaml.YAMLError, ValueError, UnicodeDecodeError):
        return  # not YAML as PyYAML reads it: a template, most often
    for index, body in enumerate(documents):
        if not isinstance(body, dict):
            continue
        group, kind = str(body.get("apiVersion", "")), body.get("kind")
        if group.startswith("kustomize.toolkit.fluxcd.io/") and kind == "Kustomization":
            if isinstance(body.get("spec"), dict):
                yield from _of_flux(Spot(path, index), body["spec"])
                yield from _of_documents(path, index)
        elif Path(path).name in KUSTOMIZATION_NAMES and len(documents) == 1:
            yield from _of_kustomize(Spot(path, index), body)


def _of_flux(spot: Spot, spec: Mapping[str, Any]) -> Iterator[Case]:
    one: Value = {"name": "fluxbot-was-here"}
    two: dict[str, Value] = {"name": "fluxbot-was-here", "namespace": "elsewhere"}
    check: Value = {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", **two}
    items: tuple[tuple[str, str, Value], ...] = (
        ("add a dependency", "dependsOn", one),
        ("add a dependency elsewhere", "dependsOn", two),
        ("add a health check", "healthChecks", check),
    )
    for name, field, value in items:
        if isinstance(spec.get(field), list | None):
            yield Case(name, Append(spot, ("spec", field), value), _appends(spot, ("spec", field), value), "adds")
    fields: tuple[tuple[str, str, Value], ...] = (
        ("wait", "wait", True),
        ("retry", "retryInterval", "7m"),
        ("move", "path", "./else"),
    )
    for name, field, new in fields:
        if spec.get(field) != new:
            means = _puts(spot, ("spec", field), new)
            yield Case(name, Put(spot, ("spec", field), new), means, "replaces" if field in spec else "adds")
    for item in spec.get("dependsOn") or () if isinstance(spec.get("dependsOn"), list) else ():
        means = _drops(spot, ("spec", "dependsOn"), item)
        yield Case("remove a dependency", Drop(spot, ("spec", "dependsOn"), item), means, "removes")
    if "wait" in spec:
        yield Case("remove a field", Drop(spot, ("spec", "wait")), _drops(spot, ("spec", "wait"), None), "removes")


def _of_kustomize(spot: Spot, body: Mapping[str, Any]) -> Iterator[Case]:
    if isinstance(body.get("resources"), list | None):
        value = "./fluxbot-was-here.yaml"
        yield Case("list a file", Append(spot, ("resources",), value), _appends(spot, ("resources",), value), "adds")
    for item in body.get("resources") or () if isinstance(body.get("resources"), list) else ():
        yield Case(
            "list a file no more",
            Drop(spot, ("resources",), item),
            _drops(spot, ("resources",), item),
            "removes",
        )


def _of_documents(path: str, index: int) -> Iterator[Case]:
    yield Case("take a document out", Cut(path, index), lambda stream: stream.pop(index), "removes")
    extra = yaml.safe_load(_EXTRA)
    attach = Attach(path, index, _EXTRA)
    yield Case("put a document behind", attach, lambda stream: stream.insert(index + 1, deepcopy(extra)), "adds")


def _appends(spot: Spot, way: tuple[str, ...], value: object) -> Callable[[Stream], object]:
    def change(stream: Stream) -> None:
        holder = stream[spot.document]
        for step in way[:-1]:
            holder = holder[step]
        held = list(holder.get(way[-1]) or [])
        holder[way[-1]] = held if value in held else [*held, deepcopy(value)]

    return change


def _puts(spot: Spot, way: tuple[str, ...], value: object) -> Callable[[Stream], object]:
    def change(stream: Stream) -> None:
        holder = stream[spot.document]
        for step in way[:-1]:
            holder = holder[step]
        holder[way[-1]] = value

    return change


def _drops(spot: Spot, way: tuple[str, ...], item: object) -> Callable[[Stream], object]:
    def change(stream: Stream) -> None:
        holder = stream[spot.document]
        for step in way[:-1]:
            holder = holder[step]
        held = list(holder[way[-1]]) if item is not None else []
        if item is not None:
            held.remove(item)
        if held:
            holder[way[-1]] = held
        else:
            del holder[way[-1]]

    return change


def _promises(data: bytes, case: Case) -> Iterator[str]:
    """What an edit promises and does not keep. Raise CannotEditError where it is refused."""
    after = amended(data, case.edit)
    wanted = deepcopy(_parsed(data))
    case.means(wanted)
    try:
        found = _parsed(after)
    except yaml.YAMLError as error:
        yield f"what comes out is no YAML: {str(error).splitlines()[0]}"
        return
    if found != wanted and not _is_sorted_in(found, wanted, case.edit):
        yield "what comes out means something else"
    start, kept = _around(data, after)
    removed, added = data[start : len(data) - kept], after[start : len(after) - kept]
    if case.only == "adds" and removed.strip() not in (b"", b"[]"):
        yield f"it takes {removed[:60]!r} away"
    if case.only == "removes" and added.strip():
        yield f"it adds {added[:60]!r}"
    if case.only == "replaces" and (b"\n" in removed.strip() or b"\n" in added.strip()):
        yield f"it writes {added[:60]!r} for {removed[:60]!r}"
    if not isinstance(case.edit, Cut | Drop) and amended(after, case.edit) != after:
        yield "it changes more when it is made again"
    if isinstance(case.edit, Drop) and case.edit.item is None and amended(after, case.edit) != after:
        yield "it changes more when it is made again"


def _is_sorted_in(found: Stream, wanted: Stream, edit: Edit) -> bool:
    """Whether the two differ only in where a new item of a list stands, and the list stays sorted."""
    if not isinstance(edit, Append):
        return False
    for stream in (found, wanted):
        holder = stream[edit.spot.document]
        for step in edit.field[:-1]:
            holder = holder[step]
        items = holder[edit.field[-1]]
        names = [str(item["name"] if isinstance(item, dict) else item) for item in items]
        if stream is found and names != sorted(names):
            return False
        items.remove(edit.value)
    return found == wanted


def _around(one: bytes, other: bytes) -> tuple[int, int]:
    """How many bytes at the start and at the end are the same."""
    most = min(len(one), len(other))
    start = next((at for at in range(most) if one[at] != other[at]), most)
    end = next((at for at in range(most - start) if one[-1 - at] != other[-1 - at]), most - start)
    return start, end


def _parsed(data: bytes) -> Stream:
    """The documents that are something, in order; a stream's empty ones have no number."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return [one for one in yaml.load_all(data.decode(), Loader=loader) if one is not None]


if __name__ == "__main__":
    sys.exit(main())
