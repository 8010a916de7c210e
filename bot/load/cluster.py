"""One cluster, loaded: build what Flux builds, follow the Kustomizations that appear, until nothing new does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.flux.build import Plan, plan
from bot.flux.entry import Entry
from bot.flux.kustomization import is_flux_kustomization, is_helm_release, read_kustomization
from bot.flux.release import read_release
from bot.flux.tree import Tree
from bot.load.chart import chart_question
from bot.load.objects import Applied, Replaced
from bot.load.provision import is_unread, provisions_of
from bot.load.source import Sources
from bot.load.variables import Variables, variables_of
from bot.model.ask import Answer, Answers, Ask, Conversation, Refused, Rendered
from bot.model.cluster import Break, Broken, Building, Cluster, Incomplete, Node, Output, Provided, Unresolved
from bot.model.flux import Kustomization, Release
from bot.model.ref import GroupKind, Ref
from bot.model.resource import Resource
from bot.model.snapshot import Snapshot

ROUNDS = 32
KUSTOMIZATIONS = 5000


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a cluster beside its files: settings, and what is there before Flux starts."""

    provided: Provided
    variables: Mapping[str, str] = field(default_factory=dict)
    flux: str | None = None
    branch: str | None = None


@dataclass
class _State:
    """One Kustomization while its cluster is loaded."""

    kustomization: Kustomization
    parents: list[Ref]
    planned: Plan | Broken | Unresolved | None = None
    answer: Answer | None = None
    applied: Applied | None = None
    variables: Variables | None = None


class _Loading:
    """The mutable half of a load; its owner is the generator ``load``."""

    def __init__(self, entry: Entry, snapshot: Snapshot, known: Known, replaced: Replaced) -> None:
        self.entry = entry
        self.replaced = replaced
        self.snapshot = snapshot
        self.known = known
        self.states: dict[Ref, _State] = {}
        self.sources = Sources(entry, snapshot, self, known.branch)
        self.answers: dict[str, Answer] = {}
        self._index: dict[Ref, Resource] = {}
        self.crowded = False
        self.unsettled = False

    def find(self, ref: Ref) -> Resource | None:
        return self._index.get(ref)

    def every(self, what: GroupKind) -> Iterable[Resource]:
        return [found for ref, found in self._index.items() if ref.group_kind == what]

    def define(self) -> None:
        """Take up every Kustomization that the builds so far apply; the first to apply one defines it."""
        definitions: dict[Ref, tuple[Resource, list[Ref]]] = {self.entry.sync.ref: (self.entry.sync, [])}
        for owner, state in self.states.items():
            for resource in state.applied.resources if state.applied else ():
                if is_flux_kustomization(resource.body) and resource.ref.name:
                    _, parents = definitions.setdefault(resource.ref, (resource, []))
                    if owner not in parents and owner != resource.ref:
                        parents.append(owner)
        self.crowded = len(definitions) > KUSTOMIZATIONS
        fresh: dict[Ref, _State] = {}
        for ref, (resource, parents) in list(definitions.items())[:KUSTOMIZATIONS]:
            before = self.states.get(ref)
            if before and before.kustomization.resource.body == resource.body:
                before.parents = parents
                fresh[ref] = before
            else:
                fresh[ref] = _State(read_kustomization(resource), parents)
        self.states = fresh

    def plan(self) -> list[Ask]:
        """Decide what each Kustomization builds; return the builds whose answer is not known yet."""
        asks: list[Ask] = []
        for state in self.states.values():
            if state.planned is None or isinstance(state.planned, Unresolved):
                tree = self.sources.tree(state.kustomization)
                state.planned = tree if isinstance(tree, Unresolved) else self._plan(state.kustomization, tree)
            if isinstance(state.planned, Plan) and state.answer is None:
                build = state.planned.build
                if build.key in self.answers:
                    state.answer = self.answers[build.key]
                else:
                    asks.append(build)
        return asks

    def _plan(self, kustomization: Kustomization, tree: Tree) -> Plan | Broken | Unresolved:
        """The build; in a cluster that was only guessed an absent path says that the source is another repository."""
        planned = plan(kustomization, tree)
        absent = isinstance(planned, Broken) and planned.why is Break.PATH_NOT_FOUND
        if absent and self.entry.guessed:
            return Unresolved(f"{kustomization.source} may be another repository: it has no {kustomization.path} here")
        return planned

    def hear(self, answers: Answers) -> None:
        self.answers.update(answers)
        for state in self.states.values():
            if isinstance(state.planned, Plan) and state.answer is None:
                state.answer = answers.get(state.planned.build.key)

    def apply(self) -> bool:
        """Replace variables where they or the build are new; whether anything changed."""
        changed = False
        for state in self.states.values():
            if not isinstance(state.planned, Plan) or not isinstance(state.answer, Rendered):
                continue
            variables = variables_of(state.kustomization, self.find, self.known.variables)
            if state.applied is None or state.variables is None or variables.digest != state.variables.digest:
                state.variables = variables
                state.applied = self.replaced.applied(state.answer, state.planned, state.kustomization, variables)
                changed = True
        if changed:
            self._index = {}
            for state in self.states.values():
                for resource in state.applied.resources if state.applied else ():
                    self._index.setdefault(resource.ref, resource)
        return changed


def load(entry: Entry, snapshot: Snapshot, known: Known, replaced: Replaced | None = None) -> Conversation[Cluster]:
    """The cluster that begins at an entry, loaded by asking for the builds that it consists of.

    ``replaced`` is what other loads of the same conversation have worked out already.
    """
    loading = _Loading(entry, snapshot, known, replaced or Replaced())
    for _ in range(ROUNDS):
        loading.define()
        asks = loading.plan()
        if asks:
            loading.hear((yield tuple(asks)))
        if not loading.apply() and not asks:
            break
    else:
        loading.unsettled = True
    releases = {ref: _releases(state, loading) for ref, state in loading.states.items()}
    questions = _chart_questions(releases, loading)
    charts: Answers = (yield tuple(questions.values())) if questions else {}
    rendered = {ref: charts[ask.key] for ref, ask in questions.items()}
    nodes = {ref: _node(state, releases[ref], rendered) for ref, state in loading.states.items()}
    incomplete = tuple(_incomplete(nodes, loading))
    return Cluster(entry.root, snapshot, known.flux or entry.flux, nodes, known.provided, incomplete)


def _releases(state: _State, loading: _Loading) -> tuple[Release, ...]:
    resources = state.applied.resources if state.applied else ()
    return tuple(read_release(one, loading.find) for one in resources if is_helm_release(one.body))


def _chart_questions(releases: Mapping[Ref, tuple[Release, ...]], loading: _Loading) -> dict[Ref, Ask]:
    """The charts that lie in the repository, each with the release that wants it rendered."""
    questions: dict[Ref, Ask] = {}
    for release in (release for some in releases.values() for release in some):
        source = release.chart.source if release.chart and release.chart.path else None
        if source and loading.sources.is_this_repository(source):
            question = chart_question(release, loading.snapshot)
            if question:
                questions[release.ref] = question
    return questions


def _node(state: _State, releases: tuple[Release, ...], charts: Mapping[Ref, Answer]) -> Node:
    building = _building(state)
    planned = state.planned if isinstance(state.planned, Plan) else None
    resources = building.resources if isinstance(building, Output) else ()
    rendered = {release.ref: charts[release.ref] for release in releases if release.ref in charts}
    return Node(
        kustomization=state.kustomization,
        parents=tuple(state.parents),
        building=building,
        releases=releases,
        provisions=provisions_of(
            state.kustomization.ref, resources, releases, rendered, planned.remote if planned else ()
        ),
        read=planned.read if planned else _blamed(state.planned),
        gaps=tuple(_gaps(state, planned)),
        unread=tuple(one.url for one in planned.remote if is_unread(one)) if planned else (),
    )


def _blamed(planned: object) -> frozenset[str]:
    """The one file that is known to be read of a build that cannot even be asked for."""
    return (
        frozenset({planned.path}) if isinstance(planned, Broken) and planned.why is Break.BUILD_FAILS else frozenset()
    )


def _building(state: _State) -> Building:
    match state.planned:
        case Plan() as planned:
            return _outcome(state, planned)
        case None:
            return Unresolved("it was not reached")
        case known:
            return known


def _outcome(state: _State, planned: Plan) -> Building:
    """What became of a build that was asked for."""
    if isinstance(state.answer, Refused):
        return _failed(state.answer, planned)
    if state.applied is None:
        return Unresolved("it was not built")
    if state.applied.error:
        predicted = f"post build failed: envsubst error: {state.applied.error}"
        return Broken(Break.BUILD_FAILS, state.applied.error, predicted, planned.root_file)
    return Output(state.applied.resources)


def _failed(refused: Refused, planned: Plan) -> Building:
    """A failed build is Flux's failure too, unless fluxbot took something out of it or a limit stopped it."""
    if refused.limit:
        return Unresolved(f"the build ran into its limit on {refused.limit}: {refused.message}")
    if planned.remote:
        urls = ", ".join(sorted({remote.url for remote in planned.remote}))
        return Unresolved(f"the build needs what is not in the tree: {urls}")
    return Broken(Break.BUILD_FAILS, refused.message, f"kustomize build failed: {refused.message}", planned.root_file)


def _gaps(state: _State, planned: Plan | None) -> Iterable[str]:
    for remote in planned.remote if planned else ():
        yield f"{remote.url} is not fetched"
    for name in state.variables.missing if state.variables else ():
        yield f"{name}, whose keys are variables here, is not in the tree"


def _incomplete(nodes: Mapping[Ref, Node], loading: _Loading) -> Iterable[Incomplete]:
    for ref, node in nodes.items():
        if isinstance(node.building, Unresolved):
            yield Incomplete(ref, node.building.why)
        else:
            yield from (Incomplete(ref, gap) for gap in node.gaps)
        for resource in node.resources:
            if resource.ref.kind == "ResourceSet":
                yield Incomplete(resource.ref, "what a ResourceSet generates is not expanded")
    if loading.unsettled:
        yield Incomplete(loading.entry.sync.ref, f"something new appears even after {ROUNDS} rounds: it is not read")
    if loading.crowded:
        yield Incomplete(loading.entry.sync.ref, f"more than {KUSTOMIZATIONS} Kustomizations: the rest is not read")
