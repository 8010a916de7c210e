"""Charts and artifacts of Flux in OCI registries, by the distribution API.

A token where one is demanded, a manifest, a layer.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

from bot.fetch.connection import Answered
from bot.fetch.fence import Place, placed, seen_from
from bot.fetch.index import Found
from bot.fetch.once import Once
from bot.fetch.refusal import Refusal
from bot.fetch.transport import Transport
from bot.flux.versions import is_exact, is_range, newest, version_in
from bot.model.ask import Fetch
from bot.model.field import Body, Value, items, mapping, text
from bot.model.quote import code

_MANIFESTS: Final = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"
_CHARTS: Final = ("application/vnd.cncf.helm.chart.content.v1.tar+gzip", "application/tar+gzip")
_FLUX: Final = (
    "application/vnd.cncf.flux.content.v1.tar+gzip",
    "application/vnd.oci.image.layer.v1.tar+gzip",
    "application/vnd.docker.image.rootfs.diff.tar.gzip",
)
"""What an OCIRepository of Flux takes files from: what its own command pushes, and what others do."""
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_NAME = re.compile(r"[a-z0-9]+(?:[._/-]+[a-z0-9]+)*")
_PARAMETER = re.compile(r'([A-Za-z_]+)=(?:"([^"]*)"|([^",\s]+))')
_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}")
_NEXT = re.compile(r'<([^>]*)>\s*;\s*rel="?next"?')
_LONGEST_HEADER: Final = 4096
"""Characters that are looked at: to search more could take long."""
_ALIASES: Final = {"docker.io": "registry-1.docker.io", "index.docker.io": "registry-1.docker.io"}


@dataclass(frozen=True, slots=True)
class _Repository:
    """A repository of a registry: the root of the API, and its name there."""

    root: str
    name: str

    def url(self, path: str) -> str:
        return f"{self.root}/v2/{self.name}/{path}"


class Registries:
    """The registries of one review. Tokens and lists of tags are asked for once."""

    def __init__(self, transport: Transport, plain: Sequence[str] = ()) -> None:
        self._transport = transport
        self._plain = plain
        self._tags: Once[tuple[str, ...]] = Once()
        self._manifests: Once[Value] = Once()
        self._granted: dict[_Repository, str] = {}

    def find(self, ask: Fetch) -> Found:
        """The version of a chart that Flux would choose. Raise Refusal."""
        version, manifest = self._chosen(ask)
        found = self._layer(ask, version, manifest, _CHARTS)
        if found is None:
            raise Refusal(f"what the registry has as {code(version)} is no Helm chart")
        return found

    def find_pushed(self, ask: Fetch) -> tuple[Found, Body]:
        """The artifact that Flux would choose, and its annotations. Raise Refusal where it holds no files."""
        version, manifest = self._chosen(ask)
        found = self._layer(ask, version, manifest, _FLUX)
        if found is None:
            raise Refusal(f"what the registry has as {code(version)} is no artifact of Flux")
        return found, mapping(manifest, "annotations")

    def _chosen(self, ask: Fetch) -> tuple[str, Value]:
        """The version that is meant, and its manifest."""
        repository = self._repository(ask)
        reference, version = self._reference(ask, repository)
        return version, self._manifests.get((repository, reference), lambda: self._manifest(repository, reference))

    def _layer(self, ask: Fetch, version: str, manifest: Value, media: Sequence[str]) -> Found | None:
        for layer in items(manifest, "layers"):
            digest = text(layer, "digest")
            if text(layer, "mediaType") in media and _DIGEST.fullmatch(digest):
                url = self._repository(ask).url(f"blobs/{digest}")
                return Found(version, digest.removeprefix("sha256:"), url)
        return None

    def archive(self, ask: Fetch, found: Found) -> bytes:
        """The archive of a version of either, whose digest is for the caller to check."""
        return self._asked(self._repository(ask), found.url, self._transport.limits.packed, {}).body

    def _repository(self, ask: Fetch) -> _Repository:
        address = f"{ask.url.rstrip('/')}/{ask.name}" if ask.name else ask.url.rstrip("/")
        host, _, name = address.removeprefix("oci://").partition("/")
        host = _ALIASES.get(host.lower(), host)
        if not _NAME.fullmatch(name):
            raise Refusal(f"{code(name)} is no name of a repository in a registry")
        scheme = "http" if host in self._plain else "https"
        return _Repository(f"{scheme}://{host}", name)

    def _reference(self, ask: Fetch, repository: _Repository) -> tuple[str, str]:
        """What the manifest is asked for by, and the version that this is."""
        if ask.digest:
            if not _DIGEST.fullmatch(ask.digest):
                raise Refusal(f"{code(ask.digest)} is no SHA-256 digest")
            return ask.digest, ask.digest
        if is_exact(ask.version):
            return _tag(ask.version), ask.version
        if ask.version or not ask.tag:
            return self._newest(ask, repository)
        return _tag(ask.tag), ask.tag

    def _newest(self, ask: Fetch, repository: _Repository) -> tuple[str, str]:
        if not ask.version and not ask.name:
            return "latest", "latest"  # of an OCIRepository without a ref Flux takes this tag
        if not is_range(ask.version):
            raise Refusal(f"{code(ask.version)} is neither a version nor a range of versions")
        # In a tag Helm writes the ``+`` of a version as ``_``.
        tags = self._tags.get(repository, lambda: self._listed(repository))
        offered = {tag.replace("_", "+"): tag for tag in tags if version_in(tag.replace("_", "+"))}
        chosen = newest(ask.version, offered)
        if chosen is None:
            raise Refusal(f"the registry has no version {code(ask.version or '*')}")
        return offered[chosen], chosen

    def _listed(self, repository: _Repository) -> tuple[str, ...]:
        """All tags of a repository, page by page."""
        url = repository.url("tags/list")
        tags: list[str] = []
        for _ in range(self._transport.limits.pages):
            answered = self._asked(repository, url, self._transport.limits.page, {})
            tags += (tag for tag in items(_json(answered.body), "tags") if isinstance(tag, str) and _TAG.fullmatch(tag))
            more = _NEXT.search(answered.headers.get("Link", "")[:_LONGEST_HEADER])
            if more is None:
                return tuple(tags)
            url = _within(repository, seen_from(url, more[1]))
        raise Refusal(f"the registry lists more than {self._transport.limits.pages} pages of tags")

    def _manifest(self, repository: _Repository, reference: str) -> Value:
        url = repository.url(f"manifests/{reference}")
        answered = self._asked(repository, url, self._transport.limits.page, {"Accept": _MANIFESTS})
        digest = f"sha256:{hashlib.sha256(answered.body).hexdigest()}"
        told = answered.headers.get("Docker-Content-Digest", digest)
        if digest != told or (_DIGEST.fullmatch(reference) and digest != reference):
            raise Refusal("the registry's manifest is not what its digest says")
        return _json(answered.body)

    def _asked(self, repository: _Repository, url: str, most: int, headers: Mapping[str, str]) -> Answered:
        """An answer of the registry with status 200, with a token where it demands one."""
        answered = self._transport.get(url, most, headers, self._granted.get(repository))
        if answered.status == HTTPStatus.UNAUTHORIZED:
            granted = self._grant(repository, _challenge(answered))
            self._granted[repository] = granted
            answered = self._transport.get(url, most, headers, granted)
        if answered.status != HTTPStatus.OK:
            raise Refusal(f"the registry answers with status {answered.status} for {code(repository.name)}")
        return answered

    def _grant(self, repository: _Repository, challenge: str) -> str:
        """The Authorization that a challenge asks for: the operator's own, or a token, which everybody may be given."""
        kind, _, rest = challenge.partition(" ")
        told = {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(rest)}
        if kind.lower() == "basic":
            own = self._transport.basic(repository.root)
            if own is None:
                raise Refusal(f"the registry wants a password for {code(repository.name)}")
            return own
        realm = told.get("realm", "")
        if kind.lower() != "bearer" or not realm:
            raise Refusal("the registry demands a kind of login that fluxbot does not know")
        query = {"service": told.get("service", ""), "scope": f"repository:{repository.name}:pull"}
        joint = "&" if "?" in realm else "?"
        url = f"{realm}{joint}{urlencode(query)}"
        # The fence judges the realm like any other address. A token that a password bought is shown to the registry,
        # so it is bought only for one that the operator has a password for, too: any other may name any realm.
        own = self._transport.basic(url) if self._transport.basic(repository.root) else None
        answered = self._transport.get(url, self._transport.limits.page, authorization=own)
        if answered.status != HTTPStatus.OK:
            raise Refusal(f"the registry gives no token for {code(repository.name)}: status {answered.status}")
        said = mapping(_json(answered.body))
        token = text(said, "token") or text(said, "access_token")
        if not _TOKEN.fullmatch(token):
            raise Refusal(f"the registry gives no token for {code(repository.name)}")
        return f"Bearer {token}"


def _challenge(answered: Answered) -> str:
    """The way to log in that a registry offers; a token's before a password's where there are both."""
    offered = [one[:_LONGEST_HEADER] for one in answered.headers.get_all("WWW-Authenticate", [])]
    return next((one for one in offered if one.lower().startswith("bearer")), offered[0] if offered else "")


def _tag(version: str) -> str:
    tag = version.replace("+", "_")
    if not _TAG.fullmatch(tag):
        raise Refusal(f"{code(version)} is no tag")
    return tag


def _within(repository: _Repository, url: str) -> str:
    """A next page, if the same registry has it."""
    own: tuple[Place, Place] = placed(url), placed(repository.root)
    if own[0][:3] != own[1][:3]:
        raise Refusal("the registry's list of tags goes on at another host")
    return url


def _json(data: bytes) -> Value:
    try:
        found: Value = json.loads(data)
    except (ValueError, RecursionError):
        raise Refusal("the registry's answer is no JSON") from None
    return found
