"""What Flux makes of a rendered chart by the post-renderers of its HelmRelease.

helm-controller gives Helm's output to kustomize, once for each post-renderer,
with that one's ``patches`` and ``images`` (internal/postrender). Hooks and what
lies in ``crds/`` do not come by there (Helm, pkg/action ``renderResources``).
"""

from __future__ import annotations

import json
from typing import Final

from bot.flux.build import written
from bot.model.ask import Build, Document, Rendered
from bot.model.field import Body, Value, items, mapping, mappings
from bot.model.flux import Release
from bot.model.snapshot import Blob

_HOOK: Final = "helm.sh/hook"
_KNOWN: Final = frozenset({"patches", "images"})


def has_post_renderers(release: Release) -> bool:
    """Whether something changes what the chart renders to."""
    return bool(items(release.resource.body, "spec", "postRenderers"))


def post_rendering(release: Release, answer: Rendered) -> Build | None:
    """What kustomize is to be asked for; None where nothing is changed, or by something that nobody here knows."""
    steps = [mapping(one, "kustomize") for one in mappings(release.resource.body, "spec", "postRenderers")]
    if not steps or any(step.keys() - _KNOWN for step in steps):
        return None
    output = [document.body for document in answer.documents if not _is_hook(document)]
    files = {"step-0/output.yaml": _file("\n---\n".join(map(json.dumps, output)))}
    for number, step in enumerate(steps):
        files[f"step-{number}/kustomization.yaml"] = _file(json.dumps(_kustomization(number, step)))
    return Build(f"step-{len(steps) - 1}", files)


def post_rendered(answer: Rendered, changed: Rendered) -> Rendered:
    """The chart once kustomize has answered."""
    hooks = tuple(document for document in answer.documents if _is_hook(document))
    return Rendered((*changed.documents, *hooks), answer.crds)


def _kustomization(number: int, step: Body) -> Body:
    """Only the fields that Flux knows: a ``path`` would be read here, and not there."""
    patches: list[Value] = [
        {name: patch[name] for name in ("patch", "target") if name in patch} for patch in mappings(step, "patches")
    ]
    before = "output.yaml" if number == 0 else f"../step-{number - 1}"
    return {"resources": [before], "patches": patches, "images": items(step, "images")}


def _is_hook(document: Document) -> bool:
    return _HOOK in mapping(document.body, "metadata", "annotations")


def _file(text: str) -> Blob:
    return written(text.encode())
