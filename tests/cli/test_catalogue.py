"""The command that makes rows of the catalogue, with charts on disk, and of an index and a registry on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from bot.knowledge.charts import BroughtCrd, Mechanism, Presence, told_by
from bot.knowledge.gate import Known
from bot.model.field import Body
from bot.model.ref import GroupKind
from tests.command_line import CommandLine
from tests.fetch.charts import CRD, Registry, chart, serve_index
from tests.fetch.web import Web

pytest.importorskip("helm_python")

_CHART = """\
apiVersion: v2
name: shop
version: 1.2.3
dependencies: [{name: extra, version: 1.0.0, condition: extra.enabled}]
"""
_GADGET = CRD.replace("Widget", "Gadget").replace("widgets", "gadgets")
_GIZMO = CRD.replace("Widget", "Gizmo").replace("widgets", "gizmos").replace("Namespaced", "Cluster")
_EXTRA = CRD.replace("Widget", "Extra").replace("widgets", "extras").replace("shop.example", "extra.example")
SHOP = {
    "Chart.yaml": _CHART,
    "values.yaml": "crds: {enabled: false, keep: true}\nmonitor: true\nreplicas: 1\n'a.b': true\n",
    "crds/widget.yaml": CRD,
    "templates/gadget.yaml": f"{{{{- if .Values.crds.enabled }}}}\n{_GADGET}{{{{- end }}}}\n",
    "templates/gizmo.yaml": f"{{{{- if .Values.crds.keep }}}}\n{_GIZMO}{{{{- end }}}}\n",
    "templates/monitor.yaml": (
        "{{- if .Values.monitor }}\napiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\n"
        "metadata: {name: shop}\nspec: {}\n{{- end }}\n"
    ),
    "templates/own.yaml": "apiVersion: shop.example.org/v1\nkind: Widget\nmetadata: {name: own}\n",
    "charts/extra/Chart.yaml": "apiVersion: v2\nname: extra\nversion: 1.0.0\n",
    "charts/extra/templates/crd.yaml": _EXTRA,
}


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    with Web().running() as web:
        monkeypatch.setenv("FLUXBOT_ALLOWED_HOSTS", web.place)
        yield web


def _present(row: Body, values: Body) -> dict[str, Presence]:
    return {crd.what.kind: crd.present for crd in told_by(row, Known(values, partly=False)).crds}


def test_a_chart_in_a_directory_becomes_a_row(fluxbot: CommandLine) -> None:
    fluxbot.write({f"shop/{path}": text for path, text in SHOP.items()})

    said = fluxbot.run("catalogue", "add", str(fluxbot.folder / "shop"))

    assert (said.status, said.err) == (0, "")
    assert json.loads(said.out) == {
        "id": "shop",
        "names": ["shop"],
        "urls": [],
        "uses": 0,
        "checked": "rendered",
        "source": "shop (1.2.3)",
        "consumes": ["monitoring.coreos.com/v1 ServiceMonitor"],
        "crds": [
            {
                "mechanism": "templates",
                "default": True,
                "gate": [[["extra.enabled", True, None]]],
                "kinds": {"extra.example.org": [["Extra", "extras", "N", "v1"]]},
            },
            {
                "mechanism": "templates",
                "default": False,
                "gate": [[["crds.enabled", True, False]]],
                "kinds": {"shop.example.org": [["Gadget", "gadgets", "N", "v1"]]},
            },
            {
                "mechanism": "templates",
                "default": True,
                "gate": [[["crds.keep", True, True]]],
                "kinds": {"shop.example.org": [["Gizmo", "gizmos", "C", "v1"]]},
            },
            {
                "mechanism": "crds-dir",
                "default": True,
                "gate": [],
                "kinds": {"shop.example.org": [["Widget", "widgets", "N", "v1"]]},
            },
        ],
    }


def test_the_catalogue_reads_the_row_as_the_chart_behaves(fluxbot: CommandLine) -> None:
    fluxbot.write({f"shop/{path}": text for path, text in SHOP.items()})

    row = json.loads(fluxbot.run("catalogue", "add", str(fluxbot.folder / "shop")).out)

    yes, no = Presence.YES, Presence.NO
    assert _present(row, {}) == {"Extra": yes, "Gadget": no, "Gizmo": yes, "Widget": yes}
    assert _present(row, {"crds": {"enabled": True, "keep": False}, "extra": {"enabled": False}}) == {
        "Extra": no,
        "Gadget": yes,
        "Gizmo": no,
        "Widget": yes,
    }


def test_crds_that_a_value_moves_into_the_templates_have_two_ways(fluxbot: CommandLine) -> None:
    files = {
        "Chart.yaml": "apiVersion: v2\nname: two\nversion: 1.0.0\ndependencies: [{name: crds, condition: plain}]\n",
        "values.yaml": "plain: true\ntemplated: false\n",
        "templates/widget.yaml": f"{{{{- if not .Values.plain }}}}\n{CRD}{{{{- end }}}}\n",
        "charts/crds/Chart.yaml": "apiVersion: v2\nname: crds\nversion: 1.0.0\n",
        "charts/crds/crds/widget.yaml": CRD,
    }
    fluxbot.write({f"two/{path}": text for path, text in files.items()})

    row = json.loads(fluxbot.run("catalogue", "add", str(fluxbot.folder / "two")).out)

    what = GroupKind("shop.example.org", "Widget")
    [plain] = told_by(row, Known({}, partly=False)).crds
    [other] = told_by(row, Known({"plain": False}, partly=False)).crds
    assert plain == BroughtCrd(what, ("v1",), Mechanism.CRDS_DIR, Presence.YES)
    assert other == BroughtCrd(what, ("v1",), Mechanism.TEMPLATES, Presence.YES)


def test_a_chart_without_crds_is_a_bare_row(fluxbot: CommandLine) -> None:
    fluxbot.write({"bare/Chart.yaml": "apiVersion: v2\nname: bare\nversion: 0.1.0\n"})

    said = fluxbot.run("catalogue", "add", str(fluxbot.folder / "bare"))

    assert json.loads(said.out) == {"name": "bare", "checked": "rendered", "source": "bare (0.1.0)"}


def test_archives_are_written_to_a_file_one_row_a_line(fluxbot: CommandLine) -> None:
    fluxbot.write({"keep": ""})
    for name in ("one", "two"):
        (fluxbot.folder / f"{name}.tgz").write_bytes(chart(name))
    rows = fluxbot.folder / "rows.json"

    said = fluxbot.run(
        "catalogue", "add", str(fluxbot.folder / "one.tgz"), str(fluxbot.folder / "two.tgz"), "--output", str(rows)
    )

    assert (said.status, said.out) == (0, "")
    assert [json.loads(line)["id"] for line in rows.read_text().splitlines()] == ["one", "two"]


def test_a_chart_of_an_index_is_fetched(fluxbot: CommandLine, web: Web) -> None:
    serve_index(web, chart())

    said = fluxbot.run("catalogue", "add", "widgets", "--repo", f"http://{web.place}/charts", "--fetch")

    row = json.loads(said.out)
    assert (row["urls"], row["source"]) == (
        [f"http://{web.place}/charts"],
        f"http://{web.place}/charts (1.2.3)",
    )
    assert [some["kinds"] for some in row["crds"]] == [{"shop.example.org": [["Widget", "widgets", "N", "v1"]]}]


@pytest.mark.parametrize("behind", ["", ":1.2.3", "@"])
def test_a_chart_of_a_registry_is_fetched_by_range_tag_or_digest(fluxbot: CommandLine, web: Web, behind: str) -> None:
    digest = Registry(web).hold(chart(), "1.2.3")
    reference = f"oci://{web.place}/acme/widgets{behind}{digest if behind == '@' else ''}"

    said = fluxbot.run("catalogue", "add", reference, "--fetch")

    assert said.err == ""
    assert json.loads(said.out)["urls"] == [f"oci://{web.place}/acme/widgets"]


def test_nothing_is_fetched_unless_asked_for(fluxbot: CommandLine, web: Web) -> None:
    serve_index(web, chart())

    said = fluxbot.run("catalogue", "add", "widgets", "--repo", f"http://{web.place}/charts")

    assert (said.status, said.err) == (2, "fluxbot: widgets is not on this machine: --fetch allows to fetch it\n")
    assert web.paths == []


def test_the_fence_stands_before_a_chart_too(fluxbot: CommandLine, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    serve_index(web, chart())
    monkeypatch.setenv("FLUXBOT_ALLOWED_HOSTS", "charts.example.org")

    said = fluxbot.run("catalogue", "add", "widgets", "--repo", f"http://{web.place}/charts", "--fetch")

    assert said.status == 2
    assert said.err.startswith("fluxbot: the chart widgets is not fetched: ")
    assert web.paths == []


@pytest.mark.parametrize(
    ("files", "name", "problem"),
    [
        ({"x/values.yaml": "a: 1\n"}, "x", "the chart {} is not rendered: it has no Chart.yaml with a name"),
        ({"a": ""}, "nowhere.tgz", "cannot read {}: No such file or directory"),
        ({"a.tgz": "no archive"}, "a.tgz", "{}: the archive is no whole .tar.gz"),
    ],
)
def test_what_is_no_chart_is_one_line(fluxbot: CommandLine, files: dict[str, str], name: str, problem: str) -> None:
    fluxbot.write(files)
    path = str(fluxbot.folder / name)

    said = fluxbot.run("catalogue", "add", path)

    assert (said.status, said.err) == (2, f"fluxbot: {problem.format(path)}\n")


def test_a_chart_that_helm_refuses_says_what_helm_says(fluxbot: CommandLine) -> None:
    fluxbot.write(
        {"shop/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n", "shop/templates/a.yaml": "{{ if }}\n"}
    )

    said = fluxbot.run("catalogue", "add", str(fluxbot.folder / "shop"))

    assert said.status == 2
    assert "is not rendered: " in said.err
    assert said.err.count("\n") == 1
