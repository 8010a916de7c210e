"""What the review page shows of a change to a cluster."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest

from bot.model.field import Body, Value, at, items, mappings, strings, text
from tests.command_line import CONFIG, DEADLOCK, GOOD, CommandLine

MAIN = "clusters/main"


def ks(name: str, more: str = "") -> str:
    return (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
        f"metadata: {{name: {name}, namespace: flux-system}}\n"
        f"spec: {{interval: 1h, prune: true, path: ./{name}, "
        f"sourceRef: {{kind: GitRepository, name: flux-system}}{more}}}\n"
    )


class _Data(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.inside = False
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag == "script" and ("id", "data") in attrs

    def handle_data(self, data: str) -> None:
        self.text += data if self.inside else ""


def shown(fluxbot: CommandLine, *arguments: str) -> Body:
    """The data of the page that a command prints."""
    said = fluxbot.run(*arguments, "--format", "html")
    assert said.err == ""
    parser = _Data()
    parser.feed(said.out)
    found = json.loads(parser.text)
    assert isinstance(found, dict)
    return found


def nodes(page: Body) -> dict[str, Body]:
    return {text(one, "name"): one for cluster in mappings(page, "clusters") for one in mappings(cluster, "nodes")}


def ties(page: Body) -> set[tuple[str, str, str, bool, bool]]:
    """Tail, kind, head, and whether it is there before and after."""
    found = set()
    for cluster in mappings(page, "clusters"):
        names = [text(one, "name") for one in mappings(cluster, "nodes")]
        for tie in mappings(cluster, "ties"):
            ends = tie["tail"], tie["head"]
            assert isinstance(ends[0], int)
            assert isinstance(ends[1], int)
            there = tie["before"] is not None, tie["after"] is not None
            found.add((names[ends[0]], text(tie, "kind"), names[ends[1]], *there))
    return found


def test_a_release_beside_its_custom_resource_is_stuck_with_what_flux_prints(fluxbot: CommandLine) -> None:
    fluxbot.write(DEADLOCK)

    after = at(nodes(shown(fluxbot, "audit", "."))["flux-system"], "after")

    assert text(after, "outcome") == "stuck"
    assert text(after, "why", 0, "message").startswith("ClusterIssuer/ca dry-run failed: no matches for kind")
    assert items(after, "why", 0, "at") == [f"{MAIN}/issuer.yaml", 2]
    assert [(text(one, "id"), one.get("fails"), text(one, "note")) for one in mappings(after, "things")][:2] == [
        ("ClusterIssuer/ca", True,
         "its kind comes only with `cert-manager`"),
        ("HelmRelease/cert-manager/cert-manager", None,
         "brings `ClusterIssuer.cert-manager.io`, but too late"),
    ]  # fmt: skip


def test_who_waits_for_a_stuck_one_is_blocked_not_stuck(fluxbot: CommandLine) -> None:
    fluxbot.write({
        f"{MAIN}/flux-system/gotk-sync.yaml": "",
        f"{MAIN}/a.yaml": ks("a"),
        f"{MAIN}/b.yaml": ks("b", ", dependsOn: [{name: a}]"),
        "a/kustomization.yaml": "resources: [gone.yaml]\n",
        "b/x.yaml": CONFIG,
    })  # fmt: skip

    found = nodes(shown(fluxbot, "audit", "."))

    assert {name: (at(one, "after", "layer"), at(one, "after", "outcome")) for name, one in found.items()} == {
        "flux-system": (0, "ready"),
        "a": (1, "stuck"),
        "b": (2, "blocked"),
    }


def test_a_change_shows_both_sides(fluxbot: CommandLine) -> None:
    before = {
        **GOOD,
        f"{MAIN}/a.yaml": ks("a"),
        f"{MAIN}/b.yaml": ks("b"),
        f"{MAIN}/old.yaml": ks("old"),
        "a/x.yaml": CONFIG,
        "b/x.yaml": CONFIG.replace("settings", "other"),
        "old/x.yaml": CONFIG.replace("settings", "third"),
    }
    fluxbot.commit(before)
    fluxbot.commit(
        {f"{MAIN}/b.yaml": ks("b", ", dependsOn: [{name: a}]"), f"{MAIN}/new.yaml": ks("new"), "new/x.yaml": CONFIG,
         f"{MAIN}/old.yaml": CONFIG.replace("settings", "fourth")}, "change",
    )  # fmt: skip

    page = shown(fluxbot, "review", ".", "--base", "main", "--head", "change")
    found = nodes(page)

    assert {name: text(one, "change") for name, one in found.items()} == {
        "flux-system": "changed", "a": "same", "b": "changed", "new": "added", "old": "removed"
    }  # fmt: skip
    assert found["new"]["before"] is None
    assert found["old"]["after"] is None
    assert found["a"]["before"] == "same"
    assert (at(found["b"], "before", "layer"), at(found["b"], "after", "layer")) == (1, 2)
    assert ("b", "depends on", "a", False, True) in ties(page)
    assert ("old", "created by", "flux-system", True, False) in ties(page)


def test_an_order_that_is_missing_says_who_needs_what(fluxbot: CommandLine) -> None:
    crd = (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.example.org}\n"
        "spec: {group: example.org, names: {kind: Thing, plural: things}, versions: [{name: v1, served: true}]}\n"
    )
    thing = "apiVersion: example.org/v1\nkind: Thing\nmetadata: {name: a, namespace: flux-system}\n"
    fluxbot.write({
        f"{MAIN}/flux-system/gotk-sync.yaml": "",
        f"{MAIN}/a.yaml": ks("apps"),
        f"{MAIN}/b.yaml": ks("crds"),
        "crds/x.yaml": crd,
        "apps/x.yaml": thing,
    })  # fmt: skip

    page = shown(fluxbot, "audit", ".")
    [missing] = [tie for one in mappings(page, "clusters") for tie in mappings(one, "ties") if tie["kind"] == "missing"]

    assert text(missing, "after", "why", 0, "text") == (
        "`Thing/flux-system/a` needs `Thing.example.org`, which `CustomResourceDefinition/things.example.org` brings;"
        " nothing orders the two"
    )
    assert items(missing, "after", "why", 0, "at") == ["apps/x.yaml", 2]
    assert at(nodes(page)["apps"], "after", "outcome") == "late"


def test_a_finding_names_the_kustomizations_that_it_concerns(fluxbot: CommandLine) -> None:
    fluxbot.commit(GOOD)
    fluxbot.commit(DEADLOCK, "change")

    [finding] = mappings(shown(fluxbot, "review", ".", "--base", "main", "--head", "change"), "findings")

    assert strings(finding, "concerns", MAIN) == ("Kustomization/flux-system/flux-system",)
    assert text(finding, "rule") == "crd-in-same-kustomization"


def test_the_graph_of_a_tree_is_a_page_that_compares_nothing(fluxbot: CommandLine) -> None:
    fluxbot.write(GOOD)

    page = shown(fluxbot, "graph", ".")

    assert (page["compared"], page["base"], page["findings"]) == (False, None, [])
    assert [text(one, "change") for one in nodes(page).values()] == ["same"]


@pytest.mark.parametrize(("base", "status"), [("main", 0), ("change", 0)])
def test_a_review_as_a_page_has_the_exit_status_of_a_review(fluxbot: CommandLine, base: str, status: int) -> None:
    fluxbot.commit(DEADLOCK)
    fluxbot.commit({"README.md": "x"}, "change")

    assert fluxbot.run("review", ".", "--base", base, "--head", "change", "--format", "html").status == status
    assert fluxbot.run("audit", ".", "--format", "html").status == 1


def test_an_empty_repository_is_a_page_without_a_cluster(fluxbot: CommandLine) -> None:
    fluxbot.write({"README.md": "nothing here"})

    clusters: Value = shown(fluxbot, "audit", ".")["clusters"]

    assert clusters == []
