"""Values as YAML text that no human wrote, as Go's YAML writers have it: quoted only where it has to be."""

from __future__ import annotations

import yaml

from bot.model.field import Body


def dumped(body: Body) -> str:
    """The text of one document; a string that a template will fill in stands there without quotes."""
    return str(yaml.safe_dump(body, sort_keys=False, width=2**31, allow_unicode=True))
