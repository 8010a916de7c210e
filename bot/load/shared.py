"""What the clusters of one conversation have in common, worked out once.

Base and head of a change differ in few files. All else is read, planned and
taken apart for one of them; the other takes over what must come out the same,
because what it was made of is the very same.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from bot.flux.build import Plan, plan
from bot.flux.kustomization import read_kustomization
from bot.flux.release import read_release
from bot.flux.tree import Tree
from bot.load.objects import Applied, applied
from bot.load.touch import Difference, difference
from bot.load.variables import Variables
from bot.model.ask import Rendered
from bot.model.cluster import Broken, Node, Provision, Unresolved
from bot.model.flux import Kustomization, Release
from bot.model.ref import Ref
from bot.model.resource import Resource


@dataclass(slots=True)
class _Read:
    """A release, and the objects that were looked up while it was read."""

    release: Release
    looked_up: list[tuple[Ref, Resource | None]]


@dataclass(slots=True)
class Shared:
    """Remembers as long as the conversation lasts. ``root`` is the cluster's: a Ref is unique only below one."""

    _kustomizations: dict[tuple[str, Ref], Kustomization] = field(default_factory=dict)
    _releases: dict[tuple[str, Ref], _Read] = field(default_factory=dict)
    _plans: dict[int, tuple[Kustomization, Plan]] = field(default_factory=dict)
    _applied: dict[tuple[object, ...], Applied] = field(default_factory=dict)
    _nodes: dict[tuple[str, Ref], tuple[Node, tuple[object, ...], Node]] = field(default_factory=dict)
    _differences: dict[tuple[int, int], tuple[Tree, Tree, Difference]] = field(default_factory=dict)

    def kustomization(self, root: str, resource: Resource) -> Kustomization:
        """What ``read_kustomization`` gives."""
        key = (root, resource.ref)
        known = self._kustomizations.get(key)
        if known is None or (known.resource is not resource and known.resource != resource):
            known = self._kustomizations[key] = read_kustomization(resource)
        return known

    def release(self, root: str, resource: Resource, find: Callable[[Ref], Resource | None]) -> Release:
        """What ``read_release`` gives: the same again only where it finds the same objects."""
        key = (root, resource.ref)
        known = self._releases.get(key)
        same = known and (known.release.resource is resource or known.release.resource == resource)
        if known and same and all(find(ref) == found for ref, found in known.looked_up):
            return known.release
        looked_up: list[tuple[Ref, Resource | None]] = []

        def looking(ref: Ref) -> Resource | None:
            found = find(ref)
            looked_up.append((ref, found))
            return found

        release = read_release(resource, looking)
        self._releases[key] = _Read(release, looked_up)
        return release

    def plan(self, kustomization: Kustomization, tree: Tree) -> Plan | Broken | Unresolved:
        """What ``plan`` gives: the same again for another tree that differs only in what the build does not look at."""
        key = id(kustomization)
        known = self._plans.get(key)
        if known and known[0] is kustomization and not self._difference(known[1].tree, tree).touches(*known):
            return known[1]
        planned = plan(kustomization, tree)
        if isinstance(planned, Plan):
            self._plans[key] = (kustomization, planned)
        return planned

    def applied(self, rendered: Rendered, plan: Plan, kustomization: Kustomization, variables: Variables) -> Applied:
        """What ``applied`` gives; ``rendered`` is the only answer that there is to the plan's build."""
        if plan.tree.moves:
            return applied(rendered, plan, kustomization, variables)
        added = kustomization.spec.get("commonMetadata")
        common = json.dumps(added, sort_keys=True) if isinstance(added, dict) else ""
        key = (plan.build.key, plan.root_file, common, *variables.digest)
        if key not in self._applied:
            self._applied[key] = applied(rendered, plan, kustomization, variables)
        return self._applied[key]

    def node(
        self, root: str, bare: Node, made_of: tuple[object, ...], provisions: Callable[[], tuple[Provision, ...]]
    ) -> Node:
        """A Kustomization with its provisions; the very same as in another tree where it is equal there.

        ``made_of`` is what ``provisions`` reads beside the node.
        """
        key = (root, bare.ref)
        known = self._nodes.get(key)
        if known and known[0] == bare and known[1] == made_of:
            return known[2]
        node = replace(bare, provisions=provisions())
        self._nodes[key] = (bare, made_of, node)
        return node

    def _difference(self, one: Tree, other: Tree) -> Difference:
        """What two trees differ in; the trees are kept, so that no other one takes their identity."""
        key = (id(one), id(other))
        if key not in self._differences:
            self._differences[key] = (one, other, difference(one, other))
        return self._differences[key][2]
