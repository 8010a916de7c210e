"""How the time grows with a repository: made monorepos of many Kustomizations with ten objects each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.timed import audit, git, review, told

SIZES: Final = (500, 2_000)
_TEAM: Final = 50
_FLUX: Final = "kustomize.toolkit.fluxcd.io/v1 Kustomization"
_SOURCE: Final = {"kind": "GitRepository", "name": "flux-system"}


def growth(folder: Path, runs: int) -> None:
    """Print for each size an audit with empty caches, one with full ones and a review of one file; then the ratios."""
    figures = [_figures(folder / str(size), size, runs) for size in SIZES]
    names = ("cold", "again", "review")
    ratios = (f"{name} × {large / small:.1f}" for name, small, large in zip(names, *figures, strict=True))
    print(f"{SIZES[-1] // SIZES[0]} times as many Kustomizations: {', '.join(ratios)}", flush=True)


def _figures(folder: Path, size: int, runs: int) -> tuple[float, float, float]:
    repository, data = folder / "repository", folder / "data"
    _made(repository, size)
    cold = told(f"{size:,} Kustomizations, empty cache", [audit(repository, data)])
    again = told(f"{size:,} Kustomizations again", [audit(repository, data) for _ in range(runs)])
    branches = list(_changes(repository, runs))
    one_file = told(f"{size:,} Kustomizations, one file", [review(repository, each, data) for each in branches])
    return cold, again, one_file


def _made(repository: Path, size: int) -> None:
    for path, text in _files(size):
        (repository / path).parent.mkdir(parents=True, exist_ok=True)
        (repository / path).write_text(text)
    git(repository, "init", "--quiet", "--initial-branch", "bench")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "-m", "made for a measurement")


def _files(size: int) -> Iterator[tuple[str, str]]:
    sync = {"path": "./clusters/main", "interval": "1h", "prune": True, "sourceRef": _SOURCE}
    yield "clusters/main/flux-system/gotk-sync.yaml", _object(_FLUX, "flux-system", "flux-system", spec=sync)
    for number in range(size):
        team = f"team-{number // _TEAM}"
        name, first = f"app-{number}", f"app-{number // _TEAM * _TEAM}"
        home = f"apps/{team}/{name}"
        after = [] if name == first else [{"name": first}]
        spec = {**sync, "path": f"./{home}", "wait": True, "dependsOn": after}
        yield f"clusters/main/{team}/{name}.yaml", _object(_FLUX, name, "flux-system", spec=spec)
        objects = dict(_objects(name, team, is_first=name == first))
        yield f"{home}/kustomization.yaml", f"resources: [{', '.join(objects)}]\n"
        yield from ((f"{home}/{file}", text) for file, text in objects.items())


def _objects(name: str, team: str, *, is_first: bool) -> Iterator[tuple[str, str]]:
    """Ten objects as an application has them."""
    for part in ("web", "worker"):
        labels = {"app": part}
        pod = {
            "metadata": {"labels": labels},
            "spec": {"containers": [{"name": part, "image": f"example/{name}:1.2.3"}]},
        }
        spec = {"selector": {"matchLabels": labels}, "template": pod}
        yield f"{part}.yaml", _object("apps/v1 Deployment", f"{name}-{part}", team, spec=spec)
        service = {"selector": labels, "ports": [{"port": 80}]}
        yield f"{part}-service.yaml", _object("v1 Service", f"{name}-{part}", team, spec=service)
    for part in ("settings", "texts", "rules"):
        yield f"{part}.yaml", _object("v1 ConfigMap", f"{name}-{part}", team, data={"a": part})
    yield "account.yaml", _object("v1 ServiceAccount", name, team)
    chart = {"chart": "app-template", "version": "1.2.3", "sourceRef": {"kind": "HelmRepository", "name": "charts"}}
    release = {"interval": "1h", "chart": {"spec": chart}}
    yield "release.yaml", _object("helm.toolkit.fluxcd.io/v2 HelmRelease", name, team, spec=release)
    if is_first:
        yield "namespace.yaml", _object("v1 Namespace", team, "")
    else:
        yield "role.yaml", _object("rbac.authorization.k8s.io/v1 Role", name, team, rules=[])


def _object(kind: str, name: str, namespace: str, **more: object) -> str:
    """An object as JSON over several lines, which is YAML too; ``kind`` is API version and kind."""
    version, _, what = kind.partition(" ")
    metadata = {"name": name, "namespace": namespace} if namespace else {"name": name}
    return json.dumps({"apiVersion": version, "kind": what, "metadata": metadata, **more}, indent=2) + "\n"


def _changes(repository: Path, count: int) -> Iterator[str]:
    """Branches that each change one image."""
    for number in range(1, count + 1):
        branch = f"change-{number}"
        git(repository, "checkout", "--quiet", "-b", branch, "bench")
        path = repository / "apps" / "team-0" / f"app-{number}" / "web.yaml"
        path.write_text(path.read_text().replace("1.2.3", "1.2.4"))
        git(repository, "commit", "--quiet", "--all", "-m", branch)
        yield branch
