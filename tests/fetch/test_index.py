"""Charts from an index on a web server."""

from __future__ import annotations

import json

import pytest

from bot.fetch.limits import FetchLimits
from bot.model.ask import Fetch, Fetched
from tests.fetch.charts import chart, index, listed, serve_index, sha256
from tests.fetch.conftest import Internet
from tests.fetch.web import Said, Web


def ask(web: Web, version: str = "1.2.3", name: str = "charts.test") -> Fetch:
    return Fetch(f"https://{name}:{web.port}/charts", "widgets", version)


def test_a_chart_comes_with_all_its_files(internet: Internet) -> None:
    web = internet.site("charts.test")
    serve_index(web, chart())

    answer = internet.fetch(ask(web))

    assert isinstance(answer, Fetched), answer
    assert answer.version == "1.2.3"
    assert sorted(answer.files) == ["Chart.yaml", "crds/widget.yaml"]


def test_an_index_is_asked_for_once_and_an_archive_that_is_known_by_its_digest_never_again(internet: Internet) -> None:
    web = internet.site("charts.test")
    serve_index(web, chart())

    internet.fetch(ask(web), ask(web, "1.x"))
    internet.fetch(ask(web))

    assert web.paths == ["/charts/index.yaml", "/charts/widgets-1.2.3.tgz", "/charts/index.yaml"]


def test_an_archive_that_is_not_what_the_index_says_is_refused_and_not_kept(internet: Internet) -> None:
    web = internet.site("charts.test")
    serve_index(web, chart())
    web.says["/charts/widgets-1.2.3.tgz"] = Said(chart(files={"templates/evil.yaml": "kind: Secret"}))

    first, second = internet.refusal(ask(web)), internet.refusal(ask(web))

    assert first == second == "the archive of version `1.2.3` is not what its digest says"
    assert web.paths.count("/charts/widgets-1.2.3.tgz") == 2


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [("", "2.0.0"), ("*", "2.0.0"), ("1.x", "1.9.0"), ("~1.2", "1.2.4"), (">=1 <1.9", "1.2.4"), ("1.2.3", "1.2.3")],
)
def test_of_a_range_the_newest_is_chosen(internet: Internet, wanted: str, chosen: str) -> None:
    web = internet.site("charts.test")
    versions = ("2.1.0-rc.1", "1.2.3", "2.0.0", "1.9.0", "1.2.4", "no version")
    archives = {version: chart(version=version) for version in versions}
    web.says["/charts/index.yaml"] = index(*(listed(data, f"{one}.tgz", one) for one, data in archives.items()))
    web.says |= {f"/charts/{one}.tgz": Said(data) for one, data in archives.items()}

    answer = internet.fetch(ask(web, wanted))

    assert isinstance(answer, Fetched), answer
    assert answer.version == chosen


@pytest.mark.parametrize("url", ["deep/w.tgz", "/elsewhere/w.tgz", "https://charts.test:{port}/abs/w.tgz", "../w.tgz"])
def test_an_archive_lies_where_the_index_says_relative_to_it_or_not(internet: Internet, url: str) -> None:
    web = internet.site("charts.test")
    archive = chart()
    web.says["/charts/index.yaml"] = index(listed(archive, url.format(port=web.port)))
    web.says |= dict.fromkeys(("/charts/deep/w.tgz", "/elsewhere/w.tgz", "/abs/w.tgz", "/w.tgz"), Said(archive))

    assert isinstance(internet.fetch(ask(web)), Fetched)


def test_an_archive_at_a_host_that_is_not_allowed_is_not_asked_for(internet: Internet) -> None:
    web, other = internet.site("charts.test"), internet.site("other.test", is_listed=False)
    web.says["/charts/index.yaml"] = index(listed(chart(), f"https://other.test:{other.port}/w.tgz"))

    said = internet.refusal(ask(web))

    assert said == f"`other.test:{other.port}` is not among the hosts that charts may be fetched from"
    assert other.asked == []


def test_an_archive_at_what_is_no_address_is_refused(internet: Internet) -> None:
    web = internet.site("charts.test")
    web.says["/charts/index.yaml"] = index(listed(chart(), "https://[::1/w.tgz"))

    assert internet.refusal(ask(web)) == "its address is no URL"


def test_a_version_that_nobody_has_is_named(internet: Internet) -> None:
    web = internet.site("charts.test")
    serve_index(web, chart())

    assert internet.refusal(ask(web, "^3")) == "the index of its repository has no version `^3`"
    assert internet.refusal(ask(web, "newest")) == "`newest` is neither a version nor a range of versions"


def test_an_index_of_twenty_megabytes_is_read(internet: Internet) -> None:
    web = internet.site("charts.test")
    archive = chart()
    many = [{**listed(archive, f"{n}.tgz", f"0.0.{n}"), "description": "x" * 900} for n in range(20_000)]
    entries = {"widgets": [*many, listed(archive)]}
    web.says["/charts/index.yaml"] = Said(json.dumps({"entries": entries}).encode())
    web.says["/charts/widgets-1.2.3.tgz"] = Said(archive)

    answer = internet.fetch(ask(web))

    assert isinstance(answer, Fetched), answer


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [", "is not YAML"),
        ("entries: {widgets: &a [*a]}", "holds an alias"),
        ("[" * 500, "is nested as no index is"),
        ("entries: {others: []}", "has no chart `widgets`"),
    ],
)
def test_what_is_no_index_is_refused(internet: Internet, text: str, problem: str) -> None:
    web = internet.site("charts.test")
    web.says["/charts/index.yaml"] = Said(text.encode())

    assert internet.refusal(ask(web)) == f"the index of its repository {problem}"


def test_an_archive_without_a_digest_is_taken_and_not_kept(internet: Internet) -> None:
    web = internet.site("charts.test")
    archive = chart()
    web.says["/charts/index.yaml"] = index({**listed(archive), "digest": ""})
    web.says["/charts/widgets-1.2.3.tgz"] = Said(archive)

    assert isinstance(internet.fetch(ask(web)), Fetched)
    assert not list((internet.folder / "shelf").glob(f"*/{sha256(archive)}"))


def test_all_charts_of_a_review_together_have_a_largest_size(internet: Internet) -> None:
    web = internet.site("charts.test")
    archives = {version: chart(version=version, files={"a": "x" * 1000}) for version in ("1.0.0", "1.0.1", "1.0.2")}
    web.says["/charts/index.yaml"] = index(*(listed(data, f"{one}.tgz", one) for one, data in archives.items()))
    web.says |= {f"/charts/{one}.tgz": Said(data) for one, data in archives.items()}
    internet.limits = FetchLimits(held=3000)

    said = internet.refusal(*(ask(web, version) for version in archives))

    assert said == "the charts of the review have more than 3,000 bytes"
