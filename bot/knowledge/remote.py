"""CRDs that come from an URL: remote kustomize resources, raw files, release assets."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from bot.knowledge.charts import look_up
from bot.knowledge.kinds import by_plural
from bot.knowledge.shipped import shipped
from bot.model.cluster import Confidence
from bot.model.field import Body, mapping, mappings, strings, text
from bot.model.ref import GroupKind

# How projects name the file of one CRD: controller-gen, kube-prometheus, charts, and folders of plain plurals.
_BY_GROUP = re.compile(r"(?:crd-)?(?P<group>[a-z0-9-]+(?:\.[a-z0-9-]+)+)_(?P<name>[a-z0-9]+)")
_BY_KIND = re.compile(r"\d*-?(?P<name>[a-z]+)-?customresourcedefinition|(?:crd-)?(?P<plural>[a-z]+)")


@dataclass(frozen=True, slots=True)
class RemoteAnswer:
    """The kinds that an URL brings; ``id`` says which fact knew it.

    ``workload``: the URL brings no CRDs but the Deployment of that name, which makes them once it runs.
    """

    id: str
    kinds: tuple[GroupKind, ...]
    confidence: Confidence
    workload: str = ""


def provided_by_url(url: str) -> RemoteAnswer | None:
    """What is known to lie behind an URL; None where nothing is.

    A file that holds one CRD, by its name, brings that one only.
    """
    stem = _stem(url)
    for row in mappings(shipped("remote"), "remote"):
        if _pattern(text(row, "url")).search(url):
            kinds = _named(stem, _kinds(row))
            workload = text(row, "workload")
            return RemoteAnswer(text(row, "id"), kinds, _confidence(row), workload) if kinds else None
    return _by_file_name(stem) or _by_project(url)


def _by_file_name(stem: str) -> RemoteAnswer | None:
    found = _BY_GROUP.fullmatch(stem)
    what = by_plural(found["group"], found["name"]) if found else None
    return RemoteAnswer(stem, (what,), Confidence.LIKELY) if what else None


def _by_project(url: str) -> RemoteAnswer | None:
    """A file of CRDs in a project that has a chart of the same name: probably the chart's."""
    _, _, path = urlsplit(url).path.lower().strip("/").partition("/")
    project, _, file = path.partition("/")
    if "crd" not in posixpath.basename(file):
        return None
    chart = look_up(project, "")
    kinds = tuple(crd.what for crd in chart.crds)
    return RemoteAnswer(chart.id, kinds, Confidence.GUESS) if kinds else None


def _named(stem: str, kinds: tuple[GroupKind, ...]) -> tuple[GroupKind, ...]:
    """The kind that a file name speaks of; all where it speaks of none in particular."""
    if found := _BY_GROUP.fullmatch(stem):
        what = by_plural(found["group"], found["name"])
        return (what,) if what in kinds else ()
    if found := _BY_KIND.fullmatch(stem):
        name = found["name"] or found["plural"]
        return tuple(what for what in kinds if name in _names(what)) or kinds
    return kinds


def _names(what: GroupKind) -> tuple[str, ...]:
    """How a file may call a kind: like itself, or in the plural."""
    kind = what.kind.lower()
    return (kind, kind + "s", kind + "es", kind.removesuffix("y") + "ies")


def _stem(url: str) -> str:
    return posixpath.splitext(posixpath.basename(urlsplit(url).path))[0].lower()


def _kinds(row: Body) -> tuple[GroupKind, ...]:
    groups = mapping(row, "kinds")
    return tuple(GroupKind(group, kind) for group in groups for kind in strings(groups, group))


def _confidence(row: Body) -> Confidence:
    return Confidence.GUESS if text(row, "checked") == "unverified" else Confidence.LIKELY


@cache
def _pattern(regex: str) -> re.Pattern[str]:
    return re.compile(regex)
