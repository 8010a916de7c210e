"""Hosts that are hostile, broken or slow."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest

from bot.fetch.credentials import host_credentials
from bot.fetch.limits import FetchLimits
from bot.model.ask import Fetch, Fetched
from tests.fetch.charts import chart, index, listed, serve_index
from tests.fetch.conftest import PUBLIC, Internet
from tests.fetch.web import Request, Said, Web

ARCHIVE = "/charts/widgets-1.2.3.tgz"


def ask(web: Web, name: str = "charts.test") -> Fetch:
    return Fetch(f"https://{name}:{web.port}/charts", "widgets", "1.2.3")


def test_a_redirect_is_followed(internet: Internet) -> None:
    web, cdn = internet.site("charts.test"), internet.site("cdn.test")
    serve_index(web, chart())
    web.says[ARCHIVE] = Said(status=302, headers={"Location": f"https://cdn.test:{cdn.port}/w"})
    cdn.says["/w"] = Said(chart())

    assert isinstance(internet.fetch(ask(web)), Fetched)


@pytest.mark.parametrize("target", ["http://127.0.0.1:{port}/w", "https://127.0.0.1:{port}/w", "//127.0.0.1:{port}/w"])
def test_a_redirect_to_this_machine_is_not_followed(internet: Internet, target: str) -> None:
    web, inner = internet.site("charts.test"), internet.plain()
    internet.operator = (f"charts.test:{web.port}", inner.place)
    serve_index(web, chart())
    web.says[ARCHIVE] = Said(status=302, headers={"Location": target.format(port=inner.port)})

    said = internet.refusal(ask(web))

    assert "https" in said or "not public" in said or "redirects to port" in said
    assert inner.asked == []


def test_a_redirect_to_a_name_that_leads_to_a_private_address_is_not_followed(internet: Internet) -> None:
    web, inner = internet.site("charts.test"), internet.plain()
    internet.names["inner.test"] = [("127.0.0.1",)]
    internet.listed.append(f"inner.test:{inner.port}")
    serve_index(web, chart())
    web.says[ARCHIVE] = Said(status=307, headers={"Location": f"https://inner.test:{inner.port}/w"})

    said = internet.refusal(ask(web))

    assert said == "`inner.test` leads to an address that is not public, where fluxbot makes no request"
    assert inner.asked == []


def test_a_redirect_to_nowhere_is_not_followed(internet: Internet) -> None:
    web = internet.site("charts.test")
    serve_index(web, chart())
    web.says[ARCHIVE] = Said(status=302, headers={"Location": "https://[::1/w"})

    assert internet.refusal(ask(web)) == "its address is no URL"


def test_a_password_is_not_sent_again_by_a_redirect_that_comes_back(internet: Internet) -> None:
    web, other = internet.site("charts.test"), internet.site("other.test")
    internet.credentials = host_credentials(_password(web))
    serve_index(web, chart())
    web.says[ARCHIVE] = Said(status=302, headers={"Location": f"https://other.test:{other.port}/w"})
    other.says["/w"] = Said(status=302, headers={"Location": f"https://charts.test:{web.port}/secret"})
    web.says["/secret"] = Said(chart())

    assert isinstance(internet.fetch(ask(web)), Fetched)
    assert "Authorization" not in web.asked[-1].headers


def test_a_redirect_to_plain_http_is_not_followed(internet: Internet) -> None:
    web = internet.site("charts.test")
    serve_index(web, chart())
    web.says[ARCHIVE] = Said(status=301, headers={"Location": "http://charts.test/w"})

    assert internet.refusal(ask(web)) == "`charts.test` redirects away from https"


def test_a_loop_of_redirects_ends(internet: Internet) -> None:
    web = internet.site("charts.test")
    web.says["/charts/index.yaml"] = Said(status=302, headers={"Location": "/charts/index.yaml"})

    assert internet.refusal(ask(web)) == "`charts.test` redirects more than 5 times"
    assert len(web.asked) == 6


def test_a_name_that_leads_to_this_machine_the_second_time_is_asked_once_and_then_refused(internet: Internet) -> None:
    web = internet.site("charts.test")
    inner = internet.plain()
    internet.names["charts.test"] = [(PUBLIC,), ("127.0.0.1",)]
    serve_index(web, chart())

    said = internet.refusal(ask(web))

    assert web.paths == ["/charts/index.yaml"]  # reached by the address that was checked, without a second look
    assert internet.looked_up == ["charts.test", "charts.test"]
    assert said == "`charts.test` leads to an address that is not public, where fluxbot makes no request"
    assert inner.asked == []


def test_a_certificate_for_another_name_is_refused(internet: Internet) -> None:
    web = internet.site("charts.test", certificate="other.test")
    serve_index(web, chart())

    assert internet.refusal(ask(web)).startswith("the certificate of `charts.test` does not hold: Hostname mismatch")
    assert web.asked == []


def test_a_certificate_that_nobody_knows_is_refused(internet: Internet) -> None:
    web = internet.site("charts.test")
    stranger = replace(internet, authority=type(internet.authority)(internet.folder))

    assert "does not hold" in stranger.refusal(ask(web))
    assert web.asked == []


def _trickle(request: Request) -> None:
    """A byte now and then, for ever."""
    request.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while not request.ended.wait(0.05):
        request.write(b"x")


def _trickling_head(request: Request) -> None:
    request.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while not request.ended.wait(0.05):
        request.write(b"x")


def _silent(request: Request) -> None:
    request.ended.wait()


@pytest.mark.parametrize("says", [_trickle, _trickling_head, _silent])
def test_a_host_that_takes_too_long_is_left(internet: Internet, says: object) -> None:
    web = internet.site("charts.test")
    web.says["/charts/index.yaml"] = says  # type: ignore[assignment] # one of the three above
    internet.limits = FetchLimits(silence=1.0, request=1.5)

    assert internet.refusal(ask(web)) == "`charts.test` takes too long"


def test_all_requests_of_a_review_together_have_an_end(internet: Internet) -> None:
    web = internet.site("charts.test")
    serve_index(web, chart())
    internet.limits = FetchLimits(requests=1)

    assert internet.refusal(ask(web)) == "the review made 1 requests already"
    assert len(web.asked) == 1


def test_a_review_that_used_its_time_looks_no_name_up_any_more(internet: Internet) -> None:
    web = internet.site("charts.test")
    serve_index(web, chart())
    internet.limits = FetchLimits(review=0.0)

    assert internet.refusal(ask(web), replace(ask(web), url="https://other.test/")) == (
        "the requests of the review took 0 s already"
    )
    assert internet.looked_up == []


def test_a_body_without_end_is_left(internet: Internet) -> None:
    web = internet.site("charts.test")

    def endless(request: Request) -> None:
        request.write(b"HTTP/1.0 200 OK\r\n\r\n")
        while not request.ended.is_set():
            request.write(b"a: b\n" * 10_000)

    web.says["/charts/index.yaml"] = endless
    internet.limits = FetchLimits(index=1_000_000)

    assert internet.refusal(ask(web)) == "`charts.test`: the answer is larger than 1,000,000 bytes"


def test_a_head_without_end_is_left(internet: Internet) -> None:
    web = internet.site("charts.test")

    def endless(request: Request) -> None:
        request.write(b"HTTP/1.1 200 OK\r\n")
        while not request.ended.is_set():
            request.write(b"X: y\r\n" * 1000)

    web.says["/charts/index.yaml"] = endless

    assert internet.refusal(ask(web)) == "`charts.test` gives no answer that can be used"


def test_a_length_above_the_limit_is_believed_and_one_above_the_truth_is_noticed(internet: Internet) -> None:
    web = internet.site("charts.test")
    internet.limits = FetchLimits(index=1000)

    web.says["/charts/index.yaml"] = Said(b"entries: {}", length=10**12)
    assert "larger than 1,000 bytes" in internet.refusal(ask(web))

    web.says["/charts/index.yaml"] = Said(b"entries: {}", length=500, headers={"Connection": "close"})
    assert "ended before it was whole" in internet.refusal(ask(web))


def test_an_answer_that_is_compressed_unasked_is_refused(internet: Internet) -> None:
    web = internet.site("charts.test")
    web.says["/charts/index.yaml"] = Said(gzip.compress(b"a" * 10**7), headers={"Content-Encoding": "gzip"})

    assert internet.refusal(ask(web)) == "`charts.test`: the answer is compressed although that was not asked for"
    assert web.asked[0].headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("status", [404, 500, 204])
def test_another_status_is_named(internet: Internet, status: int) -> None:
    web = internet.site("charts.test")
    web.says["/charts/index.yaml"] = Said(status=status)

    assert internet.refusal(ask(web)) == f"the index of its repository is answered with status {status}"


def test_a_host_where_nobody_listens_is_refused_in_one_line(internet: Internet) -> None:
    with Web(PUBLIC).running() as gone:
        pass
    internet.names["charts.test"] = [(PUBLIC,)]
    internet.listed.append(f"charts.test:{gone.port}")

    assert internet.refusal(ask(gone)) == "`charts.test` gives no answer that can be used"


def _password(web: Web, name: str = "charts.test") -> str:
    return f'{{"auths": {{"{name}:{web.port}": {{"username": "me", "password": "hidden"}}}}}}'


def test_the_operators_password_goes_to_its_host_and_not_to_where_that_redirects(internet: Internet) -> None:
    web, cdn = internet.site("charts.test"), internet.site("cdn.test")
    internet.credentials = host_credentials(_password(web))
    serve_index(web, chart())
    web.says[ARCHIVE] = Said(status=302, headers={"Location": f"https://cdn.test:{cdn.port}/w"})
    cdn.says["/w"] = Said(chart())

    assert isinstance(internet.fetch(ask(web)), Fetched)
    assert [one.headers.get("Authorization") for one in web.asked] == ["Basic bWU6aGlkZGVu"] * 2
    assert "Authorization" not in cdn.asked[0].headers


def test_the_password_of_one_host_is_not_used_for_another_nor_for_another_port(internet: Internet) -> None:
    web, other = internet.site("charts.test"), internet.site("other.test")
    internet.credentials = host_credentials(
        f'{{"auths": {{"charts.test": {{"auth": "bWU6aGlkZGVu"}}, "charts.test:{other.port}": {{"auth": "YTpi"}}}}}}'
    )
    archive = chart()
    web.says["/charts/index.yaml"] = index(listed(archive, f"https://other.test:{other.port}/w.tgz"))
    other.says["/w.tgz"] = Said(archive)

    assert isinstance(internet.fetch(ask(web)), Fetched)
    assert all("Authorization" not in one.headers for one in (*web.asked, *other.asked))


def test_a_password_stands_in_no_repr_and_in_no_message(internet: Internet) -> None:
    web = internet.site("charts.test")
    internet.credentials = host_credentials(_password(web))
    web.says["/charts/index.yaml"] = Said(status=401, headers={"WWW-Authenticate": "Basic"})

    assert "hidden" not in internet.refusal(ask(web))
    assert "bWU6aGlkZGVu" not in repr(internet.credentials)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("hidden", "is no JSON of the form of docker's config.json"),
        ('{"hidden": {}}', 'has no "auths" by host, as docker\'s config.json has them'),
        ('{"auths": {"a.test": {"auth": "hidden!"}}}', "has an auth that is not base64"),
        ('{"auths": {"a.test": {"auth": "aGlkZGVu"}}}', "has an auth that is not user:password"),
        ('{"auths": {"a.test": {}}}', "has an entry without auth, or without username and password"),
        ('{"auths": {"http://a.test": {"auth": "YTpi"}}}', "names what is no host in its auths"),
    ],
)
def test_credentials_that_cannot_be_read_are_named_and_not_quoted(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=r"^(?!.*hidden)") as error:
        host_credentials(text)

    assert str(error.value) == problem


def test_credentials_are_found_by_host_and_port_as_docker_writes_them() -> None:
    found = host_credentials(
        '{"auths": {"https://Index.Docker.io/v1/": {"auth": "YTpi"}, "a.test:5000": {"auth": "YTpi"}}}'
    )

    assert found.of("index.docker.io", 443) == found.of("a.test", 5000) == "Basic YTpi"
    assert found.of("a.test", 443) is None
