"""What fluxbot answers to commands, apart from explanations."""

from __future__ import annotations

from typing import Final

from bot.model.quote import code

HELP: Final = """\
The first line of a comment may be:

- `/fluxbot explain`: what this pull request does to each cluster, and why.
- `/fluxbot explain SUBJECT`: the manual of a rule, or what an object waits for and why. \
SUBJECT is a rule's id, `Kind/namespace/name`, `Kind/name` or a name.
- `/fluxbot explain SUBJECT OTHER`: why the first waits, or should wait, for the second.
- `/fluxbot recheck`: judge the newest commit again.
- `/fluxbot help`: this list."""

RECHECKED: Final = "The newest commit is judged again; its check run tells the result."

REFUSED: Final = "Only those who may triage or write here can have a pull request judged again."


def help_about(unknown: str) -> str:
    """The list of commands, and which word is none of them."""
    return f"{code(unknown)} is no command.\n\n{HELP}" if unknown else HELP
