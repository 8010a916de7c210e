"""Flux's ``spec.postBuild``: variables in the text of a rendered object (fluxcd/pkg ``kustomize_varsub.go``)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.flux.expansion import expanded
from bot.flux.expression import BadExpressionError, Expression, Part, parse

LARGEST = 8 * 2**20
"""Characters that one substitution may read and write. The API server takes objects of 3 MiB at most."""

_NAME = re.compile(r"[_a-zA-Z][_a-zA-Z0-9]*")
_WITH_DEFAULT = frozenset(("=", ":=", ":-", ":?", ":+"))


@dataclass(frozen=True, slots=True)
class Substituted:
    """A text with its variables replaced.

    ``undefined`` are the names without value and default, ``unknown`` those
    whose expressions stay as they are written, both in the order of the text.
    Where Flux fails, ``error`` is what it prints after ``envsubst error: ``,
    and the text is unchanged.
    """

    text: str
    undefined: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    error: str = ""


def valid_name(name: str) -> bool:
    """Whether Flux takes the name of a variable; one that it does not take fails the whole build."""
    return bool(_NAME.fullmatch(name))


def substitute(
    text: str,
    variables: Mapping[str, str],
    *,
    strict: bool,
    unknown: Callable[[str], bool],
    open_ended: bool = False,
) -> Substituted:
    """The text of one document as Flux leaves it, with the values of ``variables``, line breaks taken out.

    A name that is no variable but ``unknown`` (a key of an encrypted Secret)
    leaves its expression as written; where the variables are ``open_ended``
    (a whole Secret is not in the tree) so does any name without a default. Any
    other is empty, or with ``strict`` an error (the default since Flux 2.9),
    unless the expression has a default. Without ``strict`` a default that is not used is
    not looked at; with it Flux looks at all.
    """
    for name in sorted(variables):
        if not valid_name(name):
            return Substituted(
                text, error=f"'{name}' var name is invalid, must match '^[_[:alpha:]][_[:alpha:][:digit:]]*$'"
            )
    if "$" not in text:
        return Substituted(text)
    evaluation = _Evaluation(variables, unknown, strict, open_ended)
    try:
        result = evaluation.joined(parse(text))[0]
    except (BadExpressionError, _TooLargeError) as error:
        result, problem = text, str(error)
    else:
        missing = next(iter(evaluation.undefined), None) if strict else None
        problem = "" if missing is None else f'variable not set (strict mode): "{missing}"'
    return Substituted(
        text if problem else result,
        tuple(evaluation.undefined),
        tuple(evaluation.unknown_names),
        f"variable substitution failed: {problem}" if problem else "",
    )


class _TooLargeError(Exception):
    def __init__(self) -> None:
        super().__init__(f"the result is larger than {LARGEST} characters")


@dataclass(slots=True)
class _Evaluation:
    """One run. A part's value comes with whether it is certain: an expression left as written is not."""

    variables: Mapping[str, str]
    unknown: Callable[[str], bool]
    strict: bool
    open_ended: bool
    undefined: dict[str, None] = field(default_factory=dict)
    unknown_names: dict[str, None] = field(default_factory=dict)
    left: int = LARGEST

    def joined(self, parts: tuple[Part, ...]) -> tuple[str, bool]:
        values = [self._part(part) for part in parts]
        return "".join(value for value, _ in values), all(certain for _, certain in values)

    def _part(self, part: Part) -> tuple[str, bool]:
        if isinstance(part, str):
            self._spend(len(part))
            return part, True
        return self._expression(part)

    def _expression(self, expression: Expression) -> tuple[str, bool]:
        value = self.variables.get(expression.name)
        if value is not None:
            self._spend(len(value))
            value = value.replace("\n", "")
        has_default = expression.operator in _WITH_DEFAULT
        if has_default and value and not self.strict:
            return value, True
        arguments = [self._part(argument) for argument in expression.arguments]
        certain = all(known for _, known in arguments)
        if value is None and (self.unknown(expression.name) or (self.open_ended and not has_default)):
            self.unknown_names[expression.name] = None
            return expression.source, False
        if has_default:
            return (value, True) if value else ("".join(given for given, _ in arguments), certain)
        if value is None:
            self.undefined[expression.name] = None
        if not certain:
            return expression.source, False
        return self._operated(expression.operator, value or "", tuple(given for given, _ in arguments)), True

    def _operated(self, operator: str, value: str, arguments: tuple[str, ...]) -> str:
        if operator == "//":
            pattern, *replacement = arguments
            self._spend(value.count(pattern) * sum(map(len, replacement)))
        result = expanded(operator, value, arguments)
        self._spend(len(result))
        return result

    def _spend(self, characters: int) -> None:
        self.left -= characters
        if self.left < 0:
            raise _TooLargeError
