"""A small Internet on this machine: 127.0.0.2 counts as public there, 127.0.0.1 does not."""

from __future__ import annotations

import datetime
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.fetch.address import is_public
from bot.fetch.credentials import HostCredentials
from bot.fetch.fence import Fence, Network, own_places
from bot.fetch.fetcher import Fetcher
from bot.fetch.limits import FetchLimits
from bot.fetch.transport import Transport
from bot.model.ask import Fetch, Fetched, Refused
from bot.model.pushed import Pushed
from bot.render.shelf import Shelf
from tests.fetch.web import Web

PUBLIC = "127.0.0.2"


class Authority:
    """Signs certificates."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
        self.certificate = self._signed("tests", self._key, is_ca=True)

    def server(self, name: str) -> ssl.SSLContext:
        """The TLS side of a server with a certificate for a name."""
        key = ec.generate_private_key(ec.SECP256R1())
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file = self._folder / f"{name}.pem"
        file.write_bytes(self._signed(name, key, is_ca=False) + secret)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def client(self) -> ssl.SSLContext:
        return ssl.create_default_context(cadata=self.certificate.decode())

    def _signed(self, name: str, key: ec.EllipticCurvePrivateKey, *, is_ca: bool) -> bytes:
        now = datetime.datetime.now(datetime.UTC)
        day = datetime.timedelta(days=1)
        builder = x509.CertificateBuilder(
            self._name,
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]),
            key.public_key(),
            x509.random_serial_number(),
            now - day,
            now + day,
        ).add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
        )
        if is_ca:
            usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)  # noqa: FBT003 - x509's own order
            builder = builder.add_extension(usage, critical=True)
            builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        else:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@dataclass
class Internet:
    """Names, the servers behind them, and who may ask whom."""

    authority: Authority
    stack: ExitStack
    folder: Path
    names: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    looked_up: list[str] = field(default_factory=list)
    credentials: HostCredentials = field(default_factory=HostCredentials)
    limits: FetchLimits = field(default_factory=lambda: FetchLimits(connect=5, silence=5, request=20))
    operator: tuple[str, ...] | None = None
    repository: tuple[str, ...] | None = None
    listed: list[str] = field(default_factory=list)

    def site(self, name: str, *, certificate: str = "", is_listed: bool = True) -> Web:
        """An https server with a name that leads to it."""
        web = self.stack.enter_context(Web(PUBLIC, self.authority.server(certificate or name)).running())
        self.names.setdefault(name, [(PUBLIC,)])
        if is_listed:
            self.listed.append(f"{name}:{web.port}")
        return web

    def plain(self, host: str = "127.0.0.1") -> Web:
        """A http server on this machine, which is what a request must never reach."""
        return self.stack.enter_context(Web(host).running())

    @property
    def network(self) -> Network:
        return Network(self._resolve, lambda address: address == PUBLIC or is_public(address), self.authority.client())

    @property
    def transport(self) -> Transport:
        operator = self.operator if self.operator is not None else tuple(self.listed)
        return Transport(Fence(operator, self.repository, self.network), self.network, self.credentials, self.limits)

    def fetch(self, *asks: Fetch) -> Fetched | Refused:
        """The answer to the last of some questions of one review."""
        fetcher = Fetcher(self.transport, Shelf(self.folder / "shelf"), own_places(self.operator))
        return [fetcher.fetch(ask) for ask in asks][-1]

    def pushed(self, ask: Fetch) -> Pushed | Refused:
        return Fetcher(self.transport, Shelf(self.folder / "shelf"), own_places(self.operator)).pushed(ask)

    def refusal(self, *asks: Fetch) -> str:
        answer = self.fetch(*asks)
        assert isinstance(answer, Refused), answer
        assert "\n" not in answer.message
        return answer.message

    def _resolve(self, host: str, _port: int) -> tuple[str, ...]:
        self.looked_up.append(host)
        try:
            return (str(ip_address(host)),)
        except ValueError:
            pass
        if host not in self.names:
            raise socket.gaierror(host)
        answers = self.names[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def internet(authority: Authority, tmp_path: Path) -> Iterator[Internet]:
    with socket.socket() as probe:
        try:
            probe.bind((PUBLIC, 0))
        except OSError:
            pytest.skip(f"this platform has no {PUBLIC}: its loopback network is one address wide")
    with ExitStack() as stack:
        yield Internet(authority, stack, tmp_path)
