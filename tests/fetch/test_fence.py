"""Which requests are made at all."""

from __future__ import annotations

import socket

import pytest

from bot.fetch.address import is_public
from bot.fetch.fence import Fence, Network, placed
from bot.fetch.refusal import Refusal

ANYWHERE = "93.184.216.34"


def fence(
    operator: tuple[str, ...] | None = None,
    repository: tuple[str, ...] | None = None,
    addresses: tuple[str, ...] = (ANYWHERE,),
) -> Fence:
    return Fence(operator, repository, Network(resolve=lambda _host, _port: addresses))


def refused(url: str, using: Fence | None = None) -> str:
    with pytest.raises(Refusal) as refusal:
        (using or fence()).admit(url)
    return str(refusal.value)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.1.2.3"),
        "0.0.0.0",  # noqa: S104 - an address to judge, not to listen at
        *("192.0.0.8", "192.0.0.9", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.9", "192.88.99.1"),
        *("224.0.0.1", "224.0.1.1", "239.1.1.1", "240.0.0.1", "255.255.255.255"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "ff0e::1", "100::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::ffff:0:127.0.0.1"),
        *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:5db8:d822::"),
        *("2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "3fff::1", "5f00::1", "4000::1"),
        *("", "localhost", "127.1", "2130706433", "1.2.3.4.5"),
    ],
)
def test_an_address_that_not_everybody_reaches_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "1.1.1.1", "2606:4700::1111", "2a00:1450::1", "::ffff:1.1.1.1", "64:ff9b::101:101"],
)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "[::1]", "169.254.169.254", "10.0.0.1", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[fe80::1]"),
        *("2130706433", "0x7f.1", "127.1", "0177.0.0.1", "0x7f000001", "127.0.0.1.", "1", "[::127.0.0.1]"),
    ],
)
def test_a_host_that_is_this_machine_in_any_spelling_is_refused(host: str) -> None:
    real = Fence(None, None, Network())

    assert "is not public" in refused(f"https://{host}/", real) or "no name of a host" in refused(
        f"https://{host}/", real
    )


def test_a_name_is_refused_where_one_of_its_addresses_is_private() -> None:
    mixed = fence(addresses=(ANYWHERE, "10.0.0.1"))

    said = refused("https://charts.example.org/", mixed)

    assert said == "`charts.example.org` leads to an address that is not public, where fluxbot makes no request"


def test_a_name_that_nobody_knows_is_refused_in_one_line() -> None:
    def unknown(host: str, _port: int) -> tuple[str, ...]:
        raise socket.gaierror(host)

    assert refused("https://a.test/", Fence(None, None, Network(resolve=unknown))) == "`a.test` cannot be resolved"


@pytest.mark.parametrize(
    "url",
    [
        *("http://charts.example.org/", "ftp://charts.example.org/", "file:///etc/passwd", "//charts.example.org/"),
        *("https://me:hidden@charts.example.org/", "https://hidden@charts.example.org/", "https:///", "https://:443/"),
        *(
            "https://charts.example.org\\@10.0.0.1/",
            "https://charts.example.org/a b",
            "https://ch\u00e4rts.example.org/",
        ),
        *(
            "https://charts.example.org/\r\nHost: x",
            "https://charts.example.org:99999/",
            "https://[::1/",
            "https://a..b/",
        ),
        *("https://${HOST}/charts", "https://*.example.org/", f"https://{'a' * 64}.org/", "https://" + "a." * 2100),
    ],
)
def test_what_is_no_plain_https_url_is_refused_without_repeating_a_password(url: str) -> None:
    said = refused(url)

    assert "hidden" not in said
    assert len(said) < 400


def test_upper_case_and_a_trailing_dot_mean_the_same_host() -> None:
    place, _ = fence(("charts.example.org",)).admit("HTTPS://Charts.Example.ORG./a?b=c#d")

    assert place == ("https", "charts.example.org", 443, "/a?b=c")


@pytest.mark.parametrize(
    ("allowed", "url", "is_allowed"),
    [
        (None, "https://a.example.org/", True),
        (None, "https://a.example.org:8443/", False),
        ((), "https://a.example.org/", False),
        (("a.example.org",), "https://a.example.org/", True),
        (("a.example.org",), "https://b.a.example.org/", False),
        (("a.example.org",), "https://a.example.org:8443/", False),
        (("a.example.org:8443",), "https://a.example.org:8443/", True),
        (("a.example.org:8443",), "https://a.example.org/", False),
        (("*.example.org",), "https://a.example.org/", True),
        (("*.example.org",), "https://example.org/", False),
        (("*.example.org",), "https://evilexample.org/", False),
    ],
)
def test_a_list_allows_what_it_names_and_nothing_else(
    allowed: tuple[str, ...] | None, url: str, is_allowed: bool
) -> None:
    for using in (fence(operator=allowed), fence(repository=allowed)):
        if is_allowed:
            assert using.admit(url)
        else:
            assert "is not among the hosts" in refused(url, using)


def test_operator_and_repository_must_both_allow_a_host() -> None:
    both = fence(("a.test", "b.test"), ("b.test", "c.test"))

    assert both.admit("https://b.test/")
    assert "is not among" in refused("https://a.test/", both)
    assert "is not among" in refused("https://c.test/", both)


def test_only_the_operator_can_allow_this_machine() -> None:
    theirs, ours = fence(None, ("127.0.0.1:5000",)), fence(("127.0.0.1:5000",))

    assert "without https" in refused("http://127.0.0.1:5000/", theirs)
    assert ours.admit("http://127.0.0.1:5000/")[1] == ("127.0.0.1",)
    assert "without https" in refused("http://127.0.0.1:5001/", ours)
    assert "without https" in refused("http://localhost:5000/", ours)
    assert fence(("[::1]:5000",)).admit("http://[::1]:5000/")[1] == ("::1",)


def test_an_allowed_host_may_redirect_to_any_public_one_and_never_to_this_machine() -> None:
    using = fence(("a.test", "127.0.0.1:5000"))
    came_from, _ = using.admit("https://a.test/")

    assert using.admit("https://cdn.example.org/", came_from)
    for url in ("https://cdn.example.org:22/", "http://127.0.0.1:5000/", "https://127.0.0.1:5000/", "http://a.test/"):
        with pytest.raises(Refusal):
            fence(("a.test", "127.0.0.1:5000"), addresses=("127.0.0.1",)).admit(url, came_from)


def test_a_port_stands_in_the_host_header_where_it_is_not_the_usual_one() -> None:
    assert placed("https://a.test").authority == "a.test"
    assert placed("https://a.test:8443").authority == "a.test:8443"
    assert placed("http://[::1]:80").authority == "[::1]:80"
