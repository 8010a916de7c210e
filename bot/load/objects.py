"""From the answer of a build to the objects that Flux applies."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.flux.build import Plan
from bot.flux.resource_set import RECONCILE, Expansion
from bot.flux.substitute import Substituted, substitute
from bot.load.variables import SUBSTITUTE_MARK, Variables
from bot.manifest.documents import read
from bot.model.ask import Document, Rendered
from bot.model.cluster import Unset
from bot.model.field import Body, Value, items, mapping, text
from bot.model.flux import Kustomization
from bot.model.limits import Exceeded
from bot.model.quote import code
from bot.model.ref import Ref, version_of
from bot.model.resource import Origin, Resource, identity, resource
from bot.model.snapshot import joined

_DEFINING = frozenset(("Kustomization", "ResourceSet", "HelmRelease"))
_ORIGIN = "config.kubernetes.io/origin"
_PLAIN_PATH = re.compile(r"path: ([A-Za-z_./-][\w./-]*)\n?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Applied:
    """What one Kustomization applies, and what of it is uncertain.

    ``unset`` are variables without value or default, ``hidden`` those
    whose value only the cluster knows; ``error`` is what a substitution that
    cannot be parsed would print, ``exceeded`` the limit that its result passes.
    """

    resources: tuple[Resource, ...]
    unset: tuple[Unset, ...]
    hidden: tuple[str, ...]
    error: str
    exceeded: Exceeded | None = None
    defining: tuple[Resource, ...] = field(init=False)
    """Those of the resources that Flux takes up in turn: Kustomizations, ResourceSets and HelmReleases."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "defining", tuple(one for one in self.resources if one.ref.kind in _DEFINING))


def size_of(rendered: Rendered) -> int:
    """How many objects a build has, those in lists counted one by one."""
    lists = [one.body for one in rendered.documents if "items" in one.body]
    return len(rendered.documents) + sum(len(items(body, "items")) - 1 for body in lists if _is_list(body))


def applied(rendered: Rendered, plan: Plan, kustomization: Kustomization, variables: Variables) -> Applied:
    """The objects of a build with variables replaced and ``commonMetadata`` added, as kustomize-controller does."""
    resources: list[Resource] = []
    unset: set[Unset] = set()
    hidden: set[str] = set()
    exceeded: Exceeded | None = None
    # Flux looks at the names before it looks at the first object.
    error = substitute("", dict.fromkeys(variables.refused, ""), strict=False, unknown=str.isspace).error
    common = mapping(kustomization.spec, "commonMetadata")
    for document in rendered.documents:
        body, named = document.body, tuple[str, ...]()
        if variables.active and document.text and not _opted_out(body):
            done = _substituted(document.text, variables)
            named = done.undefined
            hidden |= set(done.unknown)
            error = error or done.error
            # Where only unknown variables stand in it, it stays as it is and need not be read again.
            if done.text != document.text:
                reading = read(done.text.encode(), plan.tree.snapshot.limits.yaml)
                if reading.problem and reading.problem.limit:
                    reason = f"{code(text(body, 'kind'))} with its variables has {reading.problem.message}"
                    exceeded = Exceeded(reading.problem.limit, reason)
                elif reading.problem:
                    error = error or f"variable substitution made {text(body, 'kind')} unreadable"
                body = reading.documents[0].body if reading.documents else body
        ref = identity(document.body)
        origin = _origin(document, plan, ref)
        if named:
            unset |= {Unset(name, identity(body)) for name in named}
        if body is document.body and not _is_list(body):
            resources.append(Resource(ref, version_of(text(body, "apiVersion")), _clean(body, common), origin))
        else:
            resources += (resource(_clean(one, common), origin) for one in _expanded(body))
    return Applied(tuple(resources), tuple(sorted(unset)), tuple(sorted(hidden)), error, exceeded)


def expanded(rendered: Rendered, expansion: Expansion) -> Applied:
    """The objects of a ResourceSet, each once; what bears the mark for it is left out."""
    found: dict[Ref, Resource] = {}
    origin = expansion.kustomization.resource.origin._replace(generated=True)
    for document in rendered.documents:
        one = resource(_clean(document.body, expansion.common), origin)
        if one.marked(RECONCILE) != "disabled":
            found.setdefault(one.ref, one)
    return Applied(tuple(found.values()), (), (), "")


def _substituted(written: str, variables: Variables) -> Substituted:
    hides = variables.hidden.__contains__
    return substitute(written, variables.known, strict=False, unknown=hides, open_ended=bool(variables.missing))


def _expanded(body: Body) -> Iterator[Body]:
    """The object itself, or the items of a List (``ServiceList`` is one only where it has items)."""
    if _is_list(body):
        yield from (item for item in items(body, "items") if isinstance(item, dict))
    else:
        yield body


def _is_list(body: Body) -> bool:
    return isinstance(body.get("items"), list) and text(body, "kind").endswith("List")


def _opted_out(body: Body) -> bool:
    metadata = mapping(body, "metadata")
    marks = (text(metadata, "labels", SUBSTITUTE_MARK), text(metadata, "annotations", SUBSTITUTE_MARK))
    return "disabled" in (mark.lower() for mark in marks)


def _origin(document: Document, plan: Plan, ref: Ref) -> Origin:
    """The place that kustomize's annotation names; the root kustomization where a patch removed it."""
    annotation = text(document.body, "metadata", "annotations", _ORIGIN)
    plain = _PLAIN_PATH.fullmatch(annotation)  # nearly all are a path that needs no quotes
    told: Body = {"path": plain[1]} if plain else _told(annotation)
    generated = "path" not in told
    local = joined(plan.build.directory, plain[1] if plain else text(told, "path") or text(told, "configuredIn"))
    place = plan.tree.place(local) if local and told else plan.root_file
    return Origin(place, *ref, generated)


def _told(annotation: str) -> Body:
    """The fields of an origin annotation, which is YAML."""
    documents = read(annotation.encode()).documents
    return documents[0].body if documents else {}


def _clean(body: Body, common: Body) -> Body:
    """The object without the origin annotation, with the common labels and annotations."""
    metadata = dict(mapping(body, "metadata"))
    written = metadata.pop("annotations", None)
    annotations: dict[str, Value] = dict(written) if isinstance(written, dict) else {}
    annotations.pop(_ORIGIN, None)
    if common:
        annotations |= mapping(common, "annotations")
        if labels := mapping(common, "labels"):
            metadata["labels"] = {**mapping(metadata, "labels"), **labels}
    if annotations:
        metadata["annotations"] = annotations
    return {**body, "metadata": metadata}


def is_below(path: str, directory: str) -> bool:
    """Whether a file lies in a directory or below it."""
    return not directory or posixpath.dirname(path) == directory or path.startswith(f"{directory}/")
