"""Builds of a test: planned from a written tree, and run by real kustomize."""

from __future__ import annotations

from collections.abc import Mapping

from bot.flux.build import Plan, plan
from bot.flux.tree import Tree
from bot.manifest.documents import read
from bot.model.ask import Rendered
from bot.model.cluster import Broken
from bot.model.field import Body, text
from bot.render.cell import Cell
from bot.render.kustomize import Kustomize
from tests.example_tree import flux, snapshot

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n"
DEPLOYMENT = """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec: {template: {spec: {containers: [{name: web, image: nginx}]}}}
    """


def planned(files: Mapping[str, str], spec: str = "{path: apps}", *links: str) -> Plan:
    found = plan(flux(spec), Tree(snapshot(files, *links)))
    assert isinstance(found, Plan), found
    return found


def broken(files: Mapping[str, str], spec: str = "{path: apps}", *links: str) -> Broken:
    found = plan(flux(spec), Tree(snapshot(files, *links)))
    assert isinstance(found, Broken), found
    return found


def root(made: Plan) -> Body:
    """The root kustomization that kustomize is given."""
    [data] = [made.build.files[name].data for name in made.build.files if name == made.root_file] or [None]
    if data is None:
        data = made.build.files[f"{made.build.directory}/kustomization.yaml".lstrip("/")].data
    return read(data or b"").documents[0].body


def names(made: Plan) -> list[str]:
    """What real kustomize makes of the build, as Kind/namespace/name."""
    answer = Kustomize(Cell()).build(made.build)
    assert isinstance(answer, Rendered), answer
    found = [document.body for document in answer.documents]
    return [f"{text(b, 'kind')}/{text(b, 'metadata', 'namespace')}/{text(b, 'metadata', 'name')}" for b in found]
