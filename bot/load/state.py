"""One Kustomization while its cluster is loaded, and what became of its build."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from bot.flux.build import Plan
from bot.flux.resource_set import Expansion
from bot.load.objects import Applied, expanded, size_of
from bot.load.provision import is_unread
from bot.load.variables import Variables
from bot.model.ask import Build, Refused, Render, Rendered, Reply
from bot.model.cluster import Break, Broken, Building, Output, Unresolved
from bot.model.flux import Kustomization
from bot.model.limits import Exceeded
from bot.model.quote import code
from bot.model.ref import Ref


@dataclass
class State:
    """``depth`` is how many Kustomizations lead to it; ``left_out``: the cluster has too many objects without it.

    ``expansion`` is set where a ResourceSet stands in the place of a Kustomization: nothing is planned then.
    """

    kustomization: Kustomization
    parents: list[Ref]
    depth: int = 0
    planned: Plan | Broken | Unresolved | None = None
    answer: Reply | None = None
    partial: Plan | Broken | Unresolved | None = None
    """The build without what cannot be read, where the whole one fails."""
    applied: Applied | None = None
    variables: Variables | None = None
    left_out: bool = False
    expansion: Expansion | None = None

    @property
    def question(self) -> Build | Render | None:
        """What has to be asked for before it is known what it applies."""
        if self.expansion:
            return self.expansion.render
        return self.planned.build if isinstance(self.planned, Plan) else None

    def expand(self, left: int) -> bool:
        """Take up what a ResourceSet generates, unless that is more than ``left`` objects; whether that is new."""
        if self.expansion is None or self.applied is not None or not isinstance(self.answer, Rendered):
            return False
        self.left_out = size_of(self.answer) > left
        self.applied = None if self.left_out else expanded(self.answer, self.expansion)
        return self.applied is not None


def blamed(planned: object) -> frozenset[str]:
    """The one file that is known to be read of a build that cannot even be asked for."""
    if isinstance(planned, Unresolved) and planned.exceeded and planned.exceeded.path:
        return frozenset({planned.exceeded.path})
    if isinstance(planned, Broken) and planned.why is Break.BUILD_FAILS:
        return frozenset({planned.path})
    return frozenset()


def building(state: State) -> Building:
    if state.expansion:
        return _expanded(state, state.expansion)
    match state.planned:
        case Plan() as planned:
            return _outcome(state, planned)
        case None:
            return Unresolved("it was not reached")
        case Broken() as broken:
            return _with_rest(broken, state)
        case known:
            return known


def _expanded(state: State, expansion: Expansion) -> Building:
    """What became of a ResourceSet. What Helm makes of its templates otherwise than the operator is not its failure."""
    ref = expansion.kustomization.ref
    if expansion.why:
        return Unresolved(f"what {code(ref)} generates is not known: {expansion.why}")
    if isinstance(state.answer, Refused):
        return Unresolved(f"what {code(ref)} generates is not known: {state.answer.message}")
    if state.left_out or state.applied is None:
        return Unresolved("the cluster has too many objects without it" if state.left_out else "it was not expanded")
    return Output(state.applied.resources)


def _outcome(state: State, planned: Plan) -> Building:
    """What became of a build that was asked for."""
    if isinstance(state.answer, Refused):
        absent = state.partial.absent if isinstance(state.partial, Plan) else ()
        failed = _failed(state.kustomization.ref, state.answer, planned, absent)
        return _with_rest(failed, state) if isinstance(failed, Broken) else failed
    if state.left_out:
        return Unresolved("the cluster has too many objects without it")
    if state.applied is None:
        return Unresolved("it was not built")
    if state.applied.exceeded:
        return Unresolved(state.applied.exceeded.reason, state.applied.exceeded)
    if state.applied.error:
        predicted = f"post build failed: envsubst error: {state.applied.error}"
        return _with_rest(Broken(Break.BUILD_FAILS, state.applied.error, predicted, planned.root_file), state)
    return Output(state.applied.resources)


def _with_rest(broken: Broken, state: State) -> Broken:
    """A failed build with the objects that would come once it is mended, as far as they are known."""
    known = state.applied is not None and not state.left_out and not state.applied.exceeded
    return replace(broken, resources=state.applied.resources if state.applied and known else ())


def _failed(ref: Ref, refused: Refused, planned: Plan, absent: tuple[str, ...]) -> Building:
    """A failed build is Flux's failure too, unless a limit stopped it or fluxbot took out what may have mattered.

    Where a file of the tree is ``absent`` it fails whatever was taken out.
    """
    if refused.limit:
        exceeded = Exceeded(refused.limit, f"the build of {code(ref)} ran into its limit on {refused.limit}")
        return Unresolved(f"the build ran into its limit on {refused.limit}: {refused.message}", exceeded)
    if planned.remote and not absent:
        urls = ", ".join(sorted({remote.url for remote in planned.remote}))
        return Unresolved(f"the build needs what is not in the tree: {urls}")
    return Broken(Break.BUILD_FAILS, refused.message, f"kustomize build failed: {refused.message}", planned.root_file)


def unread(planned: Plan | None, partial: Plan | Broken | Unresolved | None) -> Iterator[str]:
    """The addresses and the names of files of which nobody knows what they hold."""
    yield from (one.url for one in planned.remote if is_unread(one)) if planned else ()
    yield from partial.absent if isinstance(partial, Plan) else ()


def gaps(state: State, planned: Plan | None) -> Iterable[str]:
    for remote in planned.remote if planned else ():
        yield f"{remote.url} is not fetched"
    for name in state.variables.missing if state.variables else ():
        yield f"{name}, whose keys are variables here, is not in the tree"
