"""Fixes of single settings of an object: times, retries, policies, versions, paths."""

from __future__ import annotations

import difflib
import math

from bot.fixes.draft import Draft, Unfixable
from bot.fixes.spot import Ground, Written
from bot.flux.duration import spoken
from bot.knowledge.blind import BLIND
from bot.model.cluster import Node
from bot.model.field import Body, FieldPath, Value, items, text
from bot.model.finding import Finding
from bot.model.fix import Amendment, Append, FixKind, Put
from bot.model.quote import code
from bot.model.ref import Ref
from bot.rules.retry_interval_missing import slow
from bot.rules.timeout_too_short import short
from bot.simulate.served import unserved
from bot.simulate.withheld import withheld

_MANY = 10
"""Objects whose texts one fix changes at most; more are better served by one patch in what applies them."""
_MANUAL = {
    "retryInterval": ("interval", "retryInterval"),
    "install": ("interval", "chart", "chartRef", "install", "upgrade", "values"),
}
_RETRY = "2m"
_RETRIES = 3
_READY = "dep.status.conditions.filter(e, e.type == 'Ready').all(e, e.status == 'True')"
_OBSERVED = "dep.metadata.generation == dep.status.observedGeneration"


def _put(ground: Ground, ref: Ref, field: tuple[str, ...], value: Value) -> Put | Unfixable:
    own = ground.written(ref, field)
    if isinstance(own, Unfixable):
        return own
    return Put(own.spot, field, value, _order(ground, own, field))


def _order(ground: Ground, own: Written, field: tuple[str, ...]) -> tuple[str, ...]:
    """As the repository has it; where it has no such field yet, as Flux's manual orders them."""
    return ground.order(own.body, *field[:2]) or _MANUAL.get(field[1], ())


def _each(ground: Ground, refs: list[Ref], field: tuple[str, ...], value: Value) -> tuple[Amendment, ...] | Unfixable:
    """The same setting on several objects, as far as their texts can be edited."""
    if len(refs) > _MANY:
        name = code(".".join(field))
        return Unfixable(f"{len(refs):,} objects would have to change: set {name} by a patch in what applies them")
    found = [_put(ground, ref, field, value) for ref in refs]
    changes = tuple(one for one in found if isinstance(one, Put))
    return changes or next((one for one in found if isinstance(one, Unfixable)), Unfixable())


def sooner(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """``retryInterval`` on all that may lose a race."""
    del finding
    refs = [node.ref for node in slow(ground.case)]
    changes = _each(ground, refs, ("spec", "retryInterval"), _RETRY)
    if isinstance(changes, Unfixable):
        return changes
    cost = f"Flux tries what failed again after {_RETRY} instead of the interval."
    return Draft(f"Let Flux try again after {_RETRY}", FixKind.EDIT, changes, cost=cost)


def longer(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """A time-out above the longest that is waited for."""
    for (_, time), some in short(ground.case).items():
        if any(node.ref == finding.about for node, _ in some):
            length = _above(time)
            changes = _each(ground, [node.ref for node, _ in some], ("spec", "timeout"), length)
            if isinstance(changes, Unfixable):
                return changes
            cost = f"A failure is told after {length}, and a worker of Flux is busy as long."
            return Draft(f"Let {code(finding.about.name)} wait up to {length}", FixKind.EDIT, changes, cost=cost)
    return Unfixable()


def _above(time: float) -> str:
    """Some minutes more than a time in seconds."""
    more = 300 if time >= 300 else 60  # noqa: PLR2004 - five minutes
    return spoken(math.ceil((time + more) / 60) * 60)


def tried_again(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """A release that is installed again where that failed."""
    change = _put(ground, finding.about, ("spec", "install", "remediation", "retries"), _RETRIES)
    if isinstance(change, Unfixable):
        return change
    title = f"Let {code(finding.about.name)} try its installation up to {_RETRIES} times more"
    return Draft(title, FixKind.EDIT, (change,), cost="Helm uninstalls what failed between two attempts.")


def installed(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """The CRDs of a chart's ``crds`` directory are installed."""
    found = (one for one in withheld(ground.case.fresh.stage) if one.owner == finding.about)
    one = next((one for one in found if one.release == finding.provider), None)
    if one is None or not one.by_policy:
        return Unfixable("which of the chart's values install the CRDs is not known")
    change = _put(ground, one.release, ("spec", "install", "crds"), "CreateReplace")
    if isinstance(change, Unfixable):
        return change
    cost = "Where something else installed these CRDs, Helm writes them over."
    return Draft(f"Let {code(one.release.name)} install its CRDs", FixKind.EDIT, (change,), cost=cost)


def in_served_version(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """Every object of the kind in a version that is served."""
    node = ground.cluster.nodes[finding.about]
    found = (one for one in unserved(ground.cluster) if one.owner == finding.about)
    one = next((one for one in found if one.resource.ref == finding.object), None)
    if one is None:
        return Unfixable()
    version = f"{one.resource.ref.group}/{one.served[0]}" if one.resource.ref.group else one.served[0]
    changes: list[Amendment] = []
    for resource in node.resources:
        if (resource.group_kind, resource.version) == (one.resource.group_kind, one.resource.version):
            own = ground.manifest(resource, alone=False)
            if isinstance(own, Unfixable):
                return own
            if text(own.body, "apiVersion") != resource.api_version:
                return Unfixable(f"the version of {code(resource.ref)} is set elsewhere than in its manifest")
            changes.append(Put(own.spot, ("apiVersion",), version))
    cost = "Its fields are not looked at: they may have changed between the versions."
    return Draft(f"Write {code(one.resource.ref.kind)} in {code(version)}", FixKind.EDIT, tuple(changes), cost=cost)


def at_a_path(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """The directory that is written much alike."""
    node = ground.cluster.nodes[finding.about]
    path = node.kustomization.path
    directories = [directory for directory in ground.cluster.snapshot.directories if directory]
    near = difflib.get_close_matches(path, directories, n=1, cutoff=0.75)
    if path in ground.cluster.snapshot.files:
        near = [path.rpartition("/")[0]]
    own = ground.written(finding.about, ("spec", "path"))
    if not near or isinstance(own, Unfixable):
        return own if isinstance(own, Unfixable) else Unfixable("no directory has a name like it")
    raw = text(own.body, "spec", "path")
    if "$" in raw:
        return Unfixable("a variable makes the path")
    written = f"./{near[0]}" if raw.startswith("./") else near[0]
    title = f"Let {code(node.ref.name)} read {code(written)}, which is probably meant"
    return Draft(title, FixKind.EDIT, (Put(own.spot, ("spec", "path"), written),))


def fully_checked(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """A ``readyExpr`` that also asks for what Flux itself would."""
    own = ground.written(finding.about, ("spec", "dependsOn"))
    if isinstance(own, Unfixable):
        return own
    for index, entry in enumerate(items(own.body, "spec", "dependsOn")):
        if text(entry, "name") == (finding.needs.name if finding.needs else ""):
            old = text(entry, "readyExpr")
            if not old:
                break
            kept = f"({old})" if "||" in old or "?" in old else old
            parts = (kept, *([] if "conditions" in old else [_READY]), _OBSERVED)
            value = " && ".join(parts)
            title = f"Let the readyExpr of {code(finding.about.name)} ask for readiness, too"
            return Draft(title, FixKind.EDIT, (Put(own.spot, ("spec", "dependsOn", index, "readyExpr"), value),))
    return Unfixable("the entry is not found in its text")


def expressed(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """An expression that knows when a custom resource is healthy."""
    node: Node = ground.cluster.nodes[finding.about]
    found = ground.cluster.resources.get(finding.needs) if finding.needs else None
    own = ground.written(finding.about, ("spec", "healthCheckExprs"))
    if found is None or isinstance(own, Unfixable):
        return own if isinstance(own, Unfixable) else Unfixable("the object is not in the tree")
    what = found[0].group_kind
    value: Body = {"apiVersion": found[0].api_version, "kind": what.kind, "current": BLIND[what]}
    field: FieldPath = ("spec", "healthCheckExprs")
    order = ground.order(own.body, "spec", "healthCheckExprs")
    title = f"Let {code(node.ref.name)} see when {code(what.kind)} is healthy"
    cost = f"{code(node.ref.name)} is not ready before that; Flux knows such expressions since 2.5."
    return Draft(title, FixKind.WAIT_FOR, (Append(own.spot, field, value, order),), cost=cost)
