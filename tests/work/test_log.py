"""What may stand in a log."""

from __future__ import annotations

import pytest

from bot.ports import NotPermitted
from bot.work.log import explained, redacted


def test_tokens_and_passwords_are_taken_out_of_every_text() -> None:
    event: dict[str, object] = {
        "event": "said ghs_4242_eyJhbGciOi.J9.x-y_z",
        "urls": ["postgresql://me:word@db/x", "https://example.org/a"],
        "more": {"jwt": "Bearer eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiI0MiJ9.c2ln"},
    }

    assert redacted(None, "info", event) == {
        "event": "said [redacted]",
        "urls": ["postgresql[redacted]db/x", "https://example.org/a"],
        "more": {"jwt": "Bearer [redacted]"},
    }


def test_an_exception_of_others_is_told_by_kind_and_place_and_not_in_its_words() -> None:
    with pytest.raises(ValueError, match="Secret") as raised:
        int("kind: Secret")

    told = explained(None, "error", {"event": "x", "exc_info": raised.value})

    assert told["problem"] == "ValueError"
    assert "test_log.py" in str(told["at"])
    assert "Secret" not in str(told)


def test_an_exception_of_ours_is_told_in_its_words() -> None:
    told = explained(None, "error", {"event": "x", "exc_info": NotPermitted("checks: write")})

    assert told == {"event": "x", "problem": "NotPermitted", "reason": "not permitted: checks: write is missing"}
