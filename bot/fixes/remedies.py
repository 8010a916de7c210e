"""Which rules have a fix, and who drafts it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from bot.fixes.corrections import (
    called_as_written,
    decrypted,
    in_namespace,
    listed_as_it_is,
    made_by_helm,
    migrated,
    respelled,
    sourced,
    unforced,
)
from bot.fixes.draft import Draft, Unfixable
from bot.fixes.entries import checked_again, of_own_kind, opened_cycle, opened_ring, redundant, renamed, unhidden
from bot.fixes.kept import (
    beside,
    emptied,
    handed_over,
    kept_crds,
    left_behind,
    protected,
    uninstalled,
    users_before_operator,
)
from bot.fixes.order import ordered
from bot.fixes.settings import (
    at_a_path,
    expressed,
    fully_checked,
    in_served_version,
    installed,
    longer,
    sooner,
    tried_again,
)
from bot.fixes.split import split
from bot.fixes.spot import Ground
from bot.fixes.variables import given, left_alone, spelled
from bot.model.finding import Finding

Remedy: TypeAlias = Callable[[Ground, Finding], Draft | Unfixable]
TreeRemedy: TypeAlias = Callable[[Mapping[str, Ground], Finding], Draft | Unfixable]

REMEDIES: Final[Mapping[str, Remedy]] = {
    "crd-not-ordered": ordered,
    "crd-not-awaited": ordered,
    "crd-behind-aggregate": ordered,
    "chart-needs-crd": ordered,
    "namespace-not-ordered": ordered,
    "reference-not-ordered": ordered,
    "webhook-not-ready": ordered,
    "crd-install-off": installed,
    "crd-version-not-served": in_served_version,
    "depends-on-not-found": renamed,
    "depends-on-wrong-kind": of_own_kind,
    "depends-on-cycle": opened_cycle,
    "depends-on-redundant": redundant,
    "parent-waits-for-child": redundant,
    "hidden-cycle": opened_ring,
    "wait-hides-health-checks": unhidden,
    "health-check-not-found": checked_again,
    "health-check-blind": expressed,
    "timeout-too-short": longer,
    "retry-interval-missing": sooner,
    "release-gives-up": tried_again,
    "ready-expr-weak": fully_checked,
    "path-not-found": at_a_path,
    "build-fails": listed_as_it_is,
    "flux-api-removed": migrated,
    "namespace-unset": in_namespace,
    "release-namespace-missing": made_by_helm,
    "source-not-found": sourced,
    "values-not-found": called_as_written,
    "sops-not-decrypted": decrypted,
    "object-invalid": respelled,
    "force-left-on": unforced,
    "variable-undefined": spelled,
    "variable-literal": given,
    "script-substituted": left_alone,
    "move-deletes": handed_over,
    "rename-deletes": left_behind,
    "crd-or-namespace-pruned": protected,
    "set-becomes-empty": emptied,
    "release-uninstalled": uninstalled,
    "operator-removed-first": users_before_operator,
    "immutable-field-changed": beside,
    "chart-drops-crd": kept_crds,
}
"""By rule; of the others nobody expects one."""

TREE_REMEDIES: Final[Mapping[str, TreeRemedy]] = {
    "crd-in-same-kustomization": split,
    "crd-bump-with-instances": split,
    "crd-made-by-controller": split,
    "class-not-ready": split,
    "account-in-same-kustomization": split,
}
"""Those that look at all clusters at once, because they move files that clusters share."""


def draft(grounds: Mapping[str, Ground], finding: Finding) -> Draft | Unfixable:
    """The fix of a finding in all of its clusters. Unfixable without a reason where its rule has none."""
    if finding.rule in TREE_REMEDIES:
        return TREE_REMEDIES[finding.rule](grounds, finding)
    remedy = REMEDIES.get(finding.rule)
    if remedy is None:
        return Unfixable()
    whole: Draft | None = None
    for root in finding.clusters:
        found = remedy(grounds[root], finding)
        if isinstance(found, Unfixable):
            return found
        whole = found if whole is None else merged(whole, found)
    return whole or Unfixable()


def merged(one: Draft, other: Draft) -> Draft:
    """Two drafts of one finding as one; what both change is made once when they are applied."""
    return Draft(
        one.title,
        one.kind,
        (*one.amendments, *other.amendments),
        (*one.edges, *other.edges),
        one.cost,
        one.safety,
        one.steps or other.steps,
        tuple(merged(first, second) for first, second in zip(one.instead, other.instead, strict=False)),
    )
