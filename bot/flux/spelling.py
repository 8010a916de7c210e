"""Field names of a kustomization file as kustomize takes them.

kustomize decodes with Go's encoding/json, which takes ``Resources`` for
``resources``, and lets the exact name win where both are written.
"""

from __future__ import annotations

from bot.model.field import Body, Value

_LISTS = ("patches", "patchesJson6902", "replacements", "configMapGenerator", "secretGenerator")
_PLAIN_LISTS = ("resources", "bases", "components", "crds", "configurations", "generators", "transformers")
_OTHERS = ("validators", "patchesStrategicMerge", "images", "buildMetadata", "openapi", "namespace")
_NAMES = {name.lower(): name for name in (*_LISTS, *_PLAIN_LISTS, *_OTHERS, "namePrefix", "nameSuffix")}
_UNREAD = ("apiVersion", "kind", "metadata", "labels", "commonLabels", "commonAnnotations", "imageTags", "vars")
_UNREAD_TOO = (
    "replicas",
    "generatorOptions",
    "sortOptions",
    "helmGlobals",
    "helmCharts",
    "helmChartInflationGenerator",
)
_KNOWN = frozenset((*_NAMES, *(name.lower() for name in (*_UNREAD, *_UNREAD_TOO))))
_INNER = {name: name for name in ("path", "patch", "target", "files", "envs", "env", "name")}


def spelled(body: Body) -> Body:
    """The body with each field that fluxbot reads under its exact name; the very same object where all have it."""
    named = _folded(body, _NAMES)
    for name in (*_LISTS, "images"):
        entries = named.get(name)
        if isinstance(entries, list):
            whole: list[Value] = [_folded(one, _INNER) if isinstance(one, dict) else one for one in entries]
            if any(new is not old for new, old in zip(whole, entries, strict=True)):
                named = {**named, name: whole}
    openapi = named.get("openapi")
    if isinstance(openapi, dict) and (folded := _folded(openapi, _INNER)) is not openapi:
        named = {**named, "openapi": folded}
    return named


def unknown(body: Body) -> tuple[str, ...]:
    """The fields of a kustomization file that kustomize 5.8 refuses, and the whole file with them."""
    return tuple(name for name in body if name.lower() not in _KNOWN)


def _folded(body: Body, names: dict[str, str]) -> Body:
    if all(names.get(key.lower(), key) == key for key in body):
        return body
    folded: Body = {}
    for key, value in body.items():
        name = names.get(key.lower(), key)
        if name == key or name not in body:
            folded[name] = value
    return folded
