"""Fixes of what Flux or Kubernetes refuses: fields that name, place or spell something wrongly."""

from __future__ import annotations

import difflib

from bot.fixes.draft import Draft, Unfixable
from bot.fixes.generators import generator_of
from bot.fixes.spot import Ground
from bot.flux.failure import read_failure
from bot.knowledge.kinds import namespaced
from bot.knowledge.removed import current
from bot.knowledge.schemas import Shape, flux_schema, invalid
from bot.manifest.documents import read
from bot.model.cluster import Broken, Node
from bot.model.field import Body, FieldPath, Value, at, items, mapping, text
from bot.model.finding import Finding, Severity
from bot.model.fix import Amendment, Drop, FixKind, Put, Spot
from bot.model.quote import code
from bot.model.resource import Resource
from bot.simulate.fact import NAMESPACE
from bot.simulate.ownership import applied
from bot.simulate.unmade import Unmade, unmade

_CREATES: FieldPath = ("spec", "install", "createNamespace")
_DECRYPTION: FieldPath = ("spec", "decryption")
_MOST = 10
"""Objects whose texts one fix changes at most."""


def migrated(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """Every object that a Kustomization writes in a removed version of Flux's API, in the one that is served."""
    first = ground.cluster.nodes[finding.about]
    some = [one for one in first.resources if finding.missing and _is_of(one, finding)]
    changes: list[Amendment] = []
    for resource in some:
        own = ground.manifest(resource, alone=False)
        if isinstance(own, Unfixable):
            return own
        if text(own.body, "apiVersion") != resource.api_version:
            return Unfixable(f"the version of {code(resource.ref)} is set elsewhere than in its manifest")
        written = f"{resource.ref.group}/{current(resource.ref.group, resource.ref.kind)}"
        changes.append(Put(own.spot, ("apiVersion",), written))
    if not changes:
        return Unfixable()
    what = some[0].ref
    written = f"{what.group}/{current(what.group, what.kind)}"
    cost = "A field that the new version no longer has is a finding of its own."
    return Draft(f"Write {code(what.kind)} in {code(written)}", FixKind.EDIT, tuple(changes), cost=cost)


def _is_of(resource: Resource, finding: Finding) -> bool:
    missing = finding.missing
    is_same = missing is not None and (resource.group_kind, resource.version) == (missing.what, missing.version)
    return is_same and not resource.is_skipped


def in_namespace(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """The namespace that all other objects of the Kustomization are in."""
    node = ground.cluster.nodes[finding.about]
    every = [one for one in applied(node) if not one.is_skipped]
    made = {one.ref.name for one in every if one.group_kind == NAMESPACE}
    beside = {one.ref.namespace for one in every if one.ref.namespace} or made
    if len(beside) != 1:
        return Unfixable("the objects beside it do not tell which namespace is meant")
    bare = [one for one in every if not one.ref.namespace and namespaced(one.group_kind)]
    if len(bare) > _MOST:
        return Unfixable(f"{len(bare):,} objects would have to change: set `targetNamespace` instead")
    changes: list[Amendment] = []
    (namespace,) = beside
    for resource in bare:
        own = ground.manifest(resource)
        if isinstance(own, Unfixable):
            return own
        changes.append(Put(own.spot, ("metadata", "namespace"), namespace, ("name", "namespace")))
    more = f" and {len(bare) - 1:,} more" if len(bare) > 1 else ""
    title = f"Write the namespace {code(namespace)} in {code(bare[0].ref)}{more}, as in what is applied beside it"
    return Draft(title, FixKind.EDIT, tuple(changes))


def made_by_helm(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """Helm makes the namespace of a release."""
    if finding.severity is Severity.ERROR:
        return Unfixable()  # the change takes the Namespace away, and only its author knows whether it should
    own = ground.written(finding.about, _CREATES)
    if isinstance(own, Unfixable):
        return own
    order = ground.order(own.body, *map(str, _CREATES[:2]))
    cost = "Helm gives it no labels, and leaves it behind when the release goes."
    title = f"Let Helm make the namespace of {code(finding.about.name)}"
    return Draft(title, FixKind.EDIT, (Put(own.spot, _CREATES, value=True, order=order),), cost=cost)


def sourced(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """A reference to a source names the one that is probably meant."""
    one = _unmade(ground, finding)
    if one is None or one.near is None:
        return Unfixable()
    own = ground.written(one.reader.ref, one.required.field)
    if isinstance(own, Unfixable):
        return own
    entry = mapping(own.body, *one.required.field)
    if "$" in "".join(text(entry, key) for key in ("kind", "name", "namespace")):
        return Unfixable("a variable names the source")
    near, wanted, field = one.near, one.required.ref, one.required.field
    pairs = (("kind", near.kind, wanted.kind), ("name", near.name, wanted.name))
    changes: list[Amendment] = [Put(own.spot, (*field, key), new) for key, new, old in pairs if new != old]
    if near.namespace == one.reader.ref.namespace != wanted.namespace:
        changes.append(Drop(own.spot, (*field, "namespace")))
    elif near.namespace != wanted.namespace:
        changes.append(Put(own.spot, (*field, "namespace"), near.namespace))
    title = f"Let {code(one.reader.ref.name)} read {code(near)}, which is probably meant"
    return Draft(title, FixKind.EDIT, tuple(changes))


def _unmade(ground: Ground, finding: Finding) -> Unmade | None:
    kinds = frozenset({finding.needs.kind}) if finding.needs else frozenset[str]()
    pairs = ((one.reader.ref, one.required.ref, one) for one in unmade(ground.case, kinds))
    return next((one for reader, wanted, one in pairs if (reader, wanted) == (finding.about, finding.needs)), None)


def called_as_written(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """A generated ConfigMap or Secret keeps the name by which it is read."""
    one = _unmade(ground, finding)
    near = ground.cluster.resources.get(one.near) if one and one.near else None
    if one is None or near is None:
        return Unfixable()
    own = generator_of(ground, near[0])
    if isinstance(own, Unfixable):
        return own
    title = f"Let the generator call it {code(one.required.ref.name)}, without a suffix"
    cost = "Its name stays when what it holds changes: what reads it sees that at the next reconciliation."
    change = Put(own.spot, ("options", "disableNameSuffixHash"), value=True)
    return Draft(title, FixKind.EDIT, (change,), cost=cost)


def decrypted(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """A Kustomization decrypts as all others of its namespace that do."""
    node = ground.cluster.nodes[finding.about]
    near = [one for one in ground.cluster.nodes.values() if one.ref.namespace == node.ref.namespace]
    found = [decryption for one in near if (decryption := _decryption(one))]
    if not found or any(one != found[0] for one in found):
        return Unfixable("the others do not decrypt all alike") if found else Unfixable()
    own = ground.written(node.ref, _DECRYPTION)
    if isinstance(own, Unfixable):
        return own
    order = ground.order(own.body, *map(str, _DECRYPTION))
    title = f"Let {code(node.ref.name)} decrypt as the others do"
    return Draft(title, FixKind.EDIT, (Put(own.spot, _DECRYPTION, found[0], order),))


def _decryption(node: Node) -> Body:
    return mapping(node.kustomization.spec, "decryption")


def respelled(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """A field that the schema does not know gets the name that is much like it; one entry becomes a list of it."""
    resource = ground.case.resource(finding.about if finding.object is None else finding.object)
    shape = flux_schema(resource.ref.group, resource.ref.kind, resource.version) if resource else None
    if resource is None or shape is None:
        return Unfixable()
    flux = ground.cluster.flux
    spec = mapping(resource.body, "spec")
    first = next((one for one in invalid(shape, spec) if flux or not one.undeclared), None)
    own = ground.written(resource.ref, ("spec", *first.field)) if first else Unfixable()
    if first is None or isinstance(own, Unfixable):
        return own if isinstance(own, Unfixable) else Unfixable()
    field: FieldPath = ("spec", *first.field)
    value = at(own.body, *field)
    if first.undeclared:
        return _renamed(own.spot, field, value, (*_fields(shape, spec, first.field[:-1]),))
    wanted = _shape(shape, first.field)
    if wanted and wanted.items and isinstance(value, dict) and not any(invalid(wanted.items, value)):
        title = f"Write {code('.'.join(map(str, field)))} as a list"
        return Draft(title, FixKind.EDIT, (Put(own.spot, field, [value]),))
    return Unfixable()


def _renamed(spot: Spot, field: FieldPath, value: Value, known: tuple[str, ...]) -> Draft | Unfixable:
    near = difflib.get_close_matches(str(field[-1]), known, n=1, cutoff=0.8)
    if not near or value is None:
        return Unfixable()
    title = f"Call {code('.'.join(map(str, field)))} {code(near[0])}, which is probably meant"
    return Draft(title, FixKind.EDIT, (Put(spot, (*field[:-1], near[0]), value), Drop(spot, field)))


def _fields(shape: Shape, spec: Body, way: FieldPath) -> tuple[str, ...]:
    """The fields of the mapping at a place that it does not have yet."""
    inside = _shape(shape, way)
    there = at(spec, *way) if way else spec
    return tuple(one for one in inside.fields if isinstance(there, dict) and one not in there) if inside else ()


def _shape(shape: Shape, way: FieldPath) -> Shape | None:
    found: Shape | None = shape
    for step in way:
        if found is None:
            return None
        found = found.items if isinstance(step, int) else found.fields.get(step, found.rest)
    return found


def unforced(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """A Kustomization without ``force``; one object that needs it may say so itself."""
    own = ground.written(finding.about, ("spec", "force"))
    if isinstance(own, Unfixable):
        return own
    cost = "A change that the API server refuses stops the Kustomization until somebody looks at it."
    return Draft(
        f"Take `force` out of {code(finding.about.name)}",
        FixKind.REMOVE,
        (Drop(own.spot, ("spec", "force")),),
        cost=cost,
    )


def listed_as_it_is(ground: Ground, finding: Finding) -> Draft | Unfixable:
    """An entry of a kustomization names the file that is written much alike and that nothing there lists yet."""
    broken = ground.cluster.nodes[finding.about].building
    entry = read_failure(broken.message).entry if isinstance(broken, Broken) else ""
    snapshot, path = ground.cluster.snapshot, finding.at.path
    directory = path.rpartition("/")[0]
    below = [
        one.removeprefix(f"{directory}/" if directory else "")
        for one in snapshot.files
        if one.startswith(f"{directory}/" if directory else "")
    ]
    if not entry or entry in below:
        return Unfixable()
    for document in read(snapshot.data(path) or b"", snapshot.limits.yaml).documents:
        for field in ("resources", "components"):
            listed = items(document.body, field)
            unlisted = [one for one in below if one not in listed and one != path.rpartition("/")[2]]
            near = difflib.get_close_matches(entry, unlisted, n=1, cutoff=0.75)
            if entry in listed and near:
                change = Put(Spot(path, document.index), (field, listed.index(entry)), near[0])
                title = f"List {code(near[0])} in {code(path)}, which is probably meant"
                return Draft(title, FixKind.EDIT, (change,))
    return Unfixable()
