"""Small random Flux repositories: who applies, brings, needs, reads, checks and waits for what."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import yaml
from hypothesis import strategies as st

from bot.model.ask import Document, Rendered
from bot.model.field import Body, Value
from bot.model.snapshot import Snapshot
from tests.example_tree import blob
from tests.laws.literal_player import Chart, Manifest, World, name_of

ROOT: Final = "flux-system"
GROUP: Final = "example.org"
KINDS: Final = ("Thing", "Part", "GadgetClass")
NAMESPACES: Final = ("shop", "bank")
NAMES: Final = ("ants", "bees", "cows", "dogs", "eels")
RELEASES: Final = ("oak", "elm", "fir")
SKIPPED: Final = "kustomize.toolkit.fluxcd.io/reconcile"


@dataclass(frozen=True)
class Tree:
    """A HelmRelease: the kinds of its chart's ``crds/``, of the CRDs and of the objects among its templates."""

    name: str
    crds: tuple[str, ...] = ()
    defines: tuple[str, ...] = ()
    applies: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    namespace: str = ""
    suspended: bool = False


@dataclass(frozen=True)
class Herd:
    """A Kustomization.

    ``defines`` are kinds whose CRDs it applies, ``applies`` those of its custom
    resources, each in a namespace; ``ignored`` are kinds of which it has an
    object that Flux is told to leave alone. ``reads`` are Kustomizations whose
    ConfigMap it takes its variables from; ``checks`` kinds and names.
    """

    name: str
    parents: tuple[str, ...] = (ROOT,)
    after: tuple[str, ...] = ()
    waits: bool = False
    suspended: bool = False
    checks: tuple[tuple[str, str], ...] = ()
    reads: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    defines: tuple[str, ...] = ()
    applies: tuple[tuple[str, str], ...] = ()
    ignored: tuple[str, ...] = ()
    releases: tuple[Tree, ...] = ()


@dataclass(frozen=True)
class Fleet:
    """One cluster's repository."""

    herds: tuple[Herd, ...]

    @property
    def trees(self) -> dict[str, Tree]:
        return {tree.name: tree for herd in self.herds for tree in herd.releases}

    def herd(self, name: str) -> Herd:
        return next(herd for herd in self.herds if herd.name == name)

    def with_herd(self, changed: Herd) -> Fleet:
        return Fleet(tuple(changed if herd.name == changed.name else herd for herd in self.herds))

    def with_tree(self, changed: Tree) -> Fleet:
        return Fleet(
            tuple(
                replace(herd, releases=tuple(changed if one.name == changed.name else one for one in herd.releases))
                for herd in self.herds
            )
        )

    def manifests(self) -> dict[str, dict[str, list[Body]]]:
        """By directory and file what each Kustomization applies; the root's directory holds its own object too."""
        found: dict[str, dict[str, list[Body]]] = {_path(ROOT): {"flux-system/gotk-sync.yaml": list(_sync())}}
        for herd in self.herds:
            files = found.setdefault(_path(herd.name), {})
            files["objects.yaml"] = list(_objects(herd))
            for release in herd.releases:
                files[f"{release.name}.yaml"] = [_release(release)]
        for herd in self.herds:
            for parent in herd.parents:
                found[_path(parent)][f"{herd.name}.yaml"] = [_kustomization(herd)]
        return found

    def texts(self) -> dict[str, str]:
        """The files of the repository."""
        texts = {
            f"{directory}/{name}": _text(bodies)
            for directory, files in self.manifests().items()
            for name, bodies in files.items()
            if bodies
        }
        for herd in self.herds:
            if not any(path.startswith(f"{_path(herd.name)}/") for path in texts):
                texts[f"{_path(herd.name)}/README.md"] = ""
        return texts | {f"charts/{name}/Chart.yaml": f"name: {name}\nversion: 1.0.0\n" for name in self.trees}

    def charts(self) -> dict[str, Chart]:
        return {
            name: Chart(
                tuple(_crd(kind) for kind in tree.crds),
                (*map(_crd, tree.defines), *(_custom(kind, f"{name}-chart", ROOT) for kind in tree.applies)),
            )
            for name, tree in self.trees.items()
        }

    def rendered(self) -> dict[str, Rendered]:
        """The charts as whoever renders them answers, by release."""
        return {
            name: Rendered(tuple(map(_document, one.templates)), tuple(map(_document, one.crds)))
            for name, one in self.charts().items()
        }

    def snapshot(self, label: str = "head") -> Snapshot:
        return Snapshot(label, {path: blob(text) for path, text in self.texts().items()})

    def world(self) -> World:
        """The same for the literal player. What nothing in the repository brings was there before Flux."""
        artifact = {
            directory: tuple(body for bodies in files.values() for body in bodies)
            for directory, files in self.manifests().items()
        }
        applied = [one for some in artifact.values() for one in some]
        made = {name_of(one) for one in applied}
        for tree in self.trees.values():
            made |= {name_of(_crd(kind)) for kind in (*tree.crds, *tree.defines)} | {f"Namespace//{tree.namespace}"}
        outside = [*map(_crd, KINDS), *map(_namespace, NAMESPACES), *map(_settings, NAMES)]
        root = next(one for one in applied if name_of(one) == f"Kustomization/{ROOT}/{ROOT}")
        return World(root, artifact, self.charts(), tuple(one for one in outside if name_of(one) not in made))


def _path(name: str) -> str:
    return "clusters/main" if name == ROOT else f"apps/{name}"


def _text(bodies: Sequence[Body]) -> str:
    return yaml.dump_all(bodies, Dumper=yaml.CDumper, explicit_start=True, sort_keys=False)


def _document(manifest: Manifest) -> Document:
    return Document(json.loads(json.dumps(manifest)))


def _object(api: str, kind: str, name: str, namespace: str, spec: Body | None = None) -> Body:
    metadata: Body = {"name": name, "namespace": namespace} if namespace else {"name": name}
    body: Body = {"apiVersion": api, "kind": kind, "metadata": metadata}
    return body if spec is None else {**body, "spec": spec}


def _sync() -> Iterator[Body]:
    url: Body = {"url": "https://example.org/fleet.git", "interval": "1m", "ref": {"branch": "main"}}
    yield _object("source.toolkit.fluxcd.io/v1", "GitRepository", ROOT, ROOT, url)
    yield _kustomization(Herd(ROOT))


def _kustomization(herd: Herd) -> Body:
    spec: Body = {
        "interval": "10m",
        "path": f"./{_path(herd.name)}",
        "prune": True,
        "sourceRef": {"kind": "GitRepository", "name": ROOT},
    }
    if herd.after:
        spec["dependsOn"] = _named(herd.after)
    if herd.waits:
        spec["wait"] = True
    if herd.suspended:
        spec["suspend"] = True
    if herd.checks:
        spec["healthChecks"] = [_check(*check) for check in herd.checks]
    if herd.reads:
        spec["postBuild"] = {"substituteFrom": [{"kind": "ConfigMap", "name": name} for name in herd.reads]}
    return _object("kustomize.toolkit.fluxcd.io/v1", "Kustomization", herd.name, ROOT, spec)


_VERSIONS: Final = {
    "Kustomization": "kustomize.toolkit.fluxcd.io/v1",
    "HelmRelease": "helm.toolkit.fluxcd.io/v2",
    "ConfigMap": "v1",
    "Namespace": "v1",
    "CustomResourceDefinition": "apiextensions.k8s.io/v1",
}


def _check(kind: str, name: str) -> Body:
    whole: Body = {"apiVersion": _VERSIONS[kind], "kind": kind, "name": name}
    return whole if kind in ("Namespace", "CustomResourceDefinition") else {**whole, "namespace": ROOT}


def _release(tree: Tree) -> Body:
    source: Body = {"kind": "GitRepository", "name": ROOT}
    spec: Body = {"interval": "10m", "chart": {"spec": {"chart": f"./charts/{tree.name}", "sourceRef": source}}}
    if tree.after:
        spec["dependsOn"] = _named(tree.after)
    if tree.reads:
        spec["valuesFrom"] = [{"kind": "ConfigMap", "name": name, "valuesKey": "settings"} for name in tree.reads]
    if tree.namespace:
        spec |= {"targetNamespace": tree.namespace, "install": {"createNamespace": True}}
    if tree.suspended:
        spec["suspend"] = True
    return _object("helm.toolkit.fluxcd.io/v2", "HelmRelease", tree.name, ROOT, spec)


def _named(names: tuple[str, ...]) -> list[Value]:
    return [{"name": name} for name in names]


def _objects(herd: Herd) -> Iterator[Body]:
    yield from map(_namespace, herd.namespaces)
    yield from map(_crd, herd.defines)
    yield _settings(herd.name)
    for kind, namespace in herd.applies:
        yield _custom(kind, f"{herd.name}-{namespace}", namespace)
    for kind in herd.ignored:
        body = _custom(kind, f"{herd.name}-ignored", ROOT)
        yield {
            **body,
            "metadata": {"name": f"{herd.name}-ignored", "namespace": ROOT, "annotations": {SKIPPED: "disabled"}},
        }


def _namespace(name: str) -> Body:
    return _object("v1", "Namespace", name, "")


def _settings(name: str) -> Body:
    return {**_object("v1", "ConfigMap", name, ROOT), "data": {"settings": "{}"}}


def _plural(kind: str) -> str:
    return f"{kind.lower()}es" if kind.endswith("s") else f"{kind.lower()}s"


def _crd(kind: str) -> Body:
    plural = _plural(kind)
    spec: Body = {
        "group": GROUP,
        "names": {"kind": kind, "plural": plural},
        "scope": "Namespaced",
        "versions": [{"name": "v1", "served": True, "storage": True}],
    }
    return _object("apiextensions.k8s.io/v1", "CustomResourceDefinition", f"{plural}.{GROUP}", "", spec)


def _custom(kind: str, name: str, namespace: str) -> Body:
    return _object(f"{GROUP}/v1", kind, name, namespace)


def _some(options: Sequence[str], most: int = 2) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(options), max_size=most, unique=True).map(tuple)


_SOMETIMES: Final = st.integers(0, 2).map(lambda number: number == 2)
_RARELY: Final = st.integers(0, 9).map(lambda number: number == 9)


@st.composite
def _trees(draw: st.DrawFn, name: str) -> Tree:
    return Tree(
        name,
        crds=draw(_some(KINDS, 1)),
        defines=draw(_some(KINDS, 1)) if draw(_SOMETIMES) else (),
        applies=draw(_some(KINDS, 1)) if draw(_SOMETIMES) else (),
        after=draw(_some(RELEASES, 1)) if draw(_SOMETIMES) else (),
        reads=draw(_some(NAMES, 1)) if draw(_RARELY) else (),
        namespace=draw(st.sampled_from(("", "", "", *NAMESPACES))),
        suspended=draw(_RARELY),
    )


@st.composite
def fleets(draw: st.DrawFn) -> Fleet:
    """Up to five Kustomizations and three HelmReleases."""
    names = NAMES[: draw(st.integers(1, len(NAMES)))]
    homes = {name: draw(st.sampled_from(names)) for name in RELEASES[: draw(st.integers(0, len(RELEASES)))]}
    trees = {name: draw(_trees(name)) for name in homes}
    herds = []
    for place, name in enumerate(names):
        parents = draw(_some((ROOT, *names[:place]), 2)) if draw(_SOMETIMES) else (ROOT,)
        releases = tuple(tree for tree in trees.values() if homes[tree.name] == name)
        after = draw(_some(names if draw(_RARELY) else names[:place])) if place else ()
        herds.append(_herd(draw, Herd(name, parents or (ROOT,), after, releases=releases), names))
    return _whole(Fleet(tuple(herds)))


@st.composite
def overlapping(draw: st.DrawFn) -> Fleet:
    """A fleet in which a second Kustomization applies the very same HelmRelease as another one."""
    fleet = draw(fleets())
    for tree in fleet.trees.values():
        second = fleet.herd(draw(st.sampled_from([herd.name for herd in fleet.herds])))
        if draw(_SOMETIMES) and tree not in second.releases:
            fleet = fleet.with_herd(replace(second, releases=(*second.releases, tree)))
    return fleet


def _herd(draw: st.DrawFn, herd: Herd, names: Sequence[str]) -> Herd:
    crds = [("CustomResourceDefinition", f"{_plural(kind)}.{GROUP}") for kind in KINDS]
    checkable = [*(("Kustomization", name) for name in names), *(("ConfigMap", name) for name in names), *crds]
    checkable += [*(("HelmRelease", name) for name in RELEASES), *(("Namespace", name) for name in NAMESPACES)]
    some = st.lists(st.sampled_from(checkable), min_size=1, max_size=2, unique=True).map(tuple)
    return replace(
        herd,
        waits=draw(_SOMETIMES),
        suspended=draw(_RARELY) and draw(_RARELY),
        checks=draw(some) if draw(_SOMETIMES) else (),
        reads=draw(_some(names, 1)) if draw(_RARELY) else (),
        namespaces=draw(_some(NAMESPACES, 1)),
        defines=draw(_some(KINDS, 1)) if draw(_SOMETIMES) else (),
        applies=tuple((kind, draw(st.sampled_from((ROOT, ROOT, *NAMESPACES)))) for kind in draw(_some(KINDS, 1))),
        ignored=draw(_some(KINDS, 1)) if draw(_RARELY) else (),
    )


def _whole(fleet: Fleet) -> Fleet:
    """Without names of releases that nobody applies, checks on what nobody makes, and those who read what they make.

    What is absent, or made by its own reader, is taken to be made by hand.
    """
    there = {name_of(one) for files in fleet.manifests().values() for some in files.values() for one in some}
    for tree in fleet.trees.values():
        fleet = fleet.with_tree(replace(tree, after=tuple(name for name in tree.after if name in fleet.trees)))
    for herd in fleet.herds:
        reads = tuple(name for name in herd.reads if name != herd.name)
        kept = tuple(check for check in herd.checks if name_of(_check_object(*check)) in there)
        fleet = fleet.with_herd(replace(herd, checks=kept, reads=reads))
    return fleet


def _check_object(kind: str, name: str) -> Mapping[str, Value]:
    entry = _check(kind, name)
    return {"kind": kind, "metadata": {key: entry[key] for key in ("name", "namespace") if key in entry}}
