"""Rules that say the same of a change.

Three speak of a kind that comes later than what needs it, and differ in what
there is between the two: no edge, one that does not wait, one that leads to a
parent only. Which of them speaks depends on edges elsewhere, too. A change
that only moves it from one of them to another brings nothing.
"""

from __future__ import annotations

from typing import Final

_LATER: Final = "crd-not-ordered"
_FAMILIES: Final = {"crd-not-awaited": _LATER, "crd-behind-aggregate": _LATER}


def family(rule: str) -> str:
    """The rule that stands for all that say the same; itself for most."""
    return _FAMILIES.get(rule, rule)
