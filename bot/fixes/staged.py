"""Moves of what is live, in steps: never by a click, each a change of its own with what to check behind it."""

from __future__ import annotations

from bot.fixes.draft import Draft
from bot.fixes.leaving import Alive
from bot.model.finding import Finding
from bot.model.fix import FixKind, Safety
from bot.model.quote import code
from bot.model.ref import Ref

_KEEP = "kustomize.toolkit.fluxcd.io/prune: disabled"


def staged(found: Alive, finding: Finding) -> Draft:
    """The steps by which the objects of a finding leave their Kustomization without being deleted."""
    going = [one.ref for one in found.leaving.resources]
    names = ", ".join(code(one) for one in going)
    old = finding.about.name
    new = f"{old}-config"
    provider = code(finding.provider) if finding.provider else "what brings the kind"
    steps = (
        f"In a change of its own, annotate {names} with `{_KEEP}`, and merge it.",
        f"Check on every cluster that the annotation is live before going on: {_shown(going[0])} prints `disabled`.",
        (
            f"In a second change, move the files into a new Kustomization {code(new)} with `dependsOn` {code(old)}, "
            f"let {code(old)} wait for {provider}, and merge it."
        ),
        f"Check that `flux tree kustomization {new}` lists {names}, and that none of them was made anew.",
        f"In a third change, remove the annotation; check that {code(new)} is ready.",
    )
    return Draft(
        title=f"Move {names} out of {code(old)} in three changes",
        kind=FixKind.SPLIT,
        safety=Safety.STAGED,
        steps=steps,
        cost="It costs one more Kustomization, and three changes with a reconciliation between them.",
    )


def upgraded_first(finding: Finding) -> Draft:
    """The steps by which what is live goes to a version that comes with its provider: nothing has to move."""
    provider = code(finding.provider) if finding.provider else "what brings the kind"
    missing = finding.missing
    version = code(missing.version) if missing else "the new version"
    crd = f"kubectl get {missing.what.kind.lower()}.{missing.version}.{missing.what.group}" if missing else ""
    steps = (
        f"In a change of its own, upgrade {provider} and leave {code(finding.object or finding.about)} as it is.",
        f"Check on every cluster that {provider} is ready and serves {version}: `{crd}` finds the kind.",
        f"In a second change, write {code(finding.object or finding.about)} in {version}.",
    )
    return Draft(
        title=f"Upgrade {provider} in a change of its own first",
        kind=FixKind.SPLIT,
        safety=Safety.STAGED,
        steps=steps,
        cost="It costs two changes with a reconciliation between them, and no Kustomization.",
    )


def _shown(ref: Ref) -> str:
    """The command that shows the annotation of an object that lives."""
    where = f" --namespace {ref.namespace}" if ref.namespace else ""
    path = r"{.metadata.annotations.kustomize\.toolkit\.fluxcd\.io/prune}"
    return f"`kubectl get {ref.kind.lower()}.{ref.group} {ref.name}{where} --output jsonpath='{path}'`"
