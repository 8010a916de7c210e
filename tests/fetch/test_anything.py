"""Whatever strangers send is refused or read, and nothing else happens."""

from __future__ import annotations

import gzip
import json
import ssl
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from bot.fetch.address import is_public
from bot.fetch.archive import unpacked
from bot.fetch.credentials import HostCredentials, host_credentials
from bot.fetch.fence import Fence, Network, placed
from bot.fetch.fetcher import Fetcher
from bot.fetch.limits import FetchLimits
from bot.fetch.refusal import Refusal
from bot.fetch.transport import Transport
from bot.flux.versions import newest
from bot.manifest.chart_index import chart_index
from bot.model.ask import Fetch, Refused
from tests.fetch.charts import chart

TLS = ssl.create_default_context()
TAR = gzip.decompress(chart())
RANGES = st.text(alphabet="0123456789.xX*<>=!~^-|, vab+\u0661\u00b2")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(("auths", "auth", "a.test", "password")), inner),
)


@given(st.text() | st.from_regex(r"https?://[^/]{0,40}(/.*)?"))
def test_an_address_is_refused_or_a_place_without_anything_odd(url: str) -> None:
    with suppress(Refusal):
        place = placed(url)
        assert place.target.isascii()
        assert place.target.isprintable()
        assert " " not in place.target
        assert "@" not in place.authority


@given(st.text(), st.from_regex(r"(https?://|oci://|//)?[\[a-z@]{0,9}[^/]{0,20}(/.*)?"))
def test_a_repository_at_any_address_is_answered_and_nothing_is_resolved_but_names(name: str, url: str) -> None:
    looked_up: list[str] = []

    def resolve(host: str, _port: int) -> tuple[str, ...]:
        looked_up.append(host)
        return ("127.0.0.1",)

    transport = Transport(Fence(None, None, network := Network(resolve=resolve, tls=TLS)), network, HostCredentials())

    assert isinstance(Fetcher(transport, None).fetch(Fetch(url, name, "1.2.3")), Refused)
    assert all(host.isascii() for host in looked_up)


@given(st.text() | st.ip_addresses().map(str))
def test_every_address_is_public_or_not(address: str) -> None:
    assert is_public(address) in (True, False)


@given(st.binary(), st.integers(0, len(TAR) - 1), st.binary(max_size=200))
def test_an_archive_that_was_tampered_with_is_refused_or_read(data: bytes, at: int, instead: bytes) -> None:
    for archive in (data, gzip.compress(data), gzip.compress(TAR[:at] + instead + TAR[at + len(instead) :])):
        with suppress(Refusal):
            files = unpacked(archive, FetchLimits())
            assert not any(path.startswith("/") or ".." in path.split("/") for path in files)


@given(st.binary() | JSON.map(lambda said: json.dumps({"entries": said}).encode()))
def test_an_index_is_refused_or_read(data: bytes) -> None:
    with suppress(ValueError):
        assert all(isinstance(chart, str) for chart in chart_index(data))


@given(RANGES, st.lists(RANGES))
def test_a_range_chooses_one_of_the_versions_or_none(wanted: str, offered: list[str]) -> None:
    assert newest(wanted, offered) in (None, *offered)


@given(st.text() | JSON.map(json.dumps))
def test_credentials_are_read_or_refused(text: str) -> None:
    with suppress(ValueError):
        host_credentials(text)
