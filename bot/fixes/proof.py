"""What a changed copy shows: whether the findings are gone, and whether anything else is worse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.model.cluster import Cluster, Node
from bot.model.field import Body, mapping
from bot.model.finding import Finding
from bot.model.fix import Proof
from bot.model.quote import code
from bot.model.ref import Ref
from bot.model.resource import Resource
from bot.simulate.case import Case
from bot.simulate.ownership import is_harmless, is_kept, may_prune, owners
from bot.simulate.unmade import unhashed


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen of a tree: its cases, and what the rules say of them, by fingerprint."""

    cases: Mapping[str, Case]
    findings: Mapping[str, Finding]


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a change is not offered, as a clause; ``brought`` are the findings that would be new with it.

    ``is_altered``: what moves would not be what it was.
    """

    reason: str
    brought: tuple[Finding, ...] = ()
    is_altered: bool = False


def proven(before: Sight, after: Sight, wanted: Iterable[Finding]) -> Proof | Failed:
    """The proof that a change resolves what it should and brings nothing; else what speaks against it.

    It names first what was wanted, then all else that is gone.
    """
    wanted = tuple(wanted)
    left = [one for one in wanted if one.fingerprint in after.findings]
    if left:
        return Failed(
            f"played again with it, {code(left[0].about)} is no better: {after.findings[left[0].fingerprint].message}"
        )
    along = {key: old for key, one in after.findings.items() if (old := _old_name(before, after, one))}
    if moved := next((one for one in wanted if one.fingerprint in along.values()), None):
        return Failed(f"{code(moved.about)} would only hand it on to what takes over from it")
    brought = [one for key, one in after.findings.items() if key not in before.findings and key not in along]
    if brought:
        worst = max(brought, key=lambda one: one.severity.rank)
        return Failed(f"it would bring {code(worst.rule)}: {worst.message}", tuple(brought))
    worse = next((failed for failed in _worse(before, after)), None)
    stays = {*after.findings, *along.values()}
    gone = (one.id for key, one in before.findings.items() if key not in stays)
    return worse or Proof(tuple(dict.fromkeys((*(one.id for one in wanted), *gone))))


def _old_name(before: Sight, after: Sight, finding: Finding) -> str:
    """The fingerprint that a finding had while what it is about was applied by another Kustomization, if any."""
    if finding.fingerprint in before.findings:
        return ""
    owners = {
        before.cases[root].cluster.resources[one.ref][1]
        for root in finding.clusters
        if root in before.cases and finding.about not in before.cases[root].cluster.nodes
        for one in _applied(after.cases[root].cluster, finding.about)
        if one.ref in before.cases[root].cluster.resources
    }
    alike = (key for key, one in before.findings.items() if one.about in owners and _says(one) == _says(finding))
    return next(alike, "")


def _applied(cluster: Cluster, ref: Ref) -> tuple[Resource, ...]:
    return cluster.nodes[ref].resources if ref in cluster.nodes else ()


def _says(finding: Finding) -> tuple[object, ...]:
    """What is wrong, whatever it is wrong with."""
    return (finding.rule, finding.severity, finding.when, finding.needs, finding.provider, finding.missing)


def _worse(before: Sight, after: Sight) -> Iterator[Failed]:
    """Whatever the change takes from a cluster that it had."""
    pairs = {root: (case, after.cases[root]) for root, case in before.cases.items() if root in after.cases}
    gone = sorted(before.cases.keys() - pairs.keys())
    yield from (Failed(f"the cluster {code(root)} would no longer be found") for root in gone)
    moves = any(then.cluster.nodes.keys() - case.cluster.nodes.keys() for case, then in pairs.values())
    for case, then in pairs.values():
        for ref in case.fresh.ready - then.fresh.ready:
            yield Failed(f"{code(ref)} would no longer become ready on a fresh cluster")
        for ref in case.running.ready - then.running.ready:
            yield Failed(f"{code(ref)} would no longer become ready on the running cluster")
        # Of a text that moves, Kustomizations of other clusters may make objects, too.
        for ref in vanished(case.cluster, then.cluster) if moves else ():
            yield Failed(f"{code(ref)} would no longer be applied under this name", is_altered=True)
        for ref in altered(case.cluster, then.cluster):
            yield Failed(f"{code(ref)} would be applied with another content", is_altered=True)
        for ref in deleted(case.live, case.cluster, then.cluster):
            yield Failed(f"Flux would delete {code(ref)} on the running cluster")


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
    """What a change loses that is to move objects and nothing else."""
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
        if any(is_kept(one) or is_harmless(live, one) or _is_passing(one) for one in by.values()):
            continue
        stays = {ref for ref in by.keys() & kept.get(what, {}).keys() if may_prune(live, ref, by[ref])}
        if stays and not stays & then.get(what, {}).keys():
            lost.append(what.ref)
    return tuple(sorted(lost))


def _is_passing(resource: Resource) -> bool:
    """Whether a generator gave the object a name that each change of what it holds changes: Flux prunes those daily."""
    return resource.origin.generated and unhashed(resource.ref.name) != resource.ref.name
