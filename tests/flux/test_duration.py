"""Durations as Go writes them."""

from __future__ import annotations

import pytest

from bot.flux.duration import seconds, spoken


@pytest.mark.parametrize(
    ("written", "length"),
    [("1h", 3600), ("10m0s", 600), ("1h30m", 5400), ("1.5h", 5400), (".5s", 0.5), ("250ms", 0.25), ("0s", 0)],
)
def test_a_duration_is_read_as_go_reads_it(written: str, length: float) -> None:
    assert seconds(written) == length


@pytest.mark.parametrize("written", ["", "10", "h", "1 h", "1d", "1h-5m", "${INTERVAL}", "PT1H"])
def test_what_go_does_not_take_is_no_duration(written: str) -> None:
    assert seconds(written) is None


@pytest.mark.parametrize(("length", "said"), [(3600, "1h"), (90, "1m30s"), (5400, "1h30m"), (0, "0s"), (30, "30s")])
def test_a_length_is_said_as_flux_users_write_it(length: float, said: str) -> None:
    assert spoken(length) == said
