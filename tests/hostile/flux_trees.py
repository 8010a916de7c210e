"""A small Flux repository as somebody careful wrote it, and what chance, carelessness and malice make of it."""

from __future__ import annotations

import copy
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

import yaml
from hypothesis import strategies as st

from tests.hostile.odd_values import DAMAGE, KEYS, ODD_PATHS, ODD_TEXTS, ODD_VALUES, Json

Documents: TypeAlias = list[Json]

_FLEET: Final = Path(__file__).with_name("fleet")
_HONEST: Final = {
    path.relative_to(_FLEET).as_posix(): path.read_text() for path in sorted(_FLEET.rglob("*")) if path.is_file()
}


@dataclass
class Files:
    """A repository while it is being made: structured as long as nothing damages the text."""

    documents: dict[str, Documents]
    texts: dict[str, bytes] = field(default_factory=dict)
    links: set[str] = field(default_factory=set)
    huge: set[str] = field(default_factory=set)

    def written(self) -> dict[str, bytes]:
        """The contents by path."""
        made = {path: _written(path, documents) for path, documents in self.documents.items() if path not in self.texts}
        return {path: data for path, data in (made | self.texts).items() if path not in self.links}

    def text(self, path: str) -> bytes:
        return self.texts.get(path) or _yaml(self.documents.get(path, []))


def _yaml(documents: Documents) -> bytes:
    return yaml.dump_all(documents, Dumper=yaml.CDumper, encoding="utf-8", allow_unicode=True, sort_keys=False)


def _parsed(text: str) -> Documents | None:
    try:
        return list(yaml.load_all(text, Loader=yaml.CSafeLoader))
    except yaml.YAMLError:
        return None  # a template


PARSED: Final = {path: parsed for path, text in _HONEST.items() if (parsed := _parsed(text)) is not None}
PLAIN: Final = {path: text.encode() for path, text in _HONEST.items() if path not in PARSED}


_AS_IT_WAS: Final = {path: (repr(documents), _yaml(documents)) for path, documents in PARSED.items()}


def _written(path: str, documents: Documents) -> bytes:
    """The text of a file; to write the same again in each of thousands of cases is dear."""
    before, text = _AS_IT_WAS.get(path, ("", b""))
    return text if repr(documents) == before else _yaml(documents)


def honest() -> Files:
    """The repository as somebody careful wrote it."""
    return Files(copy.deepcopy(PARSED), dict(PLAIN))


def _containers(value: Json) -> Iterator[dict[str, Json] | list[Json]]:
    if isinstance(value, dict | list):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _containers(inner)


@dataclass(frozen=True)
class Choice:
    """Numbers that hypothesis chose; each is taken modulo whatever there is to choose from."""

    where: int
    which: int
    what: int
    how: int

    def of(self, options: Sequence[Json], number: int) -> Json:
        return options[number % len(options)]


def _place(files: Files, choice: Choice) -> tuple[dict[str, Json] | list[Json], Json] | None:
    """A container of some document and a key in it."""
    path = choice.of(sorted(files.documents), choice.where)
    containers = [one for one in _containers(files.documents[path]) if one]
    if not containers:
        return None
    container = choice.of(containers, choice.which)
    keys = list(container) if isinstance(container, dict) else range(len(container))
    return container, choice.of(list(keys), choice.how)


def replace(files: Files, choice: Choice) -> None:
    """Any field becomes something odd."""
    if found := _place(files, choice):
        container, key = found
        container[key] = copy.deepcopy(choice.of(ODD_VALUES, choice.what))


def remove(files: Files, choice: Choice) -> None:
    if found := _place(files, choice):
        container, key = found
        del container[key]


def rename(files: Files, choice: Choice) -> None:
    """A value comes to stand under another key."""
    if found := _place(files, choice):
        container, key = found
        value = container[key]
        if isinstance(container, dict):
            container[choice.of(KEYS, choice.what)] = value
        else:
            container.append(value)


def wrap(files: Files, choice: Choice) -> None:
    if found := _place(files, choice):
        container, key = found
        value = container[key]
        container[key] = choice.of(
            [[value], {"x": value}, [value, value], str(value), {str(value)[:50]: value}], choice.what
        )


def swap(files: Files, choice: Choice) -> None:
    """A field gets the value of another field, anywhere: a reference to itself, a path of something else."""
    if (found := _place(files, choice)) and (other := _place(files, Choice(choice.what, choice.how, 0, choice.which))):
        found[0][found[1]] = copy.deepcopy(other[0][other[1]])


def duplicate(files: Files, choice: Choice) -> None:
    """A document stands a second time, in its own or in another file."""
    source, target = choice.of(sorted(files.documents), choice.where), choice.of(sorted(files.documents), choice.which)
    if files.documents[source]:
        copied = copy.deepcopy(choice.of(files.documents[source], choice.what))
        files.documents[target].insert(choice.how % (len(files.documents[target]) + 1), copied)


def move(files: Files, choice: Choice) -> None:
    """A file gets another name, of another file or an odd one."""
    path = choice.of(sorted(files.documents), choice.where)
    target = choice.of([*ODD_PATHS, *sorted(files.documents)], choice.what)
    documents = files.documents[path] if choice.how % 2 else files.documents.pop(path)
    files.documents[target] = copy.deepcopy(documents)


def unlink(files: Files, choice: Choice) -> None:
    """A file is gone, is a link, or is too large to read."""
    path = choice.of(sorted(files.documents), choice.where)
    match choice.what % 4:
        case 0:
            files.links.add(path)
        case 1:
            files.huge.add(path)
        case 2 if len(files.documents) > 1:
            del files.documents[path]
        case _:
            files.texts[path] = b""


def damage(files: Files, choice: Choice) -> None:
    """The text of a file is cut, doubled, torn or written over at some place."""
    path = choice.of(sorted(files.documents), choice.where)
    text = files.text(path)
    at, piece = choice.which % (len(text) + 1), choice.of(DAMAGE, choice.what)
    line = text.rfind(b"\n", 0, at) + 1
    files.texts[path] = choice.of(
        [
            text[:at] + piece + text[at:],
            text[:line] + piece + text[line:],
            text[:at],
            text[at:],
            text[:at] + piece + text[at + len(piece) :],
            text[:line] + text[line:] * 2,
            piece,
        ],
        choice.how,
    )


def recode(files: Files, choice: Choice) -> None:
    """A file in another encoding, or with the line ends of another system."""
    path = choice.of(sorted(files.documents), choice.where)
    text = files.text(path)
    shown = text.decode(errors="replace")
    files.texts[path] = choice.of(
        [
            text.replace(b"\n", b"\r\n"),
            text.replace(b"\n", b"\r"),
            b"\xef\xbb\xbf" + text,
            shown.encode("utf-16"),
            shown.encode("utf-16-be"),
            shown.encode("latin-1", "replace"),
            text.replace(b"\n", b"\n\n\n"),
            text.rstrip(b"\n"),
        ],
        choice.what,
    )


MUTATIONS: Final[Sequence[Callable[[Files, Choice], None]]] = (
    *(replace, replace, replace, remove, rename, wrap, swap, swap, duplicate, move, unlink, damage, recode),
)  # fmt: skip
_STEP: Final = 9
ODD = st.integers(0, len(ODD_TEXTS) - 1).map(ODD_TEXTS.__getitem__)
"""An odd text, by its number: some are too long to be shown whenever something fails."""


def _steps(data: bytes) -> list[tuple[int, Choice]]:
    """Each nine bytes are a step: one says which mutation, and two each are a choice."""
    whole = (data[at : at + _STEP] for at in range(0, len(data) - _STEP + 1, _STEP))
    return [(step[0] % len(MUTATIONS), Choice(*struct.unpack(">4H", step[1:]))) for step in whole]


STEPS = st.binary(max_size=8 * _STEP).map(_steps)
"""Up to eight mutations. Drawn as bytes, because forty numbers cost hypothesis more than the review costs us."""


def mutated(steps: Sequence[tuple[int, Choice]], files: Files | None = None) -> Files:
    """The honest repository, or another, after these mutations. Those of structure come first: torn text has none."""
    files = files or honest()
    for number, choice in sorted(steps, key=lambda step: MUTATIONS[step[0]] in (damage, recode)):
        MUTATIONS[number](files, choice)
    return files
