"""Repositories of a test, written as literals: paths and texts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from textwrap import dedent

from bot.flux.kustomization import read_kustomization
from bot.manifest.documents import read
from bot.model.field import Body
from bot.model.flux import Kustomization
from bot.model.resource import Origin, Resource, identity, resource
from bot.model.snapshot import Blob, Snapshot


def snapshot(files: Mapping[str, str], *links: str, label: str = "head") -> Snapshot:
    """The files with their indents taken out, and the names of symbolic links."""
    return Snapshot(label, {path: blob(dedent(text)) for path, text in files.items()}, frozenset(links))


def blob(text: str) -> Blob:
    """A file's content; its name is made as git makes it."""
    data = text.encode()
    return Blob(hashlib.sha1(b"blob %d\0%b" % (len(data), data)).hexdigest(), len(data), data)  # noqa: S324 - git's own


def body(text: str) -> Body:
    """The one manifest in a text."""
    [document] = read(dedent(text).encode()).documents
    return document.body


def written(text: str, path: str = "manifest.yaml") -> Resource:
    """The one manifest in a text as a resource that stands in the file ``path``."""
    found = body(text)
    ref = identity(found)
    return resource(found, Origin(path, ref.group, ref.kind, ref.namespace, ref.name))


def flux(spec: str, name: str = "apps", path: str = "clusters/main/apps.yaml") -> Kustomization:
    """A Flux Kustomization with this ``spec``, in YAML's flow style."""
    head = f"apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: {name}, "
    return read_kustomization(written(f"{head}namespace: flux-system}}\nspec: {spec}\n", path))
