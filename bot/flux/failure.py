"""What kustomize complains of, read out of its nested message (kustomize 5.8, ``accumulateResources``)."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

_DEEPER = re.compile(
    r".*(?:recursed accumulation of|couldn't make target for) path '(?P<directory>[^']*)': ", re.DOTALL
)
_TRIED_AS_BOTH = re.compile(r"accumulation err='(?P<as_file>.*?)': must build at directory: .*", re.DOTALL)
_RESOURCE = re.compile(r"(?:accumulating|merging) resources from '(?P<entry>[^']*)': ")
_OTHER_ENTRIES = (
    re.compile(r"patch file from path\((?P<entry>[^)]*)\)"),
    re.compile(r"file sources: \[(?P<entry>[^\] ]*)"),
    re.compile(r"not a valid directory: evalsymlink failure on '(?P<entry>[^']*)'"),
)
_PATCHED = re.compile(r'merge patch "[^"/]*/(?P<name>[^"]*)\.[^".]*"')
_FIELD = re.compile(r'unknown field "(?P<name>(?:[^"\\]|\\.)*)"')
_UNSEEN = re.compile(r"\\u([0-9a-f]{4})")
"""How Go writes a character that does not show, such as a space without width."""
_ABSENT = "no such file or directory"


@dataclass(frozen=True, slots=True)
class Failure:
    """The core of a message.

    ``directory`` is the kustomization that failed, None for the build's own
    root; ``entry`` what is to blame as its kustomization file names it, a field
    with its colon, empty where the message does not say.
    """

    gist: str
    directory: str | None
    entry: str


def read_failure(message: str) -> Failure:
    """The innermost complaint of a failed build; the whole message where it has another form."""
    deeper = _DEEPER.match(message)
    rest = message[deeper.end() :] if deeper else message
    rest = rest.removeprefix("accumulating resources: ")
    both = _TRIED_AS_BOTH.fullmatch(rest)
    rest = both["as_file"] if both else rest
    named = _RESOURCE.match(rest)
    entry = named["entry"] if named else _entry(rest)
    if named:
        what = _ABSENT if rest.endswith(_ABSENT) else rest[named.end() :]
        rest = f"{entry}: {what}"
    return Failure(rest, deeper["directory"] if deeper else None, entry)


def _entry(complaint: str) -> str:
    for pattern in _OTHER_ENTRIES:
        found = pattern.search(complaint)
        if found:
            return posixpath.basename(found["entry"])
    field = _FIELD.search(complaint)
    if field:
        return f"{_UNSEEN.sub(lambda found: chr(int(found[1], 16)), field['name'])}:"
    patched = _PATCHED.search(complaint)
    return patched["name"] if patched else ""


def entry_line(text: str, entry: str) -> int | None:
    """The first line of a kustomization file that names an entry, alone or as the end of a path."""
    named = re.compile(rf"""(?:^|[\s"'\[,=/]){re.escape(entry)}(?:$|[\s"'\],])""")
    lines = enumerate(text.splitlines(), 1)
    return next((number for number, line in lines if named.search(line.partition(" #")[0])), None) if entry else None
