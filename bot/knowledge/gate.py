"""Whether a chart installs a set of its CRDs, given some of its values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.model.field import Body, Value, dotted


class Presence(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Condition:
    """A value that must equal ``equals``.

    ``read`` is false where nobody knows which value is wanted; ``sure`` is false
    where nobody knows whether the chart has the value at all, so that its absence
    raises no doubt.
    """

    path: str
    equals: Value
    default: Value
    read: bool = True
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Gate:
    """Where ``default`` is true, all entries keep it so; else any one entry, whole, brings the CRDs.

    An absent value keeps the default: Helm treats an absent subchart condition
    as true.
    """

    default: bool
    entries: tuple[tuple[Condition, ...], ...]


@dataclass(frozen=True, slots=True)
class Known:
    """A release's values; ``partly`` says that there may be more of them than the repository shows."""

    values: Body
    partly: bool


def presence(gate: Gate, known: Known) -> Presence:
    """Whether these values bring what the gate guards."""
    if gate.default:
        return all_of(_state(condition, known, Presence.YES) for entry in gate.entries for condition in entry)
    return _any_of(all_of(_state(condition, known, Presence.NO) for condition in entry) for entry in gate.entries)


def switched(gate: Gate, instead: tuple[Condition, ...], known: Known) -> Presence:
    """Whether the other mechanism is at work: its own conditions hold, and the gate's on all other values."""
    own = {condition.path for condition in instead}
    others = [c for entry in gate.entries for c in entry if c.path not in own]
    states = [_state(condition, known, Presence.YES) for condition in others]
    states += [_state(c, known, Presence.YES if c.default == c.equals else Presence.NO) for c in instead]
    return all_of(states)


def all_of(states: Iterable[Presence]) -> Presence:
    seen = set(states)
    if Presence.NO in seen:
        return Presence.NO
    return Presence.UNKNOWN if Presence.UNKNOWN in seen else Presence.YES


def _any_of(states: Iterable[Presence]) -> Presence:
    seen = set(states)
    if Presence.YES in seen:
        return Presence.YES
    return Presence.UNKNOWN if Presence.UNKNOWN in seen else Presence.NO


def _state(condition: Condition, known: Known, absent: Presence) -> Presence:
    value = dotted(known.values, condition.path)
    if value is None:
        return Presence.UNKNOWN if known.partly and condition.sure else absent
    if not condition.read or _is_template(value):
        return Presence.UNKNOWN
    wanted = condition.equals
    if isinstance(wanted, bool):
        # Templates ask `if .Values.x`, so any filled value counts as true.
        return Presence.YES if bool(value) is wanted else Presence.NO
    return Presence.YES if value == wanted else Presence.NO


def _is_template(value: Value) -> bool:
    """Whether something will be put in later: a Flux variable, or what the tool that runs Helm fills in."""
    return isinstance(value, str) and any(mark in value for mark in ("${", "$(", "{{"))
