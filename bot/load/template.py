"""Text with templates in it, made readable as YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.manifest.documents import read
from bot.model.field import Body
from bot.model.limits import YAML, YamlLimits

# A value that only the template's tool knows: counted as one that is put in later, and valid anywhere in YAML.
HOLE = "$(template)"

_CONTROL = re.compile(r"^[ \t]*(?:\{\{[^\n]*\}\}|\{%[^\n]*%\})[ \t]*$", re.MULTILINE)
_INLINE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


def bodies(data: bytes, limits: YamlLimits = YAML) -> tuple[Body, ...]:
    """The documents of a file, each template in it replaced by HOLE, lines of nothing else left out."""
    if b"{{" in data or b"{%" in data:
        data = without_templates(data.decode(errors="replace")).encode()
    return tuple(document.body for document in read(data, limits).documents)


def without_templates(text: str) -> str:
    return _INLINE.sub(HOLE, _CONTROL.sub("", text))


def lines(data: bytes) -> Iterator[str]:
    """The lines that are no comments."""
    return (line for line in data.decode(errors="replace").splitlines() if not line.lstrip().startswith("#"))
