"""Moves of what is live, in steps: never by a click, each a change of its own with what to check behind it."""

from __future__ import annotations

from collections.abc import Iterable

from bot.fixes.draft import Draft
from bot.fixes.leaving import Alive, Grounds
from bot.fixes.style import directories, stem_of, suffixes
from bot.model.finding import Finding
from bot.model.fix import FixKind, Safety
from bot.model.quote import code
from bot.model.ref import Ref

KEEP = "kustomize.toolkit.fluxcd.io/prune: disabled"
"""What Flux does not delete bears it, as it is live (kustomize-controller, Garbage collection)."""
_PROTECTED = r".metadata.annotations.kustomize\.toolkit\.fluxcd\.io/prune"


def staged(grounds: Grounds, found: Alive, finding: Finding) -> Draft:
    """The steps by which the objects of a finding leave their Kustomization without being deleted."""
    owner = found.leaving.owners[0]
    if not owner.node.parents:
        return _two_children(grounds, found, finding)
    going = [one.ref for one in found.leaving.resources]
    suffix = suffixes(grounds)[0]
    new = f"{stem_of(owner, owner.node)}-{suffix}"
    directory = next(directories(grounds, found.leaving, suffix), new)
    names, old, provider = named(going), code(finding.about.name), _provider(finding)
    held = sorted(set(found.live)) or going
    steps = (
        f"In a change of its own, annotate {named(held)} with {code(KEEP)}, and merge it.",
        f"Check on every cluster that the annotation is live before going on: {shown(held[0])} prints `disabled`.",
        (
            f"In a second change, move {names} into {code(directory)} and a new Kustomization {code(new)} with "
            f"`dependsOn` {old}, let {old} wait for {provider}, and merge it."
        ),
        f"Check that {tree_of(new)} lists {names}, and that nothing was made anew.",
        f"In a third change, remove the annotation; check that {code(new)} is ready.",
    )
    cost = "It costs one more Kustomization, and three changes with a reconciliation between them."
    return Draft(f"Move {names} out of {old} in three changes", FixKind.SPLIT, (), (), cost, Safety.STAGED, steps)


def _two_children(grounds: Grounds, found: Alive, finding: Finding) -> Draft:
    """The steps where a cluster's root applies both: nothing that it creates could be waited for by it."""
    going = [one.ref for one in found.leaving.resources]
    names, old, provider = named(going), code(finding.about.name), _provider(finding)
    first = finding.provider.name if finding.provider else "provider"
    second = f"{first}-{suffixes(grounds)[0]}"
    held = [*([finding.provider] if finding.provider else going), *sorted(found.live)]
    steps = (
        (
            f"In a change of its own, annotate {named(held)}, and the source and namespace of {provider} if {old} "
            f"applies them, with {code(KEEP)}, and merge it."
        ),
        f"Check on every cluster that the annotations are live before going on: {shown(held[0])} prints `disabled`.",
        (
            f"In a second change, move {provider} with its source into a new Kustomization {code(first)} with "
            f"`wait: true`, and {names} into {code(second)} with `dependsOn` {code(first)}; {old} creates both and "
            "waits for neither."
        ),
        f"Check that {tree_of(first)} and {tree_of(second)} list them, and that nothing was made anew.",
        "In a third change, remove the annotations.",
    )
    cost = "It costs two more Kustomizations, and three changes with a reconciliation between them."
    title = f"Move {provider} and {names} out of {old}, the root, in three changes"
    return Draft(title, FixKind.SPLIT, (), (), cost, Safety.STAGED, steps)


def named(refs: Iterable[Ref]) -> str:
    return ", ".join(code(one) for one in refs)


def _provider(finding: Finding) -> str:
    return code(finding.provider) if finding.provider else "what brings the kind"


def upgraded_first(finding: Finding) -> Draft:
    """The steps by which what is live goes to a version that comes with its provider: nothing has to move."""
    provider = code(finding.provider) if finding.provider else "what brings the kind"
    missing = finding.missing
    version = code(missing.version) if missing else "the new version"
    crd = f"kubectl get {missing.what.kind.lower()}.{missing.version}.{missing.what.group}" if missing else ""
    steps = (
        f"In a change of its own, upgrade {provider} and leave {code(finding.object or finding.about)} as it is.",
        f"Check on every cluster that {provider} is ready and serves {version}: {code(crd)} finds the kind.",
        f"In a second change, write {code(finding.object or finding.about)} in {version}.",
    )
    return Draft(
        title=f"Upgrade {provider} in a change of its own first",
        kind=FixKind.SPLIT,
        safety=Safety.STAGED,
        steps=steps,
        cost="It costs two changes with a reconciliation between them, and no Kustomization.",
    )


def tree_of(kustomization: str) -> str:
    """The command that lists what a Kustomization applied."""
    return code(f"flux tree kustomization {kustomization}")


def shown(ref: Ref, field: str = _PROTECTED) -> str:
    """The command that shows a field of an object that lives, a JSONPath; the annotation unless another is given."""
    return code(f"kubectl get {in_kubectl(ref)} --output jsonpath='{{{field}}}'")


def in_kubectl(ref: Ref) -> str:
    """An object as the arguments of kubectl that name it."""
    where = f" --namespace {ref.namespace}" if ref.namespace else ""
    kind = f"{ref.kind.lower()}.{ref.group}" if ref.group else ref.kind.lower()
    return f"{kind} {ref.name}{where}"
