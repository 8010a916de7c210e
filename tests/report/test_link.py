"""Links to review pages: who has one sees that page, and no other."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.task import Repository
from bot.report.link import PageOf, Standing, link_key, opened, signed

KEY = link_key("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\n")
PAGE = PageOf(70, "acme/shop", 12, "a" * 40)
EXPIRES = 1_800_000_000


def followed(link: str, now: float = 0, key: bytes = KEY) -> tuple[Standing, PageOf | None]:
    """What a server makes of a link."""
    parts = urlsplit(link)
    _, _, owner, repo, number, sha = map(unquote, parts.path.split("/"))
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return opened({"owner": owner, "repo": repo, "number": number, "sha": sha}, query, key, now)


def test_a_link_leads_to_its_page_until_it_expires() -> None:
    link = signed(PAGE, KEY, EXPIRES)

    assert followed(link, EXPIRES - 1) == (Standing.GOOD, PAGE)
    assert followed(link, EXPIRES) == (Standing.EXPIRED, PAGE)


def test_a_link_names_the_page_for_people() -> None:
    assert signed(PAGE, KEY, EXPIRES).startswith(f"/reviews/acme/shop/12/{'a' * 40}?r=70&e={EXPIRES}&s=")
    assert PageOf.of(Repository(7, 70, "acme", "shop"), 12, "a" * 40) == PAGE


@pytest.mark.parametrize(
    "other",
    [
        replace(PAGE, repository=71),
        replace(PAGE, full_name="acme/blog"),
        replace(PAGE, number=13),
        replace(PAGE, head="b" * 40),
    ],
)
def test_the_signature_of_one_page_opens_no_other(other: PageOf) -> None:
    signature = signed(PAGE, KEY, EXPIRES).partition("&s=")[2]
    forged = signed(other, KEY, EXPIRES).partition("&s=")[0] + f"&s={signature}"

    assert followed(forged) == (Standing.FALSE, None)


def test_nobody_makes_a_link_last_longer() -> None:
    link = signed(PAGE, KEY, EXPIRES)

    assert followed(link.replace(f"e={EXPIRES}", f"e={EXPIRES + 1}")) == (Standing.FALSE, None)


def test_another_app_opens_no_link() -> None:
    assert followed(signed(PAGE, KEY, EXPIRES), key=link_key("another")) == (Standing.FALSE, None)


def test_the_key_is_that_of_every_process_and_not_the_private_key_itself() -> None:
    assert link_key("key\n") == link_key("key")
    assert b"key" not in link_key("key")
    assert len(link_key("key")) == 32


@given(
    st.fixed_dictionaries({"owner": st.text(), "repo": st.text(), "number": st.text(), "sha": st.text()}),
    st.dictionaries(st.sampled_from(["r", "e", "s"]), st.text() | st.just("1" * 18)),
)
def test_no_address_makes_it_fail_or_opens_anything(path: dict[str, str], query: dict[str, str]) -> None:
    assert opened(path, query, KEY, 0) == (Standing.FALSE, None)
