"""Which facts come together, because one object brings them all and no other brings them.

Who was applied had all its needs: a fact that only one HelmRelease brings says
that this is installed, and so that everything else which it brings is there too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping


def company(steps: Iterable[tuple[int, int]]) -> Mapping[int, int]:
    """By fact all that is there once its only maker has made it, where that is more.

    ``steps`` are what each makes at once, and that with all that it made before.
    """
    makers: dict[int, int] = {}
    shared = 0
    for made, there in steps:
        for bit in _bits(made):
            shared |= bit if bit in makers else 0
            makers[bit] = there
    return {bit: mask for bit, mask in makers.items() if mask != bit and not bit & shared}


def accompanied(company: Mapping[int, int], mask: int) -> int:
    """Facts with all that comes with them."""
    found = mask
    for bit in _bits(mask):
        found |= company.get(bit, 0)
    return found


def _bits(mask: int) -> Iterator[int]:
    while mask:
        yield mask & -mask
        mask &= mask - 1
