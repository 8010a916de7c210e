"""The command line with --fetch, against an index and a registry on this machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.model.field import items, text
from tests.command_line import SYNC, CommandLine
from tests.fetch.charts import Registry, chart, serve_index
from tests.fetch.web import Said, Web
from tests.loaded_cluster import ks

pytest.importorskip("helm_python")

WIDGET = "apiVersion: shop.example.org/v1\nkind: Widget\nmetadata: {name: one, namespace: shop}\n"
NAMESPACE = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    with Web().running() as web:
        monkeypatch.setenv("FLUXBOT_ALLOWED_HOSTS", web.place)
        yield web


def by_index(web: Web, version: str = "1.2.3") -> str:
    return f"""\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: widgets, namespace: shop}}
spec:
  interval: 1h
  chart: {{spec: {{chart: widgets, version: "{version}", sourceRef: {{kind: HelmRepository, name: its}}}}}}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {{name: its, namespace: shop}}
spec: {{url: "http://{web.place}/charts"}}
"""


def by_registry(web: Web) -> str:
    return f"""\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: widgets, namespace: shop}}
spec: {{interval: 1h, chartRef: {{kind: OCIRepository, name: its}}}}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {{name: its, namespace: shop}}
spec: {{interval: 1h, url: "oci://{web.place}/acme/widgets", ref: {{tag: 1.2.3}}}}
"""


def repository(release: str) -> dict[str, str]:
    """A release of a chart that no catalogue knows, and beside it an object of the kind that only the chart brings."""
    return {
        SYNC: "",
        "clusters/main/shop.yaml": ks("shop"),
        "shop/kustomization.yaml": "resources: [release.yaml, widget.yaml]\n",
        "shop/release.yaml": release + NAMESPACE,
        "shop/widget.yaml": WIDGET,
    }


def findings(fluxbot: CommandLine, *more: str) -> list[tuple[str, str]]:
    report = fluxbot.run("audit", "--format", "json", *more).report
    return [(text(one, "rule"), text(one, "confidence")) for one in items(report, "findings")]


def test_without_fetch_nothing_is_asked_of_anybody(fluxbot: CommandLine, web: Web) -> None:
    serve_index(web, chart())
    fluxbot.write(repository(by_index(web)))

    assert [rule for rule, _ in findings(fluxbot)] == ["crd-unknown"]
    assert findings(fluxbot, "--offline") == findings(fluxbot)
    assert web.asked == []


def test_a_chart_from_an_index_turns_a_guess_into_a_proof_and_comes_from_the_cache_the_next_time(
    fluxbot: CommandLine, web: Web
) -> None:
    serve_index(web, chart())
    fluxbot.write(repository(by_index(web)))

    first, second = findings(fluxbot, "--fetch"), findings(fluxbot, "--fetch")

    assert first == second == [("crd-in-same-kustomization", "proven")]
    assert web.paths == ["/charts/index.yaml", "/charts/widgets-1.2.3.tgz", "/charts/index.yaml"]


def test_a_chart_from_a_registry_turns_a_guess_into_a_proof_and_comes_from_the_cache_the_next_time(
    fluxbot: CommandLine, web: Web
) -> None:
    web.says["/token"] = Said(b'{"token": "given"}')
    Registry(web, realm=f"http://{web.place}/token").hold(chart(), "1.2.3")
    fluxbot.write(repository(by_registry(web)))

    first, second = findings(fluxbot, "--fetch"), findings(fluxbot, "--fetch")

    assert first == second == [("crd-in-same-kustomization", "proven")]
    assert sum("/blobs/" in path for path in web.paths) == 1


def test_a_range_is_likely_and_not_proven(fluxbot: CommandLine, web: Web) -> None:
    serve_index(web, chart())
    fluxbot.write(repository(by_index(web, "1.x")))

    assert findings(fluxbot, "--fetch") == [("crd-in-same-kustomization", "likely")]


def test_a_host_that_the_repository_does_not_allow_is_not_asked_and_that_is_said(
    fluxbot: CommandLine, web: Web
) -> None:
    serve_index(web, chart())
    fluxbot.write({**repository(by_index(web)), ".fluxbot.yaml": "version: 1\ncharts: {allow: [ghcr.io]}\n"})

    said = fluxbot.run("audit", "--fetch")

    assert web.asked == []
    assert f"`{web.place}` is not among the hosts that charts may be fetched from" in said.out
    assert [rule for rule, _ in findings(fluxbot, "--fetch")] == ["crd-unknown"]


def test_an_empty_list_is_as_good_as_offline(fluxbot: CommandLine, web: Web) -> None:
    serve_index(web, chart())
    fluxbot.write({**repository(by_index(web)), ".fluxbot.yaml": "version: 1\ncharts: {allow: []}\n"})

    said = fluxbot.run("audit", "--fetch")

    assert web.asked == []
    assert "not fetched" not in said.out


def test_this_machine_is_not_asked_unless_the_operator_says_so(
    fluxbot: CommandLine, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FLUXBOT_ALLOWED_HOSTS")
    serve_index(web, chart())
    allow = f"version: 1\ncharts: {{allow: ['{web.place}']}}\n"
    fluxbot.write({**repository(by_index(web)), ".fluxbot.yaml": allow})

    said = fluxbot.run("audit", "--fetch")

    assert "`127.0.0.1` is asked for without https" in said.out
    assert web.asked == []


def test_the_operators_password_opens_a_private_host(
    fluxbot: CommandLine, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    Registry(web, challenge='Basic realm="x"').hold(chart(), "1.2.3")
    secret = fluxbot.folder.parent / "credentials.json"
    secret.write_text(f'{{"auths": {{"{web.place}": {{"auth": "bWU6aGlkZGVu"}}}}}}')
    secret.chmod(0o600)
    monkeypatch.setenv("FLUXBOT_HOST_CREDENTIALS_FILE", str(secret))
    fluxbot.write(repository(by_registry(web)))

    assert findings(fluxbot, "--fetch") == [("crd-in-same-kustomization", "proven")]

    secret.chmod(0o644)
    said = fluxbot.run("audit", "--fetch")
    assert said.status == 2
    assert "make it 600" in said.err
    assert "hidden" not in said.err


def test_the_base_of_a_review_is_rendered_from_fetched_charts_too(fluxbot: CommandLine, web: Web) -> None:
    serve_index(web, chart())
    whole = repository(by_index(web))
    fluxbot.commit(whole)
    fluxbot.commit(
        {"shop/other.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\n"}, "topic"
    )

    said = fluxbot.run("review", "--base", "main", "--fetch", "--format", "json")

    assert items(said.report, "findings") == []
    assert said.status == 0
