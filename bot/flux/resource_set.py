"""ResourceSets of the Flux Operator: what they are made of, and the question that expands them.

A ResourceSet is Go text templates between ``<<`` and ``>>``, filled in once for each set of inputs (flux-operator,
``internal/builder/resourceset.go``). Helm has the same template language and nearly all of the same functions, so the
templates become a chart that is rendered like any other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from bot.flux.kustomization import is_flux_kustomization
from bot.manifest.dumping import dumped
from bot.model.ask import Render
from bot.model.field import Body, Value, flag, items, mapping, mappings, text
from bot.model.flux import Dependency, Kustomization, Required, Timing
from bot.model.quote import code
from bot.model.ref import GroupKind, Ref, group_of
from bot.model.resource import Resource
from bot.model.snapshot import Blob

OPERATOR: Final = "fluxcd.controlplane.io"
RESOURCE_SET: Final = GroupKind(OPERATOR, "ResourceSet")
_PROVIDER: Final = "ResourceSetInputProvider"
RECONCILE: Final = f"{OPERATOR}/reconcile"
"""The mark with which the operator leaves an object alone, where it says ``disabled``."""
_MOST_INPUTS: Final = 500
"""Sets of inputs that are filled in; each renders the whole template."""

_ACTION = re.compile(r"<<(?:-(?=\s))?(.*?)(?:(?<=\s)-)?>>", re.DOTALL)
_WORD = re.compile(r"\"(?:\\.|[^\"\\])*\"|`[^`]*`|(?<![\w.$])(?:inputs|slugify)\b")
_NAMED = re.compile(r"(?<![\w.$])inputs\.(\w+)")
_CHART = b"apiVersion: v2\nname: resourceset\nversion: 0.0.0\n"
_SLUGIFY = (
    b'{{- define "slugify" -}}{{ regexReplaceAll "[^a-z0-9]+" (lower (toString .)) "-" '
    b'| trimAll "-" | trunc 63 | trimSuffix "-" }}{{- end -}}\n'
)

Find = Callable[[Ref], Resource | None]


@dataclass(frozen=True, slots=True)
class Expansion:
    """One apply of a ResourceSet: the whole of it, or one of its ``steps``, of which the last bears its name.

    It is played as a Kustomization is: its objects are dry-run together, and a
    step begins once the one before is healthy. ``render`` gives its objects;
    None where ``why`` says what the repository does not show.
    """

    kustomization: Kustomization
    render: Render | None
    why: str = ""
    common: Body = field(default_factory=dict)


def is_resource_set(body: Value) -> bool:
    """Whether a manifest is a ResourceSet of the Flux Operator."""
    return text(body, "kind") == RESOURCE_SET.kind and group_of(text(body, "apiVersion")) == OPERATOR


def expansions(resource: Resource, find: Find) -> tuple[Expansion, ...]:
    """The applies of a ResourceSet in their order. ``find`` gives an object of the cluster: its input providers."""
    spec = mapping(resource.body, "spec")
    steps = list(mappings(spec, "steps")) or [spec]
    inputs = _inputs(resource, spec, find)
    found: list[Expansion] = []
    for index, step in enumerate(steps):
        is_last = index == len(steps) - 1
        ref = resource.ref if is_last else _step(resource.ref, step, index)
        before = found[-1].kustomization.ref if found else None
        waits = len(steps) > 1 or flag(spec, "wait")
        read = _read(resource, ref, spec, before, waits=waits)
        found.append(_expansion(read, step, inputs, mapping(spec, "commonMetadata")))
    return tuple(found)


def _step(ref: Ref, step: Body, index: int) -> Ref:
    return Ref(ref.group, ref.kind, ref.namespace, f"{ref.name} (step {text(step, 'name') or index + 1})")


def _read(resource: Resource, ref: Ref, spec: Body, before: Ref | None, *, waits: bool) -> Kustomization:
    """An apply in the terms of a Kustomization; it is tried again within seconds, so it has no interval to wait for."""
    entries = list(mappings(spec, "dependsOn"))
    wanted = [(index, _named(entry, resource.ref.namespace), entry) for index, entry in enumerate(entries)]
    gates = [Dependency(one, index, text(entry, "readyExpr")) for index, one, entry in wanted if flag(entry, "ready")]
    return Kustomization(
        ref=ref,
        resource=resource,
        path="",
        source=Ref("", "", "", ""),
        depends_on=(Dependency(before, 0),) if before else _of_kinds(gates, "Kustomization", RESOURCE_SET.kind),
        wait=waits,
        health_checks=(),
        suspended=resource.marked(RECONCILE) == "disabled",
        prune=True,
        target="",
        spec={},
        timing=Timing(),
        requires=() if before else tuple(Required(one, ("spec", "dependsOn", index)) for index, one, _ in wanted),
        after_releases=() if before else _of_kinds(gates, "HelmRelease"),
    )


def _of_kinds(gates: Sequence[Dependency], *kinds: str) -> tuple[Dependency, ...]:
    return tuple(one for one in gates if one.ref.kind in kinds)


def _named(entry: Body, namespace: str) -> Ref:
    group, kind = group_of(text(entry, "apiVersion")), text(entry, "kind")
    is_flux = is_flux_kustomization(entry) or kind in (RESOURCE_SET.kind, "HelmRelease")
    return Ref(group, kind, text(entry, "namespace") or (namespace if is_flux else ""), text(entry, "name"))


def _expansion(read: Kustomization, step: Body, inputs: list[Body] | str, common: Body) -> Expansion:
    if isinstance(inputs, str):
        return Expansion(read, None, inputs)
    written = [dumped(one) for one in items(step, "resources") if isinstance(one, dict)]
    template = text(step, "resourcesTemplate")
    parts = [*written, *([template] if template else [])]
    absent = next((name for one in inputs for part in parts for name in _asked(part) if name not in one), None)
    if absent is not None:
        why = f"its template asks for {code(f'inputs.{absent}')}, which not all of its inputs have"
        return Expansion(read, None, why)
    return Expansion(read, _render(read.resource.ref, parts, inputs or [{}]), "", common)


def _asked(part: str) -> Iterator[str]:
    """The inputs that a template names."""
    for action in _ACTION.finditer(part):
        yield from _NAMED.findall(action[1])


def _render(ref: Ref, parts: Sequence[str], inputs: Sequence[Body]) -> Render:
    """The chart that the templates are. Each set of inputs has its files, and its values by number."""
    files = {"Chart.yaml": _blob(_CHART), "templates/_slugify.tpl": _blob(_SLUGIFY)}
    for number in range(len(inputs)):
        for order, part in enumerate(parts):
            files[f"templates/{number:03}-{order:03}.yaml"] = _blob(translated(part, f"$.Values.s{number}").encode())
    values: Body = {f"s{number}": one for number, one in enumerate(inputs)}
    return Render(files, values, ref.name[:50], ref.namespace)


def _blob(data: bytes) -> Blob:
    return Blob(sha256(data).hexdigest(), len(data), data)


def translated(template: str, inputs: str) -> str:
    """A template of the Flux Operator as one of Helm; ``inputs`` is where its inputs are found there."""
    done, at = [], 0
    for action in _ACTION.finditer(template):
        done.append(_verbatim(template[at : action.start()]))
        opening = "{{-" if template.startswith("<<-", action.start()) else "{{"
        closing = "-}}" if template.startswith("->>", action.end() - 3) else "}}"
        done.append(f"{opening}{_WORD.sub(lambda word: _put(word[0], inputs), action[1])}{closing}")
        at = action.end()
    done.append(_verbatim(template[at:]))
    return "".join(done)


def _put(word: str, inputs: str) -> str:
    return {"inputs": inputs, "slugify": 'include "slugify"'}.get(word, word)


def _verbatim(part: str) -> str:
    """Text outside of the templates, so that Helm leaves it as it is."""
    return re.sub(r"\{\{|\}\}", lambda found: f'{{{{ "{found[0]}" }}}}', part)


def _inputs(resource: Resource, spec: Body, find: Find) -> list[Body] | str:
    """The sets of inputs; a reason where the repository does not show them."""
    found = [_with_provider(one, resource.ref, number) for number, one in enumerate(mappings(spec, "inputs"))]
    if items(spec, "inputsFrom") and text(spec, "inputStrategy", "name") == "Permute":
        return "its inputs are all combinations of several providers"
    for entry in mappings(spec, "inputsFrom"):
        given = _provided(entry, resource.ref.namespace, find)
        if isinstance(given, str):
            return given
        found.append(given)
    if len(found) > _MOST_INPUTS:
        return f"it has {len(found):,} sets of inputs, and {_MOST_INPUTS:,} are filled in"
    return found


def _provided(entry: Body, namespace: str, find: Find) -> Body | str:
    """The inputs of a provider that is written down; others ask a forge or a registry."""
    name = text(entry, "name")
    ref = Ref(OPERATOR, _PROVIDER, namespace, name)
    provider = find(ref) if name else None
    if provider is None:
        return f"its inputs come from {code(ref)}, which is not in the tree" if name else "a selector finds its inputs"
    if text(provider.body, "spec", "type") != "Static":
        return f"{code(ref)} asks another place for its inputs"
    return _with_provider(mapping(provider.body, "spec", "defaultValues"), ref, 0)


def _with_provider(one: Body, by: Ref, number: int) -> Body:
    """A set of inputs with what the operator adds. The id only has to differ: nothing in a repository can name it."""
    provider: Body = {"apiVersion": f"{OPERATOR}/v1", "kind": by.kind, "name": by.name, "namespace": by.namespace}
    identity = sha256(f"{by}#{number}".encode()).hexdigest()[:8]
    return {"id": identity, "provider": provider, **one}
