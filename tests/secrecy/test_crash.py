"""What is said where fluxbot itself breaks: which kind of exception and where, and nothing of what it was about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import NoReturn

import pytest

from bot.app.local import Wish, audited, drive
from bot.cli import main
from bot.ports import NotFound
from bot.render.answerer import LocalAnswerer
from bot.render.cache import AnswerCache
from bot.report.crash import crash_report
from bot.report.formats import Format, render_report
from bot.rules import RULES
from tests.command_line import GOOD, CommandLine


def broken(*_: object) -> NoReturn:
    raise ValueError("kind: Secret")


def test_a_bug_of_the_command_line_is_told_by_kind_and_place(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.cli.audited", broken)

    status = main(["audit"])

    said = capsys.readouterr()
    assert status == 3
    assert said.out == ""
    assert said.err.endswith("ValueError\n")
    assert "test_crash.py" in said.err
    assert "Secret" not in said.err


def test_each_exception_of_a_chain_is_told_and_only_ours_in_their_words() -> None:
    with pytest.raises(ValueError, match="Secret") as raised:
        broken()
    problem = NotFound("kubectl is not there: ghp_" + "a1" * 18)
    problem.__cause__ = raised.value

    lines = [line for line in crash_report(problem).splitlines() if not line.startswith("  at ")]

    assert lines == ["ValueError", "NotFound: kubectl is not there: [redacted]"]


@pytest.mark.parametrize("format", list(Format))
def test_a_rule_that_breaks_is_told_by_kind_and_place(
    fluxbot: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
    format: Format,  # noqa: A002 - as the option
) -> None:
    fluxbot.write(GOOD)
    monkeypatch.setattr("bot.engine.RULES", (replace(RULES[0], check=broken),))
    question = audited(Wish(str(fluxbot.folder), date(2026, 11, 22)))

    review = drive(question, LocalAnswerer(AnswerCache()), lambda _done, _asked: None).review

    report = render_report(review, format=format, repository="x", seconds=1, colour=False, width=99, rules=())
    assert review.crashed[0].error.startswith("ValueError in ")
    assert "test_crash:" in review.crashed[0].error
    assert "Secret" not in report
