"""What a changed copy shows: whether the findings are gone, and whether anything else is worse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.model.cluster import Cluster, Node
from bot.model.field import Body, mapping
from bot.model.finding import Finding
from bot.model.fix import Proof
from bot.model.quote import code
from bot.model.ref import Ref
from bot.simulate.case import Case
from bot.simulate.ownership import is_harmless, is_kept, may_prune, owners


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen of a tree: its cases, and what the rules say of them, by fingerprint."""

    cases: Mapping[str, Case]
    findings: Mapping[str, Finding]


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a change is not offered, as a clause."""

    reason: str


def proven(before: Sight, after: Sight, wanted: Iterable[Finding]) -> Proof | Failed:
    """The proof that a change resolves what it should and brings nothing; else what speaks against it."""
    wanted = tuple(wanted)
    left = [one for one in wanted if one.fingerprint in after.findings]
    if left:
        return Failed(
            f"played again with it, {code(left[0].about)} is no better: {after.findings[left[0].fingerprint].message}"
        )
    brought = [one for key, one in after.findings.items() if key not in before.findings]
    if brought:
        worst = max(brought, key=lambda one: one.severity.rank)
        return Failed(f"it would bring {code(worst.rule)}: {worst.message}")
    worse = next((reason for reason in _worse(before, after)), None)
    if worse:
        return Failed(worse)
    return Proof(tuple(one.id for one in wanted))


def _worse(before: Sight, after: Sight) -> Iterable[str]:
    """Whatever the change takes from a cluster that it had."""
    for root, case in before.cases.items():
        then = after.cases.get(root)
        if then is None:
            yield f"the cluster {code(root)} would no longer be found"
            continue
        for ref in case.fresh.ready - then.fresh.ready:
            yield f"{code(ref)} would no longer become ready on a fresh cluster"
        for ref in case.running.ready - then.running.ready:
            yield f"{code(ref)} would no longer become ready on the running cluster"
        for ref in vanished(case.cluster, then.cluster):
            yield f"{code(ref)} would no longer be applied under this name"
        for ref in altered(case.cluster, then.cluster):
            yield f"{code(ref)} would be applied with another content"
        for ref in deleted(case.live, case.cluster, then.cluster):
            yield f"Flux would delete {code(ref)} on the running cluster"


def altered(before: Cluster, after: Cluster) -> tuple[Ref, ...]:
    """What another Kustomization applies than before, and not as it was: its settings were not carried over.

    What a Kustomization marks all of its objects with is its own.
    """
    changed: list[Ref] = []
    for ref, (resource, owner) in before.resources.items():
        now = after.resources.get(ref)
        if now and now[1] != owner:
            marks = [_marks(before.nodes[owner]), _marks(after.nodes[now[1]])]
            if _unmarked(resource.body, marks) != _unmarked(now[0].body, marks):
                changed.append(ref)
    return tuple(sorted(changed))


def vanished(before: Cluster, after: Cluster) -> tuple[Ref, ...]:
    """What a change that brings Kustomizations loses: it is to move objects and nothing else."""
    if after.nodes.keys() <= before.nodes.keys():
        return ()
    return tuple(sorted(before.resources.keys() - after.resources.keys()))


def _marks(node: Node) -> Body:
    return mapping(node.kustomization.spec, "commonMetadata")


def _unmarked(body: Body, marks: Iterable[Body]) -> Body:
    """A manifest without the labels and annotations of some ``commonMetadata``."""
    metadata = dict(mapping(body, "metadata"))
    for field in ("labels", "annotations"):
        own = {key for one in marks for key in mapping(one, field)}
        metadata[field] = {key: value for key, value in mapping(metadata, field).items() if key not in own}
    return {**body, "metadata": metadata}


def deleted(live: Cluster, without: Cluster, with_it: Cluster) -> tuple[Ref, ...]:
    """What is live, would stay without the change, and loses an owner with it: Flux deletes it, or may."""
    there, kept, then = owners(live), owners(without), owners(with_it)
    lost: list[Ref] = []
    for what, by in there.items():
        if any(is_kept(resource) or is_harmless(live, resource) for resource in by.values()):
            continue
        stays = {ref for ref in by.keys() & kept.get(what, {}).keys() if may_prune(live, ref, by[ref])}
        if stays and not stays & then.get(what, {}).keys():
            lost.append(what.ref)
    return tuple(sorted(lost))
