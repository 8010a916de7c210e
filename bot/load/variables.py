"""The variables that a Kustomization replaces after its build (``spec.postBuild``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.flux.substitute import valid_name
from bot.manifest.documents import is_encrypted
from bot.model.field import Body, flag, mapping, mappings, text
from bot.model.flux import Kustomization
from bot.model.ref import Ref
from bot.model.resource import Resource

SUBSTITUTE_MARK = "kustomize.toolkit.fluxcd.io/substitute"


@dataclass(frozen=True)
class Variables:
    """What is known of them.

    ``active`` is false where Flux replaces nothing at all: no ``postBuild``,
    or no variable and no strategy that says otherwise (Flux 2.9). ``hidden``
    are names whose values only the cluster is to know, keys of Secrets; any other name may be such
    a one where ``missing`` objects are not in the repository. ``refused`` are
    names that Flux does not take; one of them fails the whole build.
    """

    active: bool
    known: Mapping[str, str]
    hidden: frozenset[str] = frozenset()
    missing: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def digest(self) -> tuple[object, ...]:
        return (self.active, tuple(sorted(self.known.items())), self.hidden, self.missing, self.refused)


def variables_of(
    kustomization: Kustomization, find: Callable[[Ref], Resource | None], told: Mapping[str, str]
) -> Variables:
    """The variables of a Kustomization; ``find`` looks ConfigMaps and Secrets up, ``told`` are configured."""
    post_build = kustomization.spec.get("postBuild")
    if not isinstance(post_build, dict):
        return Variables(active=False, known={})
    known: dict[str, str] = {}
    hidden: set[str] = set()
    missing: list[str] = []
    for entry in mappings(post_build, "substituteFrom"):
        ref = Ref("", text(entry, "kind"), kustomization.ref.namespace, text(entry, "name"))
        found = find(ref)
        if found is None:
            if not flag(entry, "optional") or ref.kind == "Secret":
                missing.append(str(ref))
            continue
        values, secret = contents(found.body)
        known.update(values)
        hidden = (hidden - values.keys()) | secret
    known.update({key: text(post_build, "substitute", key) for key in mapping(post_build, "substitute")})
    known = {**told, **known}
    always = text(post_build, "substituteStrategy") == "Always"
    hidden -= set(mapping(post_build, "substitute"))
    active = bool(known or hidden or missing or always)
    shown = {name: value.replace("\n", "") for name, value in known.items() if name not in hidden}
    return Variables(
        active,
        {name: value for name, value in shown.items() if valid_name(name)},
        frozenset(hidden),
        tuple(missing),
        tuple(sorted(name for name in {*shown, *hidden} if not valid_name(name))),
    )


def contents(body: Body) -> tuple[dict[str, str], frozenset[str]]:
    """The values that a ConfigMap shows, and the keys whose values are hidden: those of a Secret, encrypted or not.

    What is not known here can stand in no name, message or drawing.
    """
    keys = mapping(body, "data")
    if is_encrypted(body) or text(body, "kind") == "Secret":
        return {}, frozenset((*keys, *mapping(body, "stringData")))
    return {key: text(body, "data", key) for key in keys}, frozenset()
