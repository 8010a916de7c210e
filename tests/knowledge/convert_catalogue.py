"""Write the data files of ``bot/knowledge`` from the full catalogue.

    python tests/knowledge/convert_catalogue.py charts.json builtins.json references.json bot/knowledge

The catalogue says more than the engine asks; what is left is kept with its
source and with how it was checked. The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any  # the catalogue is free JSON; it ends in this file

Row = dict[str, Any]

# Release assets that the catalogue lacks; their kinds are those of a chart of the same project.
ASSETS_LIKE_CHARTS = (
    ("grafana-operator-release", r"grafana/grafana-operator/releases/download/[^/]+/crds\.yaml", "grafana-operator"),
)

# Values without which an operator does not register one of its kinds.
# cilium/cilium pkg/k8s/synced/crd.go@0520fcda729c: this kind only with EnableBGPControlPlane; later ones were not read.
GATED_AT_RUN_TIME = (
    ("cilium", "CiliumBGPPeeringPolicy", {"value": "bgpControlPlane.enabled", "equals": True, "default": False}),
)

# Rows whose URL brings no CRD but a controller, which registers its kinds when it starts: the file that holds the CRDs,
# the rest, and the Deployment. rancher/system-upgrade-controller kustomization.yaml@2af09670ff8d, issues 66 and 172.
REGISTERED_AT_RUN_TIME = {
    "system-upgrade-controller": (
        r"rancher/system-upgrade-controller/.*crd",
        r"rancher/system-upgrade-controller(/releases/(latest/)?download|.*manifests|\?ref|/?$)",
        "system-upgrade-controller",
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("charts", "builtins", "references", "target"):
        parser.add_argument(name, type=Path)
    given = parser.parse_args()
    charts, builtins = json.loads(given.charts.read_text()), json.loads(given.builtins.read_text())
    references = json.loads(given.references.read_text())
    shipped = {
        "charts.json": {"charts": _charts(charts), "bare": _bare(charts)},
        "kinds.json": _kinds(builtins),
        "remote.json": {"remote": _remote(builtins, charts)},
        "references.json": {"references": [_reference(edge) for edge in references["edges"] if edge["targets"]]},
    }
    for name, content in shipped.items():
        (given.target / name).write_text(_lines({"generated": charts["generated"], **content}))


def _lines(content: Row) -> str:
    """JSON with one entry of each list or mapping a line, so that a change shows what it changes."""
    parts = []
    for key, value in content.items():
        if isinstance(value, list):
            body = "[\n" + ",\n".join(_compact(item) for item in value) + "\n]"
        elif isinstance(value, dict):
            body = "{\n" + ",\n".join(f"{_compact(k)}:{_compact(v)}" for k, v in value.items()) + "\n}"
        else:
            body = _compact(value)
        parts.append(f"{_compact(key)}:{body}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _filled(row: Row) -> Row:
    return {key: value for key, value in row.items() if value not in (None, [], "", {})}


def _charts(catalogue: Row) -> list[Row]:
    """The chart rows; what older versions of a chart brought stands with the chart, not in a row of its own."""
    legacy = {row["id"].removesuffix("-legacy"): row for row in catalogue["charts"] if row["id"].endswith("-legacy")}
    return [
        _chart({**row, "crds": [*_gated(row), *legacy.get(row["id"], {"crds": []})["crds"]]})
        for row in catalogue["charts"]
        if not row["id"].endswith("-legacy")
    ]


def _gated(row: Row) -> list[Row]:
    gates = {kind: gate for chart, kind, gate in GATED_AT_RUN_TIME if chart == row["id"]}
    return [
        {**crd, "default": False, "enabled_by": [gates[crd["kind"]]]} if crd["kind"] in gates else crd
        for crd in row["crds"]
    ]


def _chart(row: Row) -> Row:
    match = row["match"]
    return _filled(
        {
            "id": row["id"],
            "names": match["chart_names"],
            "only": match["require_url_substring_any"],
            "never": match["exclude_url_substring_any"],
            "urls": [r["url"] for r in sorted(row["repositories"], key=lambda r: (-r["seen_in_corpora"], r["url"]))],
            "uses": sum(r["seen_in_corpora"] for r in row["repositories"]),
            "checked": _checked(row["verification"]),
            "source": _source(row["source"]),
            "consumes": row.get("consumes_by_default"),
            "crds": _sets(row["crds"]),
        }
    )


def _checked(verification: str) -> str:
    """``rendered``, ``files-read``, ``listing`` or ``unverified``."""
    return verification.split(" ", maxsplit=1)[0]


def _source(source: Row | None) -> str:
    if not source or not source.get("github"):
        return ""
    commit = (source.get("commit") or "")[:12]
    place = "/".join(part for part in (source["github"], source.get("path")) if part)
    dated = " ".join(part for part in (source.get("chart_version"), source.get("commit_date")) if part)
    return place + (f"@{commit}" if commit else "") + (f" ({dated})" if dated else "")


def _sets(crds: Iterable[Row]) -> list[Row]:
    """CRDs with the same way into the cluster together; ``kinds``: group to rows of kind, plural, scope, versions."""
    sets: dict[str, Row] = {}
    for crd in crds:
        head = _filled(
            {
                "mechanism": _mechanism(crd["mechanism"]),
                "job": "job" in crd["mechanism"] or "hook" in crd["mechanism"] or None,
                "alternative": _alternative(crd.get("alternative")),
            }
        )
        head["default"] = crd["default"]
        head["gate"] = [_alternatives(entry) for entry in crd.get("enabled_by") or []]
        kinds = sets.setdefault(_compact(head), head | {"kinds": {}})["kinds"]
        scope = {"Namespaced": "N", "Cluster": "C", None: ""}[crd["scope"]]
        kinds.setdefault(crd["group"], []).append([crd["kind"], crd["plural"] or "", scope, _served(crd["versions"])])
    return list(sets.values())


def _mechanism(words: str) -> str:
    match words.split(" ", maxsplit=1)[0]:
        case "crds-dir":
            return "crds-dir"
        case "templates" | "templates/crds-dir":
            return "templates"
        case "subchart":
            return "crds-dir" if words.startswith("subchart crds") else "templates"
        case "hook-job" | "operator-runtime":
            return "controller"
        case _:
            return "other"


def _alternative(alternative: Row | None) -> Row | None:
    if not alternative:
        return None
    return {
        "mechanism": _mechanism(alternative["mechanism"]),
        "gate": [_condition(entry) for entry in alternative["enabled_by"]],
    }


def _alternatives(entry: Row) -> list[list[Any]]:
    """The conditions of one entry, all of which must hold."""
    return [_condition(each) for each in entry.get("all", [entry])]


def _condition(entry: Row) -> list[Any]:
    """Path, wanted value (left out where the catalogue knows none), and the chart's default."""
    if "equals" not in entry:
        return [entry["value"]]
    return [entry["value"], entry["equals"], entry.get("default")]


def _served(versions: list[Row]) -> str | None:
    """The served versions; None where nobody read which they are."""
    if not versions or any(version["served"] is None for version in versions):
        return None
    return " ".join(version["name"] for version in versions if version["served"])


def _bare(catalogue: Row) -> list[Row]:
    """Charts that are known to hold no CRD."""
    return [
        _filled(
            {
                "name": row["chart"],
                "checked": _checked(row["verification"]),
                "source": row["source"],
                "consumes": row.get("consumes_by_default"),
            }
        )
        for row in catalogue["no_crds"]
    ]


def _kinds(builtins: Row) -> Row:
    return {
        "kubernetes": {row["group"]: row["kinds_lower"] for row in builtins["kubernetes"]["groups"]},
        "flux": _by_group(builtins["flux"]["provides"]),
        "config_only": _by_group(builtins["config_only"]),
        "aggregated": {row["group"]: row["by"] for row in builtins["aggregated_apis"]},
        "platforms": [
            {"id": row["id"], "checked": _checked(row["verification"]), "kinds": _by_group(row["provides"])}
            for row in builtins["platforms"]
        ],
    }


def _by_group(rows: Iterable[Row]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["group"], []).extend(row["kinds"])
    return found


def _remote(builtins: Row, charts: Row) -> list[Row]:
    rows = [one for row in builtins["remote_providers"] for one in _provider(row)]
    by_id = {row["id"]: row for row in charts["charts"]}
    for name, url, chart in ASSETS_LIKE_CHARTS:
        provides = [{"group": crd["group"], "kinds": [crd["kind"]]} for crd in by_id[chart]["crds"]]
        rows.append({"id": name, "url": url, "checked": "listing", "kinds": _by_group(provides)})
    return rows


def _provider(row: Row) -> list[Row]:
    kinds = _by_group(row["provides"])
    if row["id"] not in REGISTERED_AT_RUN_TIME:
        return [{"id": row["id"], "url": row["url_regex"], "checked": _checked(row["verification"]), "kinds": kinds}]
    crds, rest, workload = REGISTERED_AT_RUN_TIME[row["id"]]
    return [
        {"id": f"{row['id']}-crd", "url": crds, "checked": "files-read", "kinds": kinds},
        {"id": row["id"], "url": rest, "checked": "files-read", "workload": workload, "kinds": kinds},
    ]


def _reference(edge: Row) -> Row:
    return _filled(
        {
            "from": [edge["from_group"], edge["from_kind"]],
            "via": edge["via"],
            "path": edge["path"],
            "name": edge["name_at"],
            "kind": edge["kind_at"],
            "to": [[target["group"], target["kind"]] for target in edge["targets"]],
            "namespace": edge["namespace"],
            "when": edge["when"],
            "note": edge["note"],
            "read": edge["verified"] is True or None,
        }
    )


if __name__ == "__main__":
    main()
