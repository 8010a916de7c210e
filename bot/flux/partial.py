"""What a build that fails would still hold: the same build without what stops it.

A file that a kustomization names and that is not there stops the whole build,
and so does a field that kustomize does not know.
What is wrong with the rest comes to light only once that is mended; so the
build is looked at without it too, and both are said in one review.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.flux.closure import (
    DIRECTORY_FIELDS,
    FILE_FIELDS,
    GENERATOR_FIELDS,
    NAMED_PATHS,
    kustomization_body,
)
from bot.flux.reference import file_of, is_remote
from bot.flux.spelling import unknown
from bot.flux.tree import Tree
from bot.manifest.documents import read
from bot.model.field import Body, Value, at, items
from bot.model.snapshot import joined


@dataclass(slots=True)
class Present:
    """Takes what stops a build out of kustomizations; ``absent`` is that.

    Entries whose file is not there or cannot be read, and fields that kustomize does not know.
    """

    absent: list[str] = field(default_factory=list)

    def __call__(self, tree: Tree, directory: str, body: Body) -> Body:
        """A kustomization without them; the same object if it has none."""
        here, refused = _Here(tree, directory, self.absent), unknown(body)
        self.absent += refused
        clean: Body = {name: here.kept(name, value) for name, value in body.items() if name not in refused}
        return clean if clean != body else body


@dataclass(frozen=True, slots=True)
class _Here:
    """The entries of one kustomization file, each of which is there or not."""

    tree: Tree
    directory: str
    absent: list[str]

    def kept(self, name: str, value: Value) -> Value:
        """A field without the entries that cannot be read."""
        if not isinstance(value, list):
            return value
        if name in DIRECTORY_FIELDS or name in FILE_FIELDS:
            return [entry for entry in value if self._noted(entry)]
        if name in NAMED_PATHS:
            return [entry for entry in value if self._noted(at(entry, "path"))]
        if name in GENERATOR_FIELDS:
            return [self._generator(entry) for entry in value]
        return value

    def _noted(self, entry: Value) -> bool:
        """Whether an entry can be read; one that cannot is noted."""
        reads = self._reads(entry)
        if not reads:
            self.absent.append(str(entry))
        return reads

    def _generator(self, generator: Value) -> Value:
        if not isinstance(generator, dict):
            return generator
        kept: Body = dict(generator)
        for name in ("files", "envs"):
            if name in kept:
                kept[name] = [entry for entry in items(kept, name) if self._has(entry)]
        if not self._has(kept.get("env")):
            del kept["env"]
        return kept

    def _has(self, entry: Value) -> bool:
        """Whether the file of a generator's entry is there; what stands in it does not matter."""
        if not isinstance(entry, str) or is_remote(file_of(entry)):
            return True
        path = joined(self.directory, file_of(entry))
        return path is not None and self.tree.blob(path) is not None

    def _reads(self, entry: Value) -> bool:
        """Whether kustomize could read an entry: a manifest, or a directory with a kustomization file."""
        if not isinstance(entry, str) or "\n" in entry or is_remote(entry):
            return True
        path = joined(self.directory, entry)
        if path is None:
            return False
        file = self.tree.kustomization_file(path) if self.tree.has_directory(path) else path
        blob = self.tree.blob(file) if file else None
        if blob is None or blob.data is None:
            return blob is not None
        limits = self.tree.snapshot.limits.yaml
        if file != path:
            body = kustomization_body(blob.data, limits)
            return body is not None and not unknown(body)
        return not path.endswith((".yaml", ".yml")) or read(blob.data, limits).problem is None
