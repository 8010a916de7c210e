"""What fluxbot answers to commands, apart from explanations."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from bot.model.form import nearest
from bot.model.quote import code

HELP: Final = """\
The first line of a comment may be, from everybody who may read here:

- `/fluxbot explain`: what this pull request does to each cluster, and why.
- `/fluxbot explain SUBJECT`: the manual of a rule, or what an object waits for and what waits for it. \
SUBJECT is a rule's id, `Kind/namespace/name`, `Kind/name` or a name.
- `/fluxbot explain SUBJECT OTHER`: every way by which the first waits, or should wait, for the second.
- `/fluxbot order [CLUSTER]`: in which order a fresh cluster comes up. CLUSTER is its directory or the end of it.
- `/fluxbot impact SUBJECT`: what stops when this object is not ready.

and from those who may write:

- `/fluxbot fix [ID …]`: commit the fixes that were proven, all or those of the findings named; where fluxbot cannot \
write, their patch is shown.
- `/fluxbot recheck`: judge the newest commit again.
- `/fluxbot ignore ID reason`: accept one finding for this pull request. The ID stands below each finding.

`/fluxbot help` is this list."""

RECHECKED: Final = "The newest commit is judged again; its check run tells the result."

REFUSED: Final = "Only those who may write here can do that. `/fluxbot help` lists what everybody can ask."

TOO_MANY: Final = (
    "That was one question more than fluxbot answers one person in ten minutes; those before it are answered. "
    "The check run has the whole review."
)

NO_SUBJECT: Final = "Which object? `/fluxbot impact Kind/namespace/name`, `Kind/name` or a name."

NO_REASON: Final = (
    "Which finding, and why? `/fluxbot ignore ID reason`: the id has six characters and stands below the finding; "
    "the reason is shown in the check run."
)


def help_about(unknown: str, known: Collection[str]) -> str:
    """The list of commands, and which word is none of them, with the one that is most like it."""
    return f"{code(unknown)} is no command{nearest(unknown.lower(), known)}.\n\n{HELP}" if unknown else HELP
