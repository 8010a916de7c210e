"""What lies beside Flux in a repository and is applied before it: manifests, kustomizations, machine configuration."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from bot.flux.crd import defined_by
from bot.flux.tree import KUSTOMIZATION_NAMES
from bot.knowledge.remote import provided_by_url
from bot.load.helmfile import Installed
from bot.load.template import HOLE, bodies, lines
from bot.manifest.documents import read
from bot.model.field import Body, Value, flag, mapping, mappings, strings, text
from bot.model.ref import GroupKind
from bot.model.resource import identity
from bot.model.snapshot import Snapshot, clamped, joined

_MANIFEST = re.compile(r"\.(ya?ml|json)(\.(j2|tpl|tmpl|gotmpl))?$")
_SCRIPT = re.compile(r"(\.(sh|just|nu|py)|/(justfile|Makefile|Taskfile\.ya?ml))$", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s\"'\]),]+")
# Talos, and the k3s roles of Ansible.
_LISTS_OF_URLS = (b"extraManifests:", b"manifests_urls:")
_KEY = re.compile(r"(?P<indent>\s*)(?:- )?(?:extraManifests|\w*manifests_urls):")
_FLUX_PATH = re.compile(rb"^\s+path:\s*[\"']?([^\s\"'#]+)", re.MULTILINE)
_TELLING = (b"CustomResourceDefinition", b"Namespace", b"namespace:", b"helmCharts:")
_DEPTH = 4
# There where machine.features.kubernetesTalosAPIAccess is on, without which nobody writes such an object.
_TALOS_ACCOUNT = GroupKind("talos.dev", "ServiceAccount")


@dataclass(frozen=True, slots=True)
class Early:
    """Kinds and namespaces that are there before Flux starts, and the sentence that says why."""

    evidence: str
    kinds: tuple[GroupKind, ...] = ()
    namespaces: tuple[str, ...] = ()


def is_early(path: str) -> bool:
    """Whether a path lies where people keep what they apply by hand, and not among the applications."""
    return _is_early_directory(path.rpartition("/")[0])


@lru_cache(maxsize=65_536)
def _is_early_directory(directory: str) -> bool:
    for step in directory.split("/"):
        if step in ("apps", "components"):
            return False
        if step.startswith("bootstrap") or step == "talos":
            return True
    return "/server/manifests/" in f"{directory}/"


def early_paths(snapshot: Snapshot, paths: Iterable[str], root: str) -> tuple[str, ...]:
    """The manifests in such places that no Kustomization of Flux applies."""
    homes = {home for home in snapshot.directories if _is_early_directory(home)}
    found = [path for path in paths if path.rpartition("/")[0] in homes and _MANIFEST.search(path)] if homes else []
    if not found:
        return ()
    taken = tuple(path for path in (root, *_flux_paths(snapshot)) if is_early(f"{path}/"))
    return tuple(path for path in found if not any(f"{path}/".startswith(f"{place}/") for place in taken))


def early_charts(snapshot: Snapshot, path: str) -> Iterator[Installed]:
    """The charts that kustomize inflates; it leaves ``crds/`` out unless told otherwise."""
    if posixpath.basename(path) not in KUSTOMIZATION_NAMES:
        return
    for body in bodies(snapshot.data(path) or b"", snapshot.limits.yaml):
        for chart in mappings(body, "helmCharts"):
            name, repository = text(chart, "name"), text(chart, "repo")
            url = f"{repository}/{name}" if repository.startswith("oci://") else repository
            values, unknown = _chart_values(snapshot, posixpath.dirname(path), chart)
            namespace = text(chart, "namespace")
            yield Installed(path, name, url, values, unknown, namespace, skip_crds=not flag(chart, "includeCRDs"))


def early_objects(snapshot: Snapshot, path: str) -> Iterator[Early]:
    """What a manifest, a kustomization or a machine configuration brings, texts inside its fields included."""
    data = snapshot.data(path) or b""
    if not any(word in data for word in _TELLING) and b"://" not in data and b"github.com" not in data:
        return
    evidence = f"{path} is applied before Flux starts"
    for body in bodies(data, snapshot.limits.yaml):
        if text(body, "apiVersion").startswith("kustomize.config.k8s.io/"):
            yield Early(evidence, namespaces=_names(text(body, "namespace")))
            yield from _remote(path, strings(body, "resources"))
        else:
            yield from (_object(each, evidence) for each in _objects(body, _DEPTH))


def machines(paths: Iterable[str]) -> Iterator[Early]:
    """What the operating system brings that the tree configures: Talos a kind of its own, where nodes allow it."""
    found = (path for path in paths if "tal" in path and _is_of_talos(path))
    first = min((path for path in found if _MANIFEST.search(path)), key=lambda path: (path[0] == ".", path), default="")
    if first:
        yield Early(f"{first} says that the nodes run Talos, which brings it", (_TALOS_ACCOUNT,))


def _is_of_talos(path: str) -> bool:
    return path.endswith("/talconfig.yaml") or "talos" in path.split("/")[:2]


def listed_urls(snapshot: Snapshot, paths: Iterable[str]) -> Iterator[Early]:
    """What the lists of URLs bring that a machine configuration applies, and what bootstrap scripts fetch."""
    files = snapshot.files
    for path in paths:
        data = files[path].data
        if not data or b"://" not in data:
            continue
        if "bootstrap" in path and _SCRIPT.search(path):
            yield from _remote(path, (url for line in lines(data) for url in _URL.findall(line)))
        elif any(word in data for word in _LISTS_OF_URLS):
            yield from _remote(path, _in_lists(data))


def _flux_paths(snapshot: Snapshot) -> Iterator[str]:
    for blob in snapshot.files.values():
        if blob.data and b"kustomize.toolkit.fluxcd.io" in blob.data:
            yield from (clamped(found.decode(errors="replace")) for found in _FLUX_PATH.findall(blob.data))


def _chart_values(snapshot: Snapshot, directory: str, chart: Body) -> tuple[Body, bool]:
    inline = mapping(chart, "valuesInline")
    name = text(chart, "valuesFile")
    place = joined(directory, name) if name else None
    documents = read(snapshot.data(place) or b"", snapshot.limits.yaml).documents if place else ()
    from_file = documents[0].body if documents else {}
    return {**from_file, **inline}, bool(name) and not documents


def _objects(value: Value, depth: int) -> Iterator[Body]:
    """The objects in a value, also those written as text: Talos keeps whole manifests and patches in strings.

    ``depth`` is how many texts may stand in each other, the value itself counted.
    """
    pending = [(value, depth)]
    while pending:
        each, left = pending.pop()
        if isinstance(each, dict):
            if text(each, "apiVersion") and text(each, "kind"):
                yield each
            pending += ((inner, left) for inner in reversed(each.values()))
        elif isinstance(each, list):
            pending += ((inner, left) for inner in reversed(each))
        elif left > 1 and isinstance(each, str) and "\n" in each and ("kind:" in each or "inlineManifests" in each):
            pending += ((body, left - 1) for body in reversed(bodies(each.encode())))


def _object(body: Body, evidence: str) -> Early:
    """What one object says: the kind it defines, the namespace it is or lives in."""
    ref = identity(body)
    defined = defined_by(body)
    name = ref.name if (ref.group, ref.kind) == ("", "Namespace") else ref.namespace
    return Early(evidence, (defined[0],) if defined else (), _names(name))


def _names(name: str) -> tuple[str, ...]:
    """A namespace, if it is one: ``_`` and ``not-used`` stand for what a kustomization puts in."""
    return () if not name or name in ("_", "not-used") or HOLE in name or "${" in name else (name,)


def _remote(path: str, urls: Iterable[str]) -> Iterator[Early]:
    for url in urls:
        answer = provided_by_url(url)
        if answer:
            yield Early(f"{path} applies {url} before Flux starts", answer.kinds)


def _in_lists(data: bytes) -> Iterator[str]:
    """The URLs in the lists of that name, read by line: they often stand in text inside a field."""
    inside: int | None = None
    for line in lines(data):
        stripped = line.strip()
        key = _KEY.match(line)
        if key:
            inside = len(key["indent"])
        elif inside is not None and stripped and not stripped.startswith("-") and _indent(line) <= inside:
            inside = None
        if inside is not None:
            yield from _URL.findall(line)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
