"""How long fluxbot takes: ``python -m tests.bench [RUNS]`` (``make bench``), whole processes on two cores.

Measured on the largest part of the corpus if that is there (see tests/corpus.py),
else on a repository made here. Prints figures and judges none.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Final

from bot.app.local import Wish, audited, drive
from bot.bootstrap import answerer
from bot.flux.build import SCHEMA_FILE
from bot.flux.tree import KUSTOMIZATION_NAMES
from bot.model.ask import Answers, Ask, Build
from bot.ports import Answerer
from tests.bench_app import answered
from tests.bench_cell import cost
from tests.bench_intake import intake
from tests.bench_monorepo import growth
from tests.bench_page import paging
from tests.corpus import corpus
from tests.timed import Run, audit, git, review, timed, told

CORES: Final = 2
_SUBJECT: Final = "onedr0p/home-ops"
_APPS: Final = 60
_KUBECTL: Final = str(Path(sys.executable).with_name("kubectl"))
_VERSION: Final = re.compile(r"^(\s+(?:tag|version|image): ['\"]?[^ \n]*[0-9]+\.)([0-9]+)", re.MULTILINE)


class _Recorder:
    """An answerer that remembers which builds it was asked for."""

    def __init__(self, inner: Answerer) -> None:
        self._inner = inner
        self.builds: dict[str, Build] = {}

    def answer(self, asks: Sequence[Ask], progress: Callable[[int], None] | None = None) -> Answers:
        self.builds.update((ask.key, ask) for ask in asks if isinstance(ask, Build))
        return self._inner.answer(asks, progress)


def main() -> None:
    """Print all figures."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    _confine()
    with tempfile.TemporaryDirectory(prefix="fluxbot-bench-") as name:
        folder = Path(name)
        repository = folder / "repository"
        title = _prepared(repository)
        builds = _builds(repository)
        print(f"{title}: {len(builds)} builds; {runs} runs each, median (fastest – slowest)", flush=True)
        print(*cost(builds, _KUBECTL, runs), sep="\n", flush=True)
        bare = told("bare kubectl kustomize, two at a time", [_bare(builds, folder / "bare") for _ in range(runs)])
        cold = told("audit, empty cache", [audit(repository, folder / f"cold-{n}") for n in range(runs)])
        print(f"{'audit / bare kubectl':40} {cold / bare:.2f}", flush=True)
        audit(repository, folder / "warm")
        told("audit again", [audit(repository, folder / "warm") for _ in range(runs)])
        branches = list(_changes(repository, runs))
        told("review of a change to one file", [review(repository, branch, folder / "warm") for branch in branches])
        for line in answered(repository, "bench", branches):
            print(line, flush=True)
        growth(folder, runs)
        for line in chain(paging(folder, runs), intake()):
            print(line, flush=True)


def _confine() -> None:
    """Leave this process, and all that it starts, two cores, where the platform can do that."""
    if sys.platform == "linux":
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])


def _builds(repository: Path) -> tuple[Build, ...]:
    """The builds that an audit asks for."""
    recorder = _Recorder(answerer(cached=False, jobs=CORES))
    drive(audited(Wish(str(repository), datetime.now(UTC).date(), rev="bench")), recorder, lambda _done, _asked: None)
    return tuple(recorder.builds.values())


def _bare(builds: Sequence[Build], folder: Path) -> Run:
    """Kustomize alone, with its defaults, over directories that are there already."""
    targets = [_laid_out(build, folder / str(number)) for number, build in enumerate(builds)]
    command = (_KUBECTL, "kustomize", "--load-restrictor", "LoadRestrictionsNone")
    run = timed([(*command, str(target)) for target in targets], folder, CORES)
    shutil.rmtree(folder)
    return run


def _laid_out(build: Build, folder: Path) -> Path:
    """The directory of a build, as somebody without fluxbot has it: with kustomize's own schema."""
    target = folder / build.directory
    for path, blob in build.files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        content = blob.data or b""
        if place.name == SCHEMA_FILE:
            continue
        if build.small_schema and place.parent == target and place.name in KUSTOMIZATION_NAMES and content:
            body = json.loads(content)
            del body["openapi"]
            content = json.dumps(body).encode()
        place.write_bytes(content)
    return target


def _prepared(repository: Path) -> str:
    """Make a repository with a branch ``bench``; what it is."""
    real = corpus()
    if real.is_there:
        rev = real.heads()[_SUBJECT]
        bundle = str(real.folder / "corpus.bundle")
        subprocess.run(
            ("git", "clone", "--quiet", "--single-branch", "--branch", rev, bundle, str(repository)), check=True
        )
        git(repository, "branch", "--quiet", "bench")
        return rev
    repository.mkdir()
    for path, text in _made():
        (repository / path).parent.mkdir(parents=True, exist_ok=True)
        (repository / path).write_text(text)
    git(repository, "init", "--quiet", "--initial-branch", "bench")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "-m", "made for a measurement")
    return f"a made repository of {_APPS} applications"


def _changes(repository: Path, count: int) -> Iterator[str]:
    """Branches that each move one version, tag or image of another file by one."""
    paths = sorted(path for path in repository.rglob("*.y*ml") if path.is_file() and _VERSION.search(path.read_text()))
    for number, path in enumerate(paths[:: max(1, len(paths) // count)][:count]):
        branch = f"change-{number}"
        git(repository, "checkout", "--quiet", "-b", branch, "bench")
        path.write_text(_VERSION.sub(lambda found: f"{found[1]}{int(found[2]) + 1}", path.read_text(), count=1))
        git(repository, "commit", "--quiet", "--all", "-m", branch)
        yield branch


def _made() -> Iterator[tuple[str, str]]:
    """A cluster as people have them: one Kustomization an application, each with a release and a file of values."""
    source = "sourceRef: {kind: GitRepository, name: flux-system}"
    head = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
    sync = f"spec: {{path: ./clusters/main, interval: 1h, prune: true, {source}}}\n"
    patch = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: _}\nspec: {timeout: 5m}"
    patches = {
        "patches": [{"patch": patch, "target": {"group": "kustomize.toolkit.fluxcd.io", "kind": "Kustomization"}}]
    }
    yield (
        "clusters/main/flux-system/gotk-sync.yaml",
        f"{head}metadata: {{name: flux-system, namespace: flux-system}}\n{sync}",
    )
    names = [f"app-{number}" for number in range(_APPS)]
    listed = {"resources": ["flux-system/gotk-sync.yaml", *(f"{name}.yaml" for name in names)], **patches}
    yield "clusters/main/kustomization.yaml", json.dumps(listed)
    for name in names:
        spec = f"spec: {{path: ./apps/{name}, interval: 1h, prune: true, wait: true, {source}}}\n"
        yield f"clusters/main/{name}.yaml", f"{head}metadata: {{name: {name}, namespace: flux-system}}\n{spec}"
        yield (
            f"apps/{name}/kustomization.yaml",
            "resources: [release.yaml]\nconfigMapGenerator: [{name: values, files: [values.txt]}]\n",
        )
        yield f"apps/{name}/values.txt", f"{name}\n" * 20
        yield f"apps/{name}/release.yaml", _release(name)


def _release(name: str) -> str:
    return f"""\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: {name}, namespace: default}}
spec:
  interval: 1h
  chart:
    spec: {{chart: app-template, sourceRef: {{kind: HelmRepository, name: charts, namespace: flux-system}}}}
  values:
    image:
      repository: example/{name}
      tag: 1.2.3
"""


if __name__ == "__main__":
    main()
