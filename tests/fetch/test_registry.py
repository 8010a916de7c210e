"""Charts from an OCI registry."""

from __future__ import annotations

import json
import time

import pytest

from bot.fetch.credentials import host_credentials
from bot.model.ask import Fetch, Fetched
from tests.fetch.charts import Registry, chart, sha256
from tests.fetch.conftest import Internet
from tests.fetch.web import Request, Said, Web


def ask(web: Web, version: str = "", **more: str) -> Fetch:
    """As a HelmRelease asks that names a HelmRepository."""
    return Fetch(f"oci://registry.test:{web.port}/acme", "widgets", version, **more)


def own(web: Web, **more: str) -> Fetch:
    """As one asks that names an OCIRepository."""
    return Fetch(f"oci://registry.test:{web.port}/acme/widgets", "", **more)


def version_of(answer: object) -> str:
    assert isinstance(answer, Fetched), answer
    assert "crds/widget.yaml" in answer.files
    return answer.version


def test_a_chart_comes_by_version_by_tag_and_by_digest(internet: Internet) -> None:
    web = internet.site("registry.test")
    digest = Registry(web).hold(chart(), "1.2.3", "stable")

    assert version_of(internet.fetch(ask(web, "1.2.3"))) == "1.2.3"
    assert version_of(internet.fetch(own(web, tag="stable"))) == "stable"
    assert version_of(internet.fetch(own(web, digest=digest))) == digest


def test_of_a_range_the_newest_tag_is_chosen_and_a_plus_stands_as_an_underscore(internet: Internet) -> None:
    web = internet.site("registry.test")
    registry = Registry(web)
    registry.hold(chart(), "1.2.3", "1.10.0_build.5", "2.0.0-rc.1", "latest", "sha256-abc.sig")

    assert version_of(internet.fetch(ask(web, "^1.2"))) == "1.10.0+build.5"
    assert version_of(internet.fetch(ask(web))) == "1.10.0+build.5"
    assert version_of(internet.fetch(own(web, version=">=2.0.0-0"))) == "2.0.0-rc.1"


def test_the_digest_counts_before_the_range_and_that_before_the_tag(internet: Internet) -> None:
    web = internet.site("registry.test")
    digest = Registry(web).hold(chart(), "1.2.3", "other")

    assert version_of(internet.fetch(own(web, tag="other", version="1.x", digest=digest))) == digest
    assert version_of(internet.fetch(own(web, tag="other", version="1.x"))) == "1.2.3"


def test_an_oci_repository_without_a_reference_means_latest(internet: Internet) -> None:
    web = internet.site("registry.test")
    Registry(web).hold(chart(), "latest", "1.2.3")

    assert version_of(internet.fetch(own(web))) == "latest"


def test_tags_are_listed_page_by_page(internet: Internet) -> None:
    web = internet.site("registry.test")
    Registry(web).hold(chart(), "1.2.3", "1.3.0")

    def pages(request: Request) -> Said:
        last = "last=b" in request.path
        tags = ["1.3.0"] if last else ["1.2.3"]
        more = {} if last else {"Link": '</v2/acme/widgets/tags/list?last=b>; rel="next"'}
        return Said(json.dumps({"tags": tags}).encode(), headers=more)

    web.says["/v2/acme/widgets/tags/list"] = pages

    assert version_of(internet.fetch(ask(web, "1.x"))) == "1.3.0"


def test_an_archive_that_is_known_by_its_digest_is_not_asked_for_again(internet: Internet) -> None:
    web = internet.site("registry.test")
    Registry(web).hold(chart(), "1.2.3")

    internet.fetch(ask(web, "1.2.3"))
    internet.fetch(ask(web, "1.2.3"))

    assert sum("/blobs/" in path for path in web.paths) == 1


def test_a_layer_or_a_manifest_that_is_not_what_its_digest_says_is_refused(internet: Internet) -> None:
    web = internet.site("registry.test")
    archive = chart()
    digest = Registry(web).hold(archive, "1.2.3")

    web.says[f"/v2/acme/widgets/blobs/sha256:{sha256(archive)}"] = Said(chart(version="6.6.6"))
    assert internet.refusal(ask(web, "1.2.3")) == "the archive of version `1.2.3` is not what its digest says"

    web.says[f"/v2/acme/widgets/manifests/{digest}"] = Said(b"{}")
    assert internet.refusal(own(web, digest=digest)) == "the registry's manifest is not what its digest says"


def test_a_token_is_fetched_where_the_registry_demands_one(internet: Internet) -> None:
    web, auth = internet.site("registry.test"), internet.site("auth.test")
    auth.says["/token"] = Said(b'{"token": "given"}')
    Registry(web, realm=f"https://auth.test:{auth.port}/token").hold(chart(), "1.2.3")

    assert version_of(internet.fetch(ask(web, "1.2.3"))) == "1.2.3"
    assert auth.paths == ["/token?service=tests&scope=repository%3Aacme%2Fwidgets%3Apull"]
    assert web.asked[-1].headers["Authorization"] == "Bearer given"


def test_of_two_ways_to_log_in_the_token_is_chosen(internet: Internet) -> None:
    web = internet.site("registry.test")
    web.says["/token"] = Said(b'{"token": "given"}')
    Registry(web, realm=f"https://registry.test:{web.port}/token").hold(chart(), "1.2.3")
    guarded = web.says["/v2/acme/widgets/manifests/1.2.3"]
    both = ('Basic realm="x"', f'Bearer realm="https://registry.test:{web.port}/token"')

    def says(request: Request) -> Said | None:
        if "Authorization" not in request.headers:
            return Said(status=401, headers={"WWW-Authenticate": both})
        return guarded if isinstance(guarded, Said) else guarded(request)

    web.says["/v2/acme/widgets/manifests/1.2.3"] = says

    assert version_of(internet.fetch(ask(web, "1.2.3"))) == "1.2.3"


def test_a_registry_that_offers_no_way_to_log_in_is_left(internet: Internet) -> None:
    web = internet.site("registry.test")
    web.says["/v2/acme/widgets/manifests/1.2.3"] = Said(status=401)

    said = internet.refusal(ask(web, "1.2.3"))

    assert said == "the registry demands a kind of login that fluxbot does not know"


@pytest.mark.parametrize("kind", ["Bearer ", "Basic "])
def test_a_challenge_of_any_length_is_read_in_no_time(internet: Internet, kind: str) -> None:
    web = internet.site("registry.test")
    Registry(web, challenge=kind + "a" * 60_000).hold(chart(), "1.2.3")
    started = time.process_time()

    assert internet.refusal(ask(web, "1.2.3"))
    assert time.process_time() - started < 2


def test_a_realm_on_a_private_host_is_not_asked(internet: Internet) -> None:
    web, inner = internet.site("registry.test"), internet.plain()
    internet.names["auth.test"] = [("127.0.0.1",)]
    internet.listed.append(f"auth.test:{inner.port}")
    Registry(web, realm=f"https://auth.test:{inner.port}/token").hold(chart(), "1.2.3")

    assert "is not public" in internet.refusal(ask(web, "1.2.3"))
    assert inner.asked == []


@pytest.mark.parametrize(
    "realm", ["http://169.254.169.254/token", "https://[::1]/token", "file:///etc/passwd", "token", "https://["]
)
def test_a_realm_that_is_no_allowed_https_address_is_not_asked(internet: Internet, realm: str) -> None:
    web = internet.site("registry.test")
    Registry(web, realm=realm).hold(chart(), "1.2.3")

    assert internet.refusal(ask(web, "1.2.3"))
    assert len(web.asked) == 1


def test_a_realm_at_a_host_that_is_not_allowed_is_not_asked(internet: Internet) -> None:
    web, auth = internet.site("registry.test"), internet.site("auth.test", is_listed=False)
    Registry(web, realm=f"https://auth.test:{auth.port}/token").hold(chart(), "1.2.3")

    assert "is not among the hosts" in internet.refusal(ask(web, "1.2.3"))
    assert auth.asked == []


def test_the_password_of_a_registry_is_not_sent_to_a_realm_at_another_host(internet: Internet) -> None:
    web, auth = internet.site("registry.test"), internet.site("auth.test")
    internet.credentials = host_credentials(f'{{"auths": {{"registry.test:{web.port}": {{"auth": "bWU6aGlkZGVu"}}}}}}')
    auth.says["/token"] = Said(b'{"token": "given"}')
    Registry(web, realm=f"https://auth.test:{auth.port}/token").hold(chart(), "1.2.3")

    assert version_of(internet.fetch(ask(web, "1.2.3"))) == "1.2.3"
    assert "Authorization" not in auth.asked[0].headers
    assert all("bWU6aGlkZGVu" not in one.headers.get("Authorization", "") for one in web.asked)


def test_a_token_that_a_password_buys_is_not_for_a_registry_that_the_operator_does_not_know(internet: Internet) -> None:
    web, auth = internet.site("registry.test"), internet.site("auth.test")
    internet.credentials = host_credentials(f'{{"auths": {{"auth.test:{auth.port}": {{"auth": "bWU6aGlkZGVu"}}}}}}')
    auth.says["/token"] = Said(b'{"token": "given"}')
    Registry(web, realm=f"https://auth.test:{auth.port}/token").hold(chart(), "1.2.3")

    assert version_of(internet.fetch(ask(web, "1.2.3"))) == "1.2.3"
    assert "Authorization" not in auth.asked[0].headers


def test_a_registry_and_its_realm_that_the_operator_both_knows_are_each_told_their_own(internet: Internet) -> None:
    web, auth = internet.site("registry.test"), internet.site("auth.test")
    entries = f'"registry.test:{web.port}": {{"auth": "YTpi"}}, "auth.test:{auth.port}": {{"auth": "bWU6aGlkZGVu"}}'
    internet.credentials = host_credentials(f'{{"auths": {{{entries}}}}}')
    auth.says["/token"] = Said(b'{"access_token": "given"}')
    Registry(web, realm=f"https://auth.test:{auth.port}/token").hold(chart(), "1.2.3")

    assert version_of(internet.fetch(ask(web, "1.2.3"))) == "1.2.3"
    assert auth.asked[0].headers["Authorization"] == "Basic bWU6aGlkZGVu"


def test_a_registry_that_wants_a_password_gets_the_operators_or_none(internet: Internet) -> None:
    web = internet.site("registry.test")
    Registry(web, challenge='Basic realm="x"').hold(chart(), "1.2.3")

    assert internet.refusal(ask(web, "1.2.3")) == "the registry wants a password for `acme/widgets`"
    internet.credentials = host_credentials(f'{{"auths": {{"registry.test:{web.port}": {{"auth": "bWU6aGlkZGVu"}}}}}}')
    assert version_of(internet.fetch(ask(web, "1.2.3"))) == "1.2.3"


def test_a_token_does_not_go_to_where_a_layer_is_redirected(internet: Internet) -> None:
    web, cdn = internet.site("registry.test"), internet.site("cdn.test")
    web.says["/token"] = Said(b'{"token": "given"}')
    archive = chart()
    Registry(web, realm=f"https://registry.test:{web.port}/token").hold(archive, "1.2.3")
    elsewhere = Said(status=307, headers={"Location": f"https://cdn.test:{cdn.port}/layer"})
    web.says[f"/v2/acme/widgets/blobs/sha256:{sha256(archive)}"] = elsewhere
    cdn.says["/layer"] = Said(archive)

    assert version_of(internet.fetch(ask(web, "1.2.3"))) == "1.2.3"
    assert "Authorization" not in cdn.asked[0].headers


@pytest.mark.parametrize("token", ["a b", "a\\r\\nX: y", "", "x" * 20_000])
def test_a_token_that_cannot_stand_in_a_header_is_refused(internet: Internet, token: str) -> None:
    web = internet.site("registry.test")
    web.says["/token"] = Said(f'{{"token": "{token}"}}'.encode())
    Registry(web, realm=f"https://registry.test:{web.port}/token").hold(chart(), "1.2.3")

    assert internet.refusal(ask(web, "1.2.3")) == "the registry gives no token for `acme/widgets`"


def test_an_image_is_no_chart(internet: Internet) -> None:
    web = internet.site("registry.test")
    web.says["/v2/acme/widgets/manifests/1.2.3"] = Said(b'{"layers": [{"mediaType": "application/x", "digest": "a"}]}')

    assert internet.refusal(ask(web, "1.2.3")) == "what the registry has as `1.2.3` is no Helm chart"


@pytest.mark.parametrize(
    "asked",
    [
        Fetch("oci://registry.test", ""),
        Fetch("oci://registry.test/../etc", "widgets"),
        Fetch("oci://registry.test/acme", "widgets?x=y"),
        Fetch("oci://registry.test/acme", "", digest="sha256:../../x"),
        Fetch("oci://registry.test/acme", "", tag="../../x"),
        Fetch("oci://registry.test/acme", "", version="newest"),
        Fetch("oci://me:hidden@registry.test/acme", "widgets", "1.2.3"),
    ],
)
def test_what_is_no_reference_is_refused_before_anything_is_asked(internet: Internet, asked: Fetch) -> None:
    assert "hidden" not in internet.refusal(asked)
    assert internet.looked_up == []


def test_tags_that_go_on_at_another_host_are_refused(internet: Internet) -> None:
    web, other = internet.site("registry.test"), internet.site("other.test")
    link = {"Link": f'<https://other.test:{other.port}/v2/acme/widgets/tags/list>; rel="next"'}
    web.says["/v2/acme/widgets/tags/list"] = Said(b'{"tags": []}', headers=link)

    assert internet.refusal(ask(web, "1.x")) == "the registry's list of tags goes on at another host"
    assert other.asked == []


def test_this_machines_registry_is_plain_http_where_the_operator_names_it(internet: Internet) -> None:
    web = internet.plain()
    Registry(web).hold(chart(), "1.2.3")
    asked = Fetch(f"oci://{web.place}/acme", "widgets", "1.2.3")

    assert internet.refusal(asked)
    assert web.asked == []
    internet.operator = (web.place,)
    assert version_of(internet.fetch(asked)) == "1.2.3"
