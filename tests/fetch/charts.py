"""Charts as a test makes them: their archives, an index of them, and a registry that holds them."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.fetch.web import Request, Said, Web

CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.shop.example.org}
spec:
  group: shop.example.org
  names: {kind: Widget, plural: widgets}
  scope: Namespaced
  versions: [{name: v1, served: true, storage: true}]
"""


def chart(name: str = "widgets", version: str = "1.2.3", files: Mapping[str, str] | None = None) -> bytes:
    """The archive of a chart that brings a CRD which no catalogue knows."""
    its = {"Chart.yaml": f"apiVersion: v2\nname: {name}\nversion: {version}\n", "crds/widget.yaml": CRD}
    return packed({f"{name}/{path}": text.encode() for path, text in (its | dict(files or {})).items()})


def packed(files: Mapping[str, bytes], *more: tarfile.TarInfo) -> bytes:
    """A .tar.gz of files, and of entries without content."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
        for entry in more:
            archive.addfile(entry)
    return gzip.compress(tar.getvalue(), mtime=0)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def index(*listed: Mapping[str, object], name: str = "widgets") -> Said:
    """An index of versions of one chart. JSON is YAML."""
    return Said(json.dumps({"apiVersion": "v1", "entries": {name: listed}}).encode())


def listed(archive: bytes, url: str = "widgets-1.2.3.tgz", version: str = "1.2.3") -> dict[str, object]:
    return {"name": "widgets", "version": version, "urls": [url], "digest": sha256(archive)}


def serve_index(web: Web, archive: bytes, version: str = "1.2.3") -> None:
    """Let a server be a repository with one version of one chart, below /charts."""
    web.says["/charts/index.yaml"] = index(listed(archive, f"widgets-{version}.tgz", version))
    web.says[f"/charts/widgets-{version}.tgz"] = Said(archive)


@dataclass
class Registry:
    """A registry of one repository on a server. With ``realm`` it demands a token from there."""

    web: Web
    name: str = "acme/widgets"
    realm: str = ""
    challenge: str = ""
    tags: dict[str, bytes] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)

    def hold(self, archive: bytes, *tags: str) -> str:
        """Hold a chart under its tags; the digest of its manifest."""
        layer = {"mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip", "size": len(archive)}
        config = {
            "mediaType": "application/vnd.cncf.helm.config.v1+json",
            "digest": f"sha256:{sha256(b'{}')}",
            "size": 2,
        }
        layers = [{**layer, "digest": f"sha256:{sha256(archive)}"}]
        return self._hold(archive, {"config": config, "layers": layers}, tags)

    def push(self, files: Mapping[str, str], annotations: Mapping[str, str], *tags: str) -> str:
        """Hold an artifact as `flux push artifact` makes it; the digest of its manifest."""
        archive = packed({path: text.encode() for path, text in files.items()})
        layer = {"mediaType": "application/vnd.cncf.flux.content.v1.tar+gzip", "size": len(archive)}
        config = {
            "mediaType": "application/vnd.cncf.flux.config.v1+json",
            "digest": f"sha256:{sha256(b'{}')}",
            "size": 2,
        }
        layers = [{**layer, "digest": f"sha256:{sha256(archive)}"}]
        return self._hold(archive, {"config": config, "layers": layers, "annotations": annotations}, tags)

    def _hold(self, archive: bytes, described: Mapping[str, object], tags: tuple[str, ...]) -> str:
        manifest = json.dumps({"schemaVersion": 2, **described}).encode()
        digest = f"sha256:{sha256(manifest)}"
        self._serve(f"blobs/sha256:{sha256(archive)}", Said(archive))
        for tag in (digest, *tags):
            self._serve(f"manifests/{tag}", Said(manifest))
            self.tags[tag] = manifest
        self._serve("tags/list", Said(json.dumps({"name": self.name, "tags": [*tags]}).encode()))
        return digest

    def _serve(self, path: str, said: Said) -> None:
        self.web.says[f"/v2/{self.name}/{path}"] = lambda request: self._guarded(request, said)

    def _guarded(self, request: Request, said: Said) -> Said:
        challenge = self.challenge or f'Bearer realm="{self.realm}",service="tests",scope="repository:x:pull"'
        if (self.realm or self.challenge) and "Authorization" not in request.headers:
            return Said(status=401, headers={"WWW-Authenticate": challenge})
        return said
