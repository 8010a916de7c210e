"""The data files of this room, read when first asked for."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from bot.model.field import Body, Value


@cache
def shipped(name: str) -> Body:
    """The content of ``<name>.json``; do not change it."""
    content: Value = json.loads((files(__package__) / f"{name}.json").read_bytes())
    if not isinstance(content, dict):
        raise TypeError(f"{name}.json is damaged: expected an object")
    return content
