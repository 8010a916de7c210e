"""What an object waits for and why, in words: the same chain of reasons that the verdicts come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from bot.model.cluster import Broken, Unresolved
from bot.model.quote import code
from bot.model.ref import Ref
from bot.review.picture import state
from bot.review.words import counted
from bot.simulate.case import Case, Rule
from bot.simulate.cause import Cause, Why, chain
from bot.simulate.fact import Fact
from bot.simulate.stage import awaited

_OBJECTS = 3


class Line(NamedTuple):
    """One line of an explanation, indented by ``depth``; names stand in backticks."""

    depth: int
    text: str


def find(cases: Mapping[str, Case], subject: str) -> tuple[tuple[Case, Ref], ...]:
    """The objects that ``Kind/namespace/name``, ``Kind/name`` or a bare name means, in each cluster."""
    parts = subject.split("/")
    kind = parts[0] if len(parts) > 1 else ""
    namespace, name = (parts[1], parts[2]) if len(parts) > 2 else ("", parts[-1])  # noqa: PLR2004 - Kind/namespace/name
    found: list[tuple[Case, Ref]] = []
    for case in cases.values():
        pool = dict.fromkeys((*case.cluster.nodes, *case.cluster.releases, *case.cluster.resources))
        hits = [ref for ref in pool if ref.name == name and _fits(ref, kind, namespace)]
        if not kind:
            hits = [ref for ref in hits if ref in case.cluster.nodes] or hits
        found += ((case, ref) for ref in hits)
    return tuple(found)


def _fits(ref: Ref, kind: str, namespace: str) -> bool:
    return (not kind or ref.kind.lower() == kind.lower()) and (not namespace or ref.namespace == namespace)


def unapplied(cases: Mapping[str, Case], subject: str) -> Iterator[Line]:
    """What is to be said of a Kustomization that lies in the tree and that nothing applies."""
    name = subject.rpartition("/")[2]
    seen: set[tuple[Ref, str]] = set()
    for case in cases.values():
        for ref, path in case.cluster.unapplied.items():
            if ref.name == name and (ref, path) not in seen:
                seen.add((ref, path))
                yield Line(0, f"{code(ref)} is written in {code(path)}, but nothing applies it.")
                yield Line(1, "No Kustomization of any cluster lists that file, so Flux never sees it.")


def explain_object(case: Case, ref: Ref) -> Iterator[Line]:
    """Where an object is written, who applies it, what it waits for and what waits for it."""
    if ref not in case.cluster.nodes:
        yield from _plain(case, ref)
        return
    node = case.cluster.nodes[ref]
    place = case.place(node.kustomization.resource)
    yield Line(0, f"{code(ref)} in the cluster {code(case.cluster.root or '.')} ({code(place)})")
    path = node.kustomization.path or "."
    applied = f"{counted(len(node.resources), 'object')}, {counted(len(node.releases), 'HelmRelease')}"
    yield Line(1, f"builds {code('./' + path)}: {applied}")
    if isinstance(node.building, Broken | Unresolved):
        said = node.building.message if isinstance(node.building, Broken) else node.building.why
        yield Line(1, f"not built: {said}")
    for parent in node.parents:
        yield Line(1, f"applied by {code(parent)}")
    yield from _waits_for(case, ref)
    yield from _needs(case, ref)
    yield from _is_ready_when(case, ref)
    yield from dependents(case, ref)
    yield from fate(case, ref)


def _plain(case: Case, ref: Ref) -> Iterator[Line]:
    resource, owner = case.cluster.resources[ref]
    yield Line(0, f"{code(ref)} in the cluster {code(case.cluster.root or '.')} ({code(case.place(resource))})")
    yield Line(1, f"applied by {code(owner)}")
    for need in case.fresh.stage.needs[owner]:
        if not need.fact.name and need.fact.what == ref.group_kind:
            yield from (Line(1, text) for text in _provision(case, need.fact))
    for fact, by in _brought(case, ref):
        yield Line(1, f"brings {code(fact)}{by}")
    yield from explain_object(case, owner)


def _brought(case: Case, ref: Ref) -> Iterator[tuple[str, str]]:
    stage = case.fresh.stage
    for fact in sorted(stage.facts(stage.brought.get(ref, 0))):
        yield (f"namespace {fact.name}" if fact.name else str(fact.what)), ""


def _waits_for(case: Case, ref: Ref) -> Iterator[Line]:
    for entry in case.cluster.nodes[ref].kustomization.depends_on:
        there = entry.ref in case.cluster.nodes
        yield Line(1, f"waits for {code(entry.ref)}{'' if there else ', which nothing makes'}")
        reasons = why(case, ref, entry.ref) if there else ()
        yield from (Line(2, reason) for reason in reasons)
        if there and not reasons:
            unread = isinstance(case.cluster.nodes[ref].building, Unresolved)
            reason = "what it applies is not known, so neither is why" if unread else "nothing was found that needs it"
            yield Line(2, f"{reason}; it still gates every update on that one's health")


def why(case: Case, ref: Ref, other: Ref) -> tuple[str, ...]:
    """What of ``ref`` needs what ``other`` guarantees once it is ready."""
    stage = case.fresh.stage
    node = case.cluster.nodes[other]
    there = stage.defined[other]
    for awaited_ref in awaited(stage, node):
        there |= stage.brought.get(awaited_ref, 0)
    for trigger in stage.triggers.get(other, ()):
        there |= stage.brought[trigger]
    sent = {release.ref: stage.brought.get(release.ref, 0) for release in node.releases}
    reasons = []
    for need in stage.needs[ref]:
        bit = stage.bits[need.fact]
        what = f"the namespace {code(need.fact.name)}" if need.fact.name else code(need.fact.what)
        users = _users(case, ref, need.fact)
        by = next((code(release) for release, brought in sent.items() if brought & bit), "")
        if bit & there:
            reasons.append(f"{users} needs {what}{f', brought by {by}' if by else ''}")
        elif by:
            reasons.append(f"{users} needs {what}, brought by {by}, for which {code(other)} does not wait")
        elif case.fresh.after.get(other, 0) & bit and not need.fact.name:
            reasons.append(f"{users} needs {what}, without which {code(_earliest(case, other, bit))} is never ready")
    return tuple(reasons)


def _earliest(case: Case, ref: Ref, bit: int) -> Ref:
    """The Kustomization with which a fact begins to be sure, among those that ``ref`` waits for, itself included."""
    play = case.fresh
    passed: set[Ref] = set()
    while play.before[ref] & bit and ref not in passed:
        passed.add(ref)
        node = case.cluster.nodes[ref]
        earlier = [*(entry.ref for entry in node.kustomization.depends_on), *node.parents]
        ref = next((one for one in earlier if play.after.get(one, 0) & bit), ref)
    return ref


def _users(case: Case, ref: Ref, fact: Fact) -> str:
    if fact.name:
        return "what it applies there"
    users = [r.ref for r in case.cluster.nodes[ref].resources if r.group_kind == fact.what]
    more = f" and {len(users) - _OBJECTS} more" if len(users) > _OBJECTS else ""
    return ", ".join(code(user) for user in users[:_OBJECTS]) + more


def _needs(case: Case, ref: Ref) -> Iterator[Line]:
    for need in case.fresh.unsure(ref):
        what = f"namespace {need.fact.name}" if need.fact.name else str(need.fact.what)
        yield Line(1, f"is not sure to find {code(what)} when it starts ({_users(case, ref, need.fact)})")
        yield from (Line(2, text) for text in _provision(case, need.fact))


def _provision(case: Case, fact: Fact) -> Iterator[str]:
    for provision in case.cluster.providers(fact.what) if not fact.name else ():
        yield f"{code(provision.by)} of {code(provision.owner)} brings it ({provision.confidence})"


def _is_ready_when(case: Case, ref: Ref) -> Iterator[Line]:
    objects = awaited(case.fresh.stage, case.cluster.nodes[ref])
    if case.cluster.nodes[ref].kustomization.wait:
        yield Line(1, f"is ready when all that it applies is healthy ({len(objects)} HelmReleases and Kustomizations)")
    elif objects:
        yield Line(1, f"is ready when it is applied and healthy: {', '.join(code(one) for one in objects)}")
    else:
        yield Line(1, "is ready as soon as it is applied; it waits for nothing of what it applies")


def dependents(case: Case, ref: Ref, name: str = "it") -> Iterator[Line]:
    """Which Kustomizations name it in their `dependsOn`."""
    waiting = [o for o, n in case.cluster.nodes.items() if any(e.ref == ref for e in n.kustomization.depends_on)]
    if waiting:
        verb = "waits" if len(waiting) == 1 else "wait"
        yield Line(1, f"{len(waiting)} {verb} for {name}: {', '.join(code(one) for one in sorted(waiting))}")


def fate(case: Case, ref: Ref, name: str = "it") -> Iterator[Line]:
    """What becomes of a Kustomization on a fresh cluster, and the chain of reasons."""
    yield Line(1, f"on a fresh cluster: {name} {_fate(case, ref)}")
    yield from (Line(2, explain_cause(cause)) for cause in chain(case.fresh, ref))


def _fate(case: Case, ref: Ref) -> str:
    fates = {
        "stuck": "never becomes ready",
        "late": "becomes ready, but not surely at its first try",
        "ready": "becomes ready at its first try",
    }
    return fates[state(case.fresh, ref)]


def explain_cause(cause: Cause) -> str:
    """One reason in words."""
    about, other = code(cause.about), code(cause.other) if cause.other else ""
    sentences = {
        Why.NOT_CREATED: f"{about} is never created, for {other} is never applied",
        Why.SUSPENDED: f"{about} is suspended",
        Why.EXPRESSION: f"an expression of {about} never holds",
        Why.NOT_MADE: f"{about} reads what only {other} makes, and that is never applied",
        Why.BROKEN: f"{about} cannot be built",
        Why.DEPENDENCY_NOT_FOUND: f"{about} waits for {other}, which nothing makes",
        Why.DEPENDENCY_NOT_READY: f"{about} waits for {other}, which never becomes ready",
        Why.REFUSED: f"the dry-run of {about} refuses {code(cause.resource.ref) if cause.resource else 'an object'}",
        Why.UNHEALTHY: f"{about} waits for {other} to become healthy",
    }
    return sentences[cause.why] + (f": {code(cause.predicted)}" if cause.predicted else "")


def explain_pair(case: Case, first: Ref, second: Ref) -> Iterator[Line]:
    """Why one object waits, or should wait, for another, apart from the ways between them."""
    yield Line(0, f"{code(first)} and {code(second)} in the cluster {code(case.cluster.root or '.')}")
    one, other = _owner(case, first), _owner(case, second)
    if one == other:
        yield Line(
            1, f"{code(one)} applies both, so nothing orders them: Flux dry-runs all of it before it applies any"
        )
    waits = any(entry.ref == other for entry in case.cluster.nodes[one].kustomization.depends_on)
    if one != other:
        yield Line(1, f"{code(one)} {'waits' if waits else 'does not wait'} for {code(other)} directly")
        yield from (Line(2, reason) for reason in why(case, one, other))
    for opening in case.openings:
        if opening.dependent == one and opening.owner == other:
            yield Line(
                1,
                f"it should: {code(opening.need.resource.ref)} needs {code(opening.need.fact.what)}, which "
                f"{code(opening.provider.by)} brings ({opening.gap}; {code(case.place(opening.need.resource))})",
            )


def _owner(case: Case, ref: Ref) -> Ref:
    return ref if ref in case.cluster.nodes else case.cluster.resources[ref][1]


def explain_rule(rules: Sequence[Rule], rule_id: str) -> str | None:
    """The manual of a rule; None where there is none of that id."""
    found = next((rule for rule in rules if rule.id == rule_id), None)
    return f"# {found.id} ({found.severity})\n\n{found.doc.strip()}\n" if found else None
