"""What a plain scalar means to Flux: the rules of go-yaml v3, which kustomize reads with (its ``resolve.go``).

They are neither YAML 1.1 nor 1.2: ``yes``, ``on`` and dates are strings,
``0644`` is octal, ``1_000`` is a number.
"""

from __future__ import annotations

import math
import re

_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
}
_FIRST_OF_NUMBER = frozenset("0123456789+-.")
_INTEGER = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[oO]?([0-7]+)|0[bB]([01]+)|(0|[1-9][0-9]*))")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_LONGEST_INTEGER = 70  # 64 binary digits with sign and prefix


def plain(text: str) -> bool | int | float | str | None:
    """The value of a plain scalar. Infinity and not-a-number stay text: JSON, in which objects travel, has neither."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] not in _FIRST_OF_NUMBER:
        return text
    digits = text.replace("_", "")
    number = _integer(digits)
    if number is not None:
        return number
    if not _FLOAT.fullmatch(digits):
        return text
    value = float(digits)
    return value if math.isfinite(value) else text


def _integer(digits: str) -> int | None:
    """The integer, if it fits into 64 bits, with a sign or without one."""
    found = _INTEGER.fullmatch(digits) if len(digits) <= _LONGEST_INTEGER else None
    if found is None:
        return None
    sign, *by_radix = found.groups()
    value = next(int(part, radix) for part, radix in zip(by_radix, (16, 8, 2, 10), strict=True) if part)
    value = -value if sign == "-" else value
    return value if -(2**63) <= value < 2**64 else None
