"""Rules that say the same of a change.

Three speak of a kind that comes later than what needs it, and differ in what
there is between the two: no edge, one that does not wait, one that leads to a
parent only. Which of them speaks depends on edges elsewhere, too. A change
that only moves it from one of them to another brings nothing.

Some say of an object what goes with it, whichever Kustomization applies it.
"""

from __future__ import annotations

from typing import Final

from bot.model.finding import Finding, Outcome

_LATER: Final = "crd-not-ordered"
_FAMILIES: Final = {"crd-not-awaited": _LATER, "crd-behind-aggregate": _LATER}
_OF_THE_OBJECT: Final = frozenset({"script-substituted"})


def family(rule: str) -> str:
    """The rule that stands for all that say the same; itself for most."""
    return _FAMILIES.get(rule, rule)


def goes_with_its_object(finding: Finding) -> bool:
    """Whether only the object has the harm, whichever Kustomization applies it: moved, it is as wrong as before.

    A build that fails is another matter: where the object comes to, nothing is applied any more.
    """
    return finding.rule in _OF_THE_OBJECT and finding.outcome is Outcome.SILENT
