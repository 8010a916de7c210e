"""The ways, in steps, to changes that would delete what lives: none is a click, each step has what to check behind it.

The steps are those of Flux's own manual (FAQ, How can I safely move resources): what protects an object is read
from the object as it lives, so it has to be there before the change that would delete it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.fixes.draft import Draft, Unfixable
from bot.fixes.spot import Ground
from bot.fixes.staged import KEEP, in_kubectl, named, shown, tree_of
from bot.knowledge.kinds import namespaced
from bot.model.finding import Finding
from bot.model.fix import FixKind, Safety
from bot.model.quote import code
from bot.model.ref import HELM, GroupKind, Ref
from bot.simulate.dropped import dropped
from bot.simulate.pruned import helm_identity, instances, pruned
from bot.simulate.transfer import Transfer, transfers
from bot.simulate.unset import minor_of

_ORPHAN_SINCE = (2, 5)
"""``spec.deletionPolicy`` of a Kustomization (kustomize-controller 1.5, CHANGELOG)."""
_THREE = "It costs three changes with a reconciliation between them."
_TWO = "It costs two changes with a reconciliation between them."
_MOST = 3


def handed_over(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """Objects go to another Kustomization while nobody deletes them."""
    transfer = _transfer(ground, finding.about, finding.needs)
    if transfer is None:
        return Unfixable()
    going = [one.ref for one in transfer.objects]
    names, old, new = _some(going), code(transfer.old.name), code(transfer.new.name)
    steps = (
        *_protected(going, f"in the place where {old} applies {_them(going)} today"),
        f"In a second change, move {_them(going)} to {new} as it is done here, and keep the annotation.",
        f"Check that {tree_of(transfer.new.name)} lists {names}, and that nothing was made anew.",
        "In a third change, take the annotation away.",
    )
    return _staged(f"Move {names} from {old} to {new} in three changes", steps, _THREE)


def _transfer(ground: Ground, old: Ref, new: Ref | None) -> Transfer | None:
    return next((one for one in transfers(ground.case) if (one.old, one.new) == (old, new)), None)


def left_behind(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """A Kustomization goes under another name or to another parent and leaves what it applied where it is."""
    transfer = _transfer(ground, finding.needs, finding.about) if finding.needs else None
    if transfer is None:
        return Unfixable()
    going = [transfer.old] if transfer.gone else [one.ref for one in transfer.kustomizations]
    flux = ground.cluster.flux
    field, value = ("deletionPolicy", "Orphan")
    if flux and minor_of(flux) < _ORPHAN_SINCE:
        field, value = ("prune", "false")
    done = "which lists all that the old one applied" if transfer.gone else "and that nothing was made anew"
    steps = (
        f"In a change of its own, set {code(f'{field}: {value}')} in {_some(going)}, and merge it.",
        (
            "Check on every cluster that it is live before going on: "
            f"{shown(going[0], f'.spec.{field}')} prints {code(value)}."
        ),
        "In a second change, make this one, without the setting where the new one is to delete what it drops.",
        f"Check {tree_of(transfer.new.name)}, {done}.",
    )
    return _staged(f"Let go of {_some(going)} in two changes", steps, _TWO)


def protected(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """A Namespace, CRD or claim stays in the cluster, with whoever still needs it if there is one."""
    gone = next((one for one in pruned(ground.case) if one.resource.ref == finding.needs), None)
    if gone is None:
        return Unfixable()
    what = gone.resource.ref
    user = ground.cluster.resources.get(finding.object) if finding.object else None
    if user and user[1] == gone.owner:
        return Unfixable()  # what needs it is applied beside it: it has to stay where it is
    first = _protected([what], f"in the place where {code(gone.owner.name)} applies it today")
    if user is None:
        last = "In a second change, make this one: the object stays, and Flux knows nothing of it any more."
        return _staged(f"Keep {code(what)} in two changes", (*first, last), _TWO)
    new = user[1].name
    steps = (
        *first,
        (
            f"In a second change, let {code(new)} apply it, which applies {code(user[0].ref)}, and take it out of "
            f"{code(gone.owner.name)}; keep the annotation."
        ),
        f"Check that {tree_of(new)} lists it.",
        "In a third change, take the annotation away.",
    )
    return _staged(f"Hand {code(what)} to {code(new)} in three changes", steps, _THREE)


def emptied(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """What a Kustomization applied stays in the cluster although the Kustomization applies nothing any more."""
    going = [one.resource.ref for one in pruned(ground.case) if one.owner == finding.about]
    if not going:
        return Unfixable()
    steps = (
        *_protected(going, f"in the place where {code(finding.about.name)} applies {_them(going)} today"),
        "In a second change, make this one: what is annotated stays, and Flux knows nothing of it any more.",
    )
    return _staged(f"Keep {_some(going)} in two changes", steps, _TWO)


def uninstalled(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """A release is taken over under its new name, or goes when nothing needs it any more."""
    base = ground.case.base
    if base is None or finding.object is None:
        return Unfixable()
    if finding.object.group_kind != GroupKind(HELM, "HelmRelease"):
        users = [one.ref for one in instances(ground.cluster, finding.object.group_kind)]
        return _removed_first(users, "the release as it is done here")
    if finding.object == finding.about:
        return _kept_by_helm(finding.about)
    new = finding.object
    gone = [one.resource.ref for one in pruned(ground.case) if one.resource.ref in base.releases]
    olds = [base.releases[ref][0] for ref in gone if ref != new]
    after = ground.cluster.releases[new][0]
    chart = after.chart.name if after.chart else ""
    old = next((one for one in olds if one.chart and one.chart.name == chart), None)
    if old is None:
        return Unfixable()
    called, where, _ = helm_identity(old)
    steps = (
        f"In a change of its own, set `suspend: true` in {code(old.ref)}, and merge it.",
        f"Check on every cluster that it is live before going on: {shown(old.ref, '.spec.suspend')} prints `true`.",
        (
            f"In a second change, make this one with {code(f'releaseName: {called}')} in {code(new)}, so that Helm "
            "knows it again: helm-controller does not uninstall a release whose HelmRelease goes while suspended."
        ),
        f"Check that {code(f'helm history {called} --namespace {where}')} goes on where it was.",
    )
    return _staged(f"Let {code(new)} take over what {code(old.ref)} installed, in two changes", steps, _TWO)


def _kept_by_helm(release: Ref) -> Draft:
    steps = (
        (
            f"In a change of its own, give what must outlive {code(release)} the annotation "
            "`helm.sh/resource-policy: keep`, by the values of its chart or by a post-renderer, and merge it."
        ),
        "Check on every cluster that the annotation is live on each of them before going on, and make a backup.",
        "In a second change, make this one: Helm leaves behind what is annotated.",
        f"Check that {code(release)} is ready, and that what was left behind is in use.",
    )
    return _staged(f"Keep what {code(release)} holds, in two changes", steps, _TWO)


def users_before_operator(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """Custom resources go first, what looks after them when they are gone."""
    base = ground.case.base
    if base is None or finding.needs is None:
        return Unfixable()
    kinds = [one.what for node in base.nodes.values() for one in node.provisions if one.by == finding.needs]
    gone = sorted(one.resource.ref for one in pruned(ground.case) if one.resource.group_kind in kinds)
    return _removed_first(gone, code(finding.needs)) if gone else Unfixable()


def _removed_first(users: Sequence[Ref], provider: str) -> Draft:
    kinds = sorted({one.group_kind for one in users})
    asked = ",".join(f"{kind.kind.lower()}.{kind.group}" for kind in kinds)
    steps = (
        f"In a change of its own, remove {_some(users)}, and merge it.",
        (
            "Check on every cluster that nothing of the kind is left before going on: "
            f"{code(f'kubectl get {asked} --all-namespaces')} finds none."
        ),
        f"In a second change, remove {provider}.",
    )
    return _staged(f"Remove {_some(users)} first, in two changes", steps, _TWO)


def beside(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """An object whose fields cannot be changed comes under another name before the old one goes."""
    what = finding.object
    if what is None:
        return Unfixable()
    release = ground.cluster.releases.get(finding.about)
    if release:
        is_inside = namespaced(what.group_kind) is not False and not what.namespace
        return _deleted_by_hand(finding.about, what, release[0].target_namespace if is_inside else what.namespace)
    steps = (
        f"In a change of its own, leave {code(what)} as it is and add the new one beside it under another name.",
        "Check on every cluster that the new one is ready; what the old one stores has to be copied by hand.",
        f"In a second change, let what uses {code(what)} use the new one, and remove it.",
    )
    return _staged(f"Replace {code(what)} in two changes", steps, _TWO)


def _deleted_by_hand(release: Ref, what: Ref, namespace: str) -> Draft:
    """What hangs on an object that is deleted like this, its pods and volumes, stays."""
    target = in_kubectl(Ref(what.group, what.kind, namespace, what.name))
    steps = (
        (
            f"On every cluster, delete it and leave what hangs on it: "
            f"{code(f'kubectl delete {target} --cascade=orphan')}. Helm makes it again only when "
            "something of the release changes, or where drift detection is on."
        ),
        "Merge this change at once, so that Helm makes the object anew.",
        f"Check that {code(release)} is ready, and remove the pods that the new object did not take over.",
    )
    return _staged(f"Delete {code(what)} by hand, then merge", steps, "It costs a step by hand on every cluster.")


def kept_crds(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """CRDs that a chart drops stay in the cluster."""
    found = next((one for one in dropped(ground.case) if one.release.ref == finding.about), None)
    if found is None:
        return Unfixable()
    release, kinds = code(found.release.ref), ", ".join(map(code, found.kinds[:_MOST]))
    more = f" and {len(found.kinds) - _MOST:,} more" if len(found.kinds) > _MOST else ""
    columns = r"custom-columns=NAME:.metadata.name,POLICY:.metadata.annotations.helm\.sh/resource-policy"
    steps = (
        (
            f"In a change of its own, give the CRDs of {kinds}{more} the annotation `helm.sh/resource-policy: keep`, "
            f"by the values of the chart of {release} or by a post-renderer, and merge it."
        ),
        (
            "Check on every cluster that the annotation is live before going on: "
            f"{code(f'kubectl get customresourcedefinitions --output {columns}')} prints `keep` for each."
        ),
        "In a second change, make this one: Helm leaves the CRDs behind.",
        "Check that the CRDs are there, and that something updates them from now on.",
    )
    return _staged(f"Keep the CRDs of {kinds}{more} in two changes", steps, _TWO)


def _protected(going: Sequence[Ref], where: str) -> tuple[str, str]:
    return (
        f"In a change of its own, annotate {_some(going)} with {code(KEEP)} {where}, and merge it.",
        f"Check on every cluster that the annotation is live before going on: {shown(going[0])} prints `disabled`.",
    )


def _some(refs: Iterable[Ref]) -> str:
    """The first objects by name, the others by number."""
    every = list(refs)
    more = len(every) - _MOST
    return named(every[:_MOST]) + (f" and {more:,} more" if more > 0 else "")


def _them(refs: Sequence[Ref]) -> str:
    return "them" if len(refs) > 1 else "it"


def _staged(title: str, steps: tuple[str, ...], cost: str) -> Draft:
    return Draft(title=title, kind=FixKind.EDIT, safety=Safety.STAGED, steps=steps, cost=cost)
