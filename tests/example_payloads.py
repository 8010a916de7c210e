"""GitHub's own example payloads, from the npm package ``@octokit/webhooks-examples``, which ``make setup`` installs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "webhook_payloads" / "node_modules" / "@octokit" / "webhooks-examples"


@cache
def examples() -> Mapping[str, tuple[Mapping[str, object], ...]]:
    """The payloads of each event."""
    events = json.loads((_FOLDER / "api.github.com" / "index.json").read_bytes())
    return {event["name"]: tuple(event["examples"]) for event in events}
