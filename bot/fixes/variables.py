"""Fixes of variables: spelled as they are defined, given where they are used, or left alone."""

from __future__ import annotations

from collections.abc import Iterator

from bot.fixes.draft import Draft, Unfixable
from bot.fixes.generators import generator_of
from bot.fixes.spot import Ground, Written
from bot.model.cluster import Node
from bot.model.field import Body, FieldPath, Value, mapping, mappings, text
from bot.model.finding import Finding
from bot.model.fix import FixKind, Put
from bot.model.quote import code
from bot.model.ref import Ref
from bot.model.resource import Resource
from bot.simulate.literal import defined, left_literal, names
from bot.simulate.unset import alike, unset

_MARK = "kustomize.toolkit.fluxcd.io/substitute"
_POST_BUILD: FieldPath = ("spec", "postBuild")


def spelled(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """A variable that is not defined gets the name of the one that is much like it."""
    node, by = ground.cluster.nodes[finding.about], finding.object
    known = _given(ground, node)
    found = ground.case.resource(by) if by else None
    wrong = [one.name for one in node.unset if one.by == by]
    near = {name: meant for name in wrong if (meant := alike(name, known))}
    if found is None or len(near) != len(set(wrong)):
        return Unfixable()
    own = ground.manifest(found)
    if isinstance(own, Unfixable):
        return own
    changes = tuple(
        Put(own.spot, field, new) for field, old in _texts(own.body) if (new := _replaced(old, near)) != old
    )
    if not changes or any("\n" in str(one.value) for one in changes):
        return Unfixable(f"the text of {code(found.ref)} that holds it is not a plain value")
    pairs = ", ".join(f"{code('${' + old + '}')} as {code('${' + new + '}')}" for old, new in sorted(near.items()))
    return Draft(f"Write {pairs}, which is probably meant", FixKind.EDIT, changes)


def _given(ground: Ground, node: Node) -> frozenset[str]:
    """What the Kustomization itself replaces, as far as the tree shows it."""
    post_build = mapping(node.kustomization.spec, "postBuild")
    found = set(mapping(post_build, "substitute"))
    for entry in mappings(post_build, "substituteFrom"):
        holder = ground.cluster.resources.get(Ref("", text(entry, "kind"), node.ref.namespace, text(entry, "name")))
        for field in ("data", "stringData"):
            found |= set(mapping(holder[0].body, field)) if holder else set()
    return frozenset(found)


def _texts(value: Value, way: FieldPath = ()) -> Iterator[tuple[FieldPath, str]]:
    """Every text of a body with its place."""
    if isinstance(value, str):
        yield way, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, (*way, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, (*way, index))


def _replaced(old: str, near: dict[str, str]) -> str:
    for name, meant in near.items():
        old = old.replace("${" + name + "}", "${" + meant + "}")
    return old


def given(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """A Kustomization replaces the variable that another one of its namespace defines."""
    node = ground.cluster.nodes[finding.about]
    known = defined(ground.cluster)
    found = next(left_literal(node, known), None)
    if found is None:
        return Unfixable()
    name = found[1]
    by = ground.cluster.nodes[known[name]]
    if by.ref.namespace != node.ref.namespace:
        return Unfixable(f"{code(by.ref)} defines it in another namespace")
    own = ground.written(node.ref, _POST_BUILD)
    if isinstance(own, Unfixable):
        return own
    post_build = mapping(by.kustomization.spec, "postBuild")
    inline = mapping(post_build, "substitute")
    field = "substitute" if name in inline else "substituteFrom"
    value: Body = {field: {name: inline[name]} if name in inline else post_build[field]}
    order = ground.order(own.body, *map(str, _POST_BUILD))
    title = f"Let {code(node.ref.name)} replace {code('${' + name + '}')} as {code(by.ref.name)} does"
    return Draft(title, FixKind.EDIT, (Put(own.spot, _POST_BUILD, value, order),))


def left_alone(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """Flux replaces nothing in an object whose text is a program's own."""
    node, by = ground.cluster.nodes[finding.about], finding.object
    found = ground.case.resource(by) if by else None
    if found is None:
        return Unfixable()
    own = generator_of(ground, found) if found.origin.generated else ground.manifest(found)
    if isinstance(own, Unfixable):
        return own
    if found.origin.generated:
        return _marked(found, own, ("options", "annotations", _MARK))
    wrong = {one.name for _, each in unset(ground.cluster, in_texts=True) for one in each.get(found.ref, ())}
    meant = sorted(set(names(own.body)) - wrong)
    if meant and _given(ground, node) & set(meant):
        return Unfixable(f"{code(found.ref)} also holds {code('${' + meant[0] + '}')}, which Flux is meant to replace")
    return _marked(found, own, ("metadata", "annotations", _MARK))


def _marked(found: Resource, own: Written, field: FieldPath) -> Draft:
    cost = "No variable of the object is replaced any more."
    title = f"Let Flux replace nothing in {code(found.ref)}"
    return Draft(title, FixKind.EDIT, (Put(own.spot, field, "disabled"),), cost=cost)
