"""One cluster, loaded: build what Flux builds, follow the Kustomizations that appear, until nothing new does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.flux.build import Plan, plan
from bot.flux.entry import Entry
from bot.flux.kustomization import is_flux_kustomization, is_helm_release
from bot.flux.place import place
from bot.flux.resource_set import Expansion, expansions, is_resource_set
from bot.flux.tree import Tree
from bot.load.chart import Charts, charts
from bot.load.objects import size_of
from bot.load.provision import provisions_of
from bot.load.shared import Shared
from bot.load.source import Sources
from bot.load.state import State, blamed, building, gaps, unread
from bot.load.synced import begun, synced
from bot.load.variables import variables_of
from bot.model.ask import Answers, Ask, Conversation, Refused, Rendered, Reply
from bot.model.cluster import Break, Broken, Cluster, Incomplete, Node, Provided, Unresolved
from bot.model.flux import Kustomization, Release
from bot.model.limits import Exceeded
from bot.model.quote import code
from bot.model.ref import GroupKind, Ref
from bot.model.resource import Resource
from bot.model.snapshot import Snapshot

_ROUNDS = 32
"""Rounds that variables may take to settle, beside those that nesting takes."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a cluster beside its files: settings, and what is there before Flux starts.

    ``fetches`` is whether charts of other places may be asked for.
    """

    provided: Provided
    variables: Mapping[str, str] = field(default_factory=dict)
    flux: str | None = None
    branch: str | None = None
    fetches: bool = False


class _Loading:
    """The mutable half of a load; its owner is the generator ``load``."""

    def __init__(self, entry: Entry, snapshot: Snapshot, known: Known, shared: Shared) -> None:
        self.entry = entry
        self.shared = shared
        self.snapshot = snapshot
        self.known = known
        self.states: dict[Ref, State] = {}
        self.sources = Sources(entry, snapshot, self, known.branch)
        self.answers: dict[str, Reply] = {}
        self._index: dict[Ref, Resource] = {}
        self._sizes: dict[str, int] = {}
        self._limits = snapshot.limits
        self.exceeded: dict[str, Exceeded] = {}

    def find(self, ref: Ref) -> Resource | None:
        return self._index.get(ref)

    def every(self, what: GroupKind) -> Iterable[Resource]:
        return [found for ref, found in self._index.items() if ref.group_kind == what]

    def define(self) -> None:
        """Take up every Kustomization that the builds so far apply; the first to apply one defines it."""
        self.exceeded = {}
        fresh: dict[Ref, State] = {}
        for ref, (defined, parents, depth) in self._definitions().items():
            resource = defined.kustomization.resource if isinstance(defined, Expansion) else defined
            if not self._admits(resource, len(fresh), depth):
                continue
            state = self._state(ref, defined, parents)
            state.parents, state.depth = parents, depth
            fresh[ref] = state
        self.states = fresh

    def _state(self, ref: Ref, defined: Resource | Expansion, parents: list[Ref]) -> State:
        """What is known of a Kustomization already, if it is still the same."""
        known = self.states.get(ref)
        if isinstance(defined, Expansion):
            is_same = known is not None and known.expansion == defined
            return known if known and is_same else State(defined.kustomization, parents, expansion=defined)
        if known is None or known.kustomization.resource.body != defined.body:
            return State(self.shared.kustomization(self.entry.root, defined), parents)
        return known

    def _definitions(self) -> dict[Ref, tuple[Resource | Expansion, list[Ref], int]]:
        """Each Kustomization and ResourceSet with those that apply it, and how many lead to it."""
        found: dict[Ref, tuple[Resource | Expansion, list[Ref], int]] = {self.entry.sync.ref: (self.entry.sync, [], 0)}
        for owner, state in self.states.items():
            for resource in state.applied.defining if state.applied else ():
                for ref, defined in self._defined(resource):
                    if ref == owner == self.entry.sync.ref and isinstance(defined, Resource):
                        found[ref] = (begun(self.entry, defined), [], 0)
                    _, parents, _ = found.setdefault(ref, (defined, [], state.depth + 1))
                    if owner != ref and (not parents or parents[-1] != owner):
                        parents.append(owner)
        return found

    def _defined(self, resource: Resource) -> Iterable[tuple[Ref, Resource | Expansion]]:
        """What an object says is to be applied: a Kustomization by itself, a ResourceSet step by step."""
        if not resource.ref.name:
            return
        if resource.ref.kind == "Kustomization" and is_flux_kustomization(resource.body):
            yield resource.ref, resource
        elif resource.ref.kind == "ResourceSet" and is_resource_set(resource.body):
            yield from ((one.kustomization.ref, one) for one in expansions(resource, self.find))

    def _admits(self, resource: Resource, taken: int, depth: int) -> bool:
        """Whether one more Kustomization is read; the first that is not is what is said."""
        most, deepest = self._limits.kustomizations, self._limits.nesting
        if depth > deepest:
            self.note(
                "nesting",
                resource,
                f"{code(resource.ref)} is applied {depth:,} Kustomizations deep, and {deepest:,} are read",
            )
        elif taken >= most:
            reason = f"{code(resource.ref)} comes after {most:,} other Kustomizations, and no more are read"
            self.note("kustomizations", resource, reason)
        return depth <= deepest and taken < most

    def note(self, limit: str, resource: Resource, reason: str) -> None:
        """Something that passes a limit of the whole cluster; of those that pass the same one the first."""
        if limit not in self.exceeded:
            span = place(self.snapshot, resource)
            self.exceeded[limit] = Exceeded(limit, reason, span.path, span.line, resource.ref)

    def plan(self) -> list[Ask]:
        """Decide what each Kustomization builds; return the builds whose answer is not known yet."""
        asks: list[Ask] = []
        for state in self.states.values():
            if not state.expansion and (state.planned is None or isinstance(state.planned, Unresolved)):
                tree = self.sources.tree(state.kustomization)
                state.planned = tree if isinstance(tree, Unresolved) else self._plan(state.kustomization, tree)
            if state.answer is None and (question := state.question):
                state.answer = self.answers.get(question.key)
                asks += [] if state.answer else [question]
            asks += self._plan_partial(state)
        return asks

    def _plan_partial(self, state: State) -> list[Ask]:
        """The build of what is left of one that fails, so that what is wrong there is said at once."""
        broken = isinstance(state.planned, Broken) and state.planned.why is Break.BUILD_FAILS
        refused = isinstance(state.answer, Refused) and not state.answer.limit
        if state.partial is not None or not (broken or refused):
            return []
        tree = self.sources.tree(state.kustomization)
        state.partial = tree if isinstance(tree, Unresolved) else plan(state.kustomization, tree, partial=True)
        return [state.partial.build] if isinstance(state.partial, Plan) else []

    def _plan(self, kustomization: Kustomization, tree: Tree) -> Plan | Broken | Unresolved:
        """The build; in a cluster that was only guessed an absent path says that the source is another repository."""
        planned = self.shared.plan(kustomization, tree)
        absent = isinstance(planned, Broken) and planned.why is Break.PATH_NOT_FOUND
        if absent and self.entry.guessed:
            return Unresolved(f"{kustomization.source} may be another repository: it has no {kustomization.path} here")
        return planned

    def hear(self, answers: Answers) -> None:
        self.answers.update(answers)
        for state in self.states.values():
            if state.answer is None and state.question:
                state.answer = answers.get(state.question.key)

    def apply(self) -> bool:
        """Replace variables where they or the build are new; whether anything changed."""
        changed = False
        left = self._limits.objects
        for state in self.states.values():
            if state.expansion:
                changed |= state.expand(left)
                left -= len(state.applied.resources) if state.applied else 0
                continue
            built = self._built(state)
            if built is None:
                continue
            known, state.left_out = state.applied, self._size(*built) > left
            if state.left_out:
                self._leave_out(state)
                changed |= known is not None
                continue
            variables = variables_of(state.kustomization, self.find, self.known.variables)
            if known is None or state.variables is None or variables.digest != state.variables.digest:
                state.variables = variables
                known = self.shared.applied(*built, state.kustomization, variables)
                state.applied = known
                changed = True
            left -= len(known.resources)
        if changed:
            self._index = {}
            for state in self.states.values():
                for resource in state.applied.resources if state.applied else ():
                    self._index.setdefault(resource.ref, resource)
        return changed

    def _size(self, rendered: Rendered, planned: Plan) -> int:
        key = planned.build.key
        if key not in self._sizes:
            self._sizes[key] = size_of(rendered)
        return self._sizes[key]

    def _leave_out(self, state: State) -> None:
        """Forget what a Kustomization applies."""
        resource = state.kustomization.resource
        reason = f"with {code(resource.ref)} there are more than {self._limits.objects:,} objects, and no more are read"
        self.note("objects", resource, reason)
        state.applied = None

    def _built(self, state: State) -> tuple[Rendered, Plan] | None:
        """The build that worked: the whole one, or what is left of it."""
        if isinstance(state.planned, Plan) and isinstance(state.answer, Rendered):
            return state.answer, state.planned
        answer = self.answers.get(state.partial.build.key) if isinstance(state.partial, Plan) else None
        return (answer, state.partial) if isinstance(state.partial, Plan) and isinstance(answer, Rendered) else None


def load(entry: Entry, snapshot: Snapshot, known: Known, shared: Shared | None = None) -> Conversation[Cluster]:
    """The cluster that begins at an entry, loaded by asking for the builds that it consists of.

    ``shared`` is what other loads of the same conversation have worked out already.
    """
    entry, unpatched = yield from synced(entry)
    loading = _Loading(entry, snapshot, known, shared or Shared())
    rounds = snapshot.limits.nesting + _ROUNDS
    for _ in range(rounds):
        loading.define()
        asks = loading.plan()
        if asks:
            loading.hear((yield tuple(asks)))
        if not loading.apply() and not asks:
            break
    else:
        reason = f"something new appears even after {rounds:,} rounds of building"
        loading.note("nesting", entry.sync, reason)
    releases = {ref: _releases(state, loading) for ref, state in loading.states.items()}
    every = [release for some in releases.values() for release in some]
    found = yield from charts(every, snapshot, loading.sources.is_this_repository, fetches=known.fetches)
    nodes = {ref: _node(state, releases[ref], found, loading) for ref, state in loading.states.items()}
    incomplete = (*unpatched, *_incomplete(nodes, loading), *found.failed)
    return Cluster(entry.root, snapshot, known.flux or entry.flux, nodes, known.provided, incomplete)


def _releases(state: State, loading: _Loading) -> tuple[Release, ...]:
    resources = state.applied.defining if state.applied else ()
    shared, root = loading.shared, loading.entry.root
    found = (one for one in resources if one.ref.kind == "HelmRelease" and is_helm_release(one.body))
    return tuple(shared.release(root, one, loading.find) for one in found)


def _node(state: State, releases: tuple[Release, ...], found: Charts, loading: _Loading) -> Node:
    became = building(state)
    planned = state.planned if isinstance(state.planned, Plan) else None
    remote = planned.remote if planned else ()
    bare = Node(
        kustomization=state.kustomization,
        parents=tuple(state.parents),
        building=became,
        releases=releases,
        read=planned.read if planned else blamed(state.planned),
        gaps=tuple(gaps(state, planned)),
        unread=tuple(unread(planned, state.partial)),
        charts={release.ref: chart for release in releases if (chart := found.bound(release.ref))},
        gated={release.ref: some for release in releases if (some := found.gated.get(release.ref))},
        unset=state.applied.unset if state.applied else (),
    )
    made_of = (remote, tuple(found.rendered.get(release.ref) for release in releases))
    return loading.shared.node(
        loading.entry.root,
        bare,
        made_of,
        lambda: provisions_of(bare.ref, bare.resources, releases, found.rendered, remote),
    )


def _incomplete(nodes: Mapping[Ref, Node], loading: _Loading) -> Iterable[Incomplete]:
    for ref, node in nodes.items():
        if isinstance(node.building, Unresolved):
            yield Incomplete(ref, node.building.why, node.building.exceeded)
        else:
            yield from (Incomplete(ref, gap) for gap in node.gaps)
    for exceeded in loading.exceeded.values():
        yield Incomplete(loading.entry.sync.ref, exceeded.reason, exceeded)
