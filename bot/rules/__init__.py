"""The rules, one a file, in the order of the manual."""

from __future__ import annotations

from bot.rules import (
    build_fails,
    chart_drops_crd,
    chart_needs_crd,
    crd_behind_aggregate,
    crd_bump_with_instances,
    crd_in_same_kustomization,
    crd_install_off,
    crd_made_by_controller,
    crd_not_awaited,
    crd_not_ordered,
    crd_unknown,
    crd_version_not_served,
    depends_on_cycle,
    depends_on_not_found,
    depends_on_wrong_kind,
    limit_exceeded,
    move_deletes,
    namespace_not_ordered,
    owned_twice,
    path_not_found,
    rename_deletes,
)
from bot.simulate.case import Rule

RULES: tuple[Rule, ...] = (
    crd_in_same_kustomization.RULE,
    crd_made_by_controller.RULE,
    crd_not_ordered.RULE,
    crd_not_awaited.RULE,
    crd_behind_aggregate.RULE,
    crd_install_off.RULE,
    crd_unknown.RULE,
    crd_version_not_served.RULE,
    crd_bump_with_instances.RULE,
    chart_needs_crd.RULE,
    namespace_not_ordered.RULE,
    depends_on_cycle.RULE,
    depends_on_not_found.RULE,
    depends_on_wrong_kind.RULE,
    path_not_found.RULE,
    build_fails.RULE,
    limit_exceeded.RULE,
    chart_drops_crd.RULE,
    owned_twice.RULE,
    move_deletes.RULE,
    rename_deletes.RULE,
)
