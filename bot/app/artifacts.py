"""OCI artifacts that clusters read, and which of them are made of a repository on GitHub."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.flux.address import beside, same_repository
from bot.flux.pushed import artifact_of, directory_of
from bot.model.ask import Fetch, Refused
from bot.model.publication import Reads
from bot.model.pushed import Pushed
from bot.model.quote import code
from bot.model.snapshot import Placed, Snapshot
from bot.ports import OutsideAnswerer
from bot.simulate.case import Case

MOST_ARTIFACTS: Final = 20
"""Artifacts of one repository that are asked for."""


@dataclass(frozen=True, slots=True)
class Found:
    """The artifacts that are made of a repository, by the keys of their questions; in words those not understood."""

    placed: Mapping[str, Placed] = field(default_factory=dict)
    unread: tuple[str, ...] = ()


def read_by(cases: Iterable[Case]) -> tuple[Fetch, ...]:
    """The OCI artifacts that Kustomizations of clusters are made from."""
    found: dict[str, Fetch] = {}
    for case in cases:
        for node in case.cluster.nodes.values():
            source = case.resource(node.kustomization.source)
            ask = artifact_of(source.body) if source and source.ref.kind == "OCIRepository" else None
            if ask:
                found[ask.key] = ask
    return tuple(found.values())[:MOST_ARTIFACTS]


def made_of(asks: tuple[Fetch, ...], outside: OutsideAnswerer, site: str, tree: Snapshot) -> Found:
    """Which of the artifacts are made of the repository at ``site``, whose files are those of ``tree``."""
    told = outside.pushed(asks) if asks else {}
    placed: dict[str, Placed] = {}
    unread: list[str] = []
    for ask in asks:
        one = told[ask.key]
        if isinstance(one, Refused):
            unread.append(f"{code(_shown(ask.url))} was not read: {one.message}")
        elif same_repository(one.source, site):
            directory = directory_of(one, tree.files)
            if directory is None:
                unread.append(
                    f"{code(_shown(ask.url))} is made of this repository, but no directory of it has these files"
                )
            else:
                placed[ask.key] = Placed(directory, one.revision)
    return Found(placed, tuple(unread))


def _shown(url: str) -> str:
    """An address without a password that stands in it."""
    return url.removeprefix("oci://").rpartition("@")[2]


def reads(named: tuple[str, ...], asks: tuple[Fetch, ...], outside: OutsideAnswerer | None, site: str) -> Reads:
    """The repositories that Git sources name, with those beside the one at ``site`` that artifacts are made of."""
    if not asks or outside is None:
        return Reads(named, is_all=not asks)
    told = outside.pushed(asks[:MOST_ARTIFACTS])
    pushed = [one for one in told.values() if isinstance(one, Pushed)]
    return Reads((*named, *beside((one.source for one in pushed), site)), is_all=len(pushed) == len(asks))
