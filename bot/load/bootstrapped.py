"""What is in a cluster before Flux starts, as far as the repository shows it.

Many repositories install CRDs first, by helmfile, by Talos or k3s, or by
hand from a directory ``bootstrap``. A custom resource beside its HelmRelease
is right there, so asking for an order would be a false alarm.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

from bot.flux.entry import entries
from bot.knowledge.charts import Mechanism, Presence, brought
from bot.load.early import Early, early_charts, early_objects, early_paths, listed_urls, machines
from bot.load.helmfile import Installed, installed_by, is_helmfile
from bot.load.twin import Twins
from bot.model.cluster import Provided
from bot.model.ref import GroupKind
from bot.model.snapshot import Snapshot

_DEAD = frozenset({"archive", "archived", "deprecated", "disabled", "unused"})
# A script or task file that sets clusters up by hand.
_SCRIPT = re.compile(
    r"(^|/)(bootstrap[^/]*\.sh|bootstrap/(.*/)?(mod\.just|\.?justfile|taskfile\.ya?ml))$", re.IGNORECASE
)
_RUN = re.compile(rb"/(bootstrap[\w-]*\.sh)\b")
# Words of paths that name no cluster.
_PLAIN = frozenset(
    {"apps", "bootstrap", "cluster", "clusters", "flux", "helmfile", "infra", "infrastructure", "k8s", "kubernetes"}
    | {"talos", "flux-system"}
)


def bootstrapped(snapshot: Snapshot, root: str, roots: Sequence[str] | None = None) -> Provided:
    """The kinds and namespaces that the cluster at ``root`` has before Flux starts, each with the place that says so.

    ``roots`` are those of all clusters of the repository, looked for where not
    given: a bootstrap whose path names another one is not of this cluster.
    """
    others = roots if roots is not None else tuple(entry.root for entry in entries(snapshot))
    dead = {home for home in snapshot.directories if _is_dead_directory(home)}
    paths = sorted(snapshot.files)
    if dead:
        paths = [path for path in paths if path.rpartition("/")[0] not in dead]
    if any(other != root for other in others):
        foreign = _foreign(root, others)
        paths = [path for path in paths if not foreign(path)]
    kinds: dict[GroupKind, str] = {}
    namespaces: dict[str, str] = {}
    for early in _all(snapshot, paths, root):
        for what in early.kinds:
            kinds.setdefault(what, early.evidence)
        for name in early.namespaces:
            namespaces.setdefault(name, early.evidence)
    scripts = tuple(path for path in paths if "bootstrap" in path.lower() and _SCRIPT.search(path))
    unread = next(_unread(snapshot, scripts), "")
    return Provided(kinds=kinds, namespaces=namespaces, script=scripts[0] if scripts else "", unread=unread)


def _unread(snapshot: Snapshot, scripts: Sequence[str]) -> Iterator[str]:
    """The scripts that are empty or too large, and those that another one runs and that are not in the tree."""
    yield from (path for path in scripts if not snapshot.data(path))
    there = {posixpath.basename(path) for path in scripts}
    for path in scripts:
        for name in _RUN.findall(snapshot.data(path) or b""):
            if name.decode() not in there:
                yield f"{name.decode()}, which {path} runs"


def _all(snapshot: Snapshot, paths: Sequence[str], root: str) -> Iterator[Early]:
    twins = Twins(snapshot, paths)
    for path in (path for path in paths if "helmfile" in path or "bootstrap" in path):
        if is_helmfile(path, snapshot.data(path) or b""):
            yield from _from_charts(installed_by(path, snapshot, twins))
    for path in early_paths(snapshot, paths, root):
        yield from _from_charts(early_charts(snapshot, path))
        yield from early_objects(snapshot, path)
    yield from listed_urls(snapshot, paths)
    yield from machines(paths)


def _from_charts(charts: Iterable[Installed]) -> Iterator[Early]:
    for chart in charts:
        answer = brought(chart.chart, chart.url, chart.values, unknown=chart.unknown, skip_crds=chart.skip_crds)
        kinds = tuple(
            crd.what
            for crd in answer.crds
            # A render of CRDs runs no pod and no hook, so what those would make does not come.
            if crd.present is not Presence.NO and not (chart.crds_only and crd.mechanism is Mechanism.CONTROLLER)
        )
        namespaces = (chart.namespace,) if chart.namespace else ()
        yield Early(f"{chart.place} installs chart {chart.chart} before Flux starts", kinds, namespaces)


def _foreign(root: str, roots: Iterable[str]) -> Callable[[str], bool]:
    """Whether a path names another cluster: it has a word of that one's root and none of this one's own."""
    words = _words(root)
    apart = [(words - _words(other), _words(other) - words - _PLAIN) for other in roots if other != root]

    def is_foreign(path: str) -> bool:
        steps = _words(path)
        return any(steps & theirs and not steps & own for own, theirs in apart)

    return is_foreign


def _words(path: str) -> frozenset[str]:
    """The steps of a path, the file without its endings."""
    directory, _, name = path.rpartition("/")
    return frozenset({*directory.split("/"), name.partition(".")[0]}) - {""}


@lru_cache(maxsize=65_536)
def _is_dead_directory(path: str) -> bool:
    return any(step.strip("._").lower() in _DEAD for step in path.split("/"))
