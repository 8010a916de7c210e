"""``docs/commands.md``, made from the parser of the command line: what each command takes, in its own words."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bot.cli import parser

COMMANDS: Final = Path(__file__).parents[1] / "docs" / "commands.md"

_INTRODUCTION: Final = """\
<!-- Written by `make docs` from the parser of the command line. -->

# Commands

`PATH` is a working tree, a bare repository or a folder, by default the current one; `REV` is what git resolves.
Results go to stdout, progress and logs to stderr. The exit status is 0 for nothing at or above `--fail-on`, 1 for
findings, 2 for a question that cannot be answered, 3 for a failure of fluxbot itself. Commands in comments, such as
`/fluxbot explain`, are in [app.md](app.md#what-it-answers).
"""


def page() -> str:
    """The whole page."""
    return _INTRODUCTION + "".join(_sections(parser(), "fluxbot", ""))


def _sections(command: argparse.ArgumentParser, name: str, help_: str) -> Iterator[str]:
    """A section for a command, or those of its own commands."""
    # argparse shows what it holds no other way.
    actions = command._actions  # noqa: SLF001 - above
    inner = [action for action in actions if isinstance(action, argparse._SubParsersAction)]  # noqa: SLF001 - above
    for action in inner:
        helps = {choice.dest: choice.help or "" for choice in action._choices_actions}  # noqa: SLF001 - as above
        for word, one in action.choices.items():
            yield from _sections(one, f"{name} {word}", helps.get(word, help_))
    if not inner:
        yield f"\n## {name}\n\n{help_[:1].upper()}{help_[1:]}.\n\n"
        yield "".join(_rows(command))


def _rows(command: argparse.ArgumentParser) -> Iterator[str]:
    shown = [action for action in command._actions if not isinstance(action, argparse._HelpAction)]  # noqa: SLF001 - above
    if shown:
        yield "| | |\n|---|---|\n"
    for action in shown:
        words = ", ".join(action.option_strings) or _value(action)
        value = f" {_value(action)}" if action.option_strings and action.nargs != 0 else ""
        facts = [action.help or "", f"one of {', '.join(map(str, action.choices))}" if action.choices else ""]
        given = action.default if isinstance(action.default, str) and action.default not in ("", ".") else None
        facts.append(f"default: {given}" if given and "default" not in (action.help or "") else "")
        yield f"| `{words}{value}` | {'; '.join(fact for fact in facts if fact)} |\n"


def _value(action: argparse.Action) -> str:
    if isinstance(action.metavar, str):
        return action.metavar
    return action.dest.upper().replace("_", "-")
