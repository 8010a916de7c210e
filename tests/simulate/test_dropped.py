"""CRDs that a release deletes from the running cluster when it is upgraded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model.ask import Document, Rendered
from bot.model.cluster import Cluster
from bot.model.field import Body
from bot.simulate.dropped import Dropped, dropped
from tests.sketched_cluster import Sketch, cluster, hr, ks, played

OPERATOR = Sketch("infra", releases={"operator": ()})
APPS = Sketch("apps", needs=("Thing",))


def crd(name: str = "Thing", **annotations: str) -> Document:
    metadata: Body = {"name": f"{name.lower()}s.example.org", "annotations": dict(annotations)}
    spec: Body = {"group": "example.org", "names": {"kind": name}, "versions": [{"name": "v1", "served": True}]}
    body: Body = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": metadata}
    return Document({**body, "spec": spec})


def charted(*templates: Document, crds: tuple[Document, ...] = (), sketch: Sketch = OPERATOR) -> Cluster:
    found = cluster(sketch, APPS)
    node = replace(found.nodes[ks("infra")], charts={hr("operator"): Rendered(templates, crds)})
    return replace(found, nodes={**found.nodes, ks("infra"): node})


def found(base: Cluster, head: Cluster) -> list[Dropped]:
    return list(dropped(played(head, base)))


def test_a_crd_that_leaves_the_templates_is_deleted_with_the_objects_of_its_kind() -> None:
    [one] = found(charted(crd(), crd("Other")), charted())

    assert [what.kind for what in one.kinds] == ["Thing", "Other"]
    assert one.used is not None
    assert (one.used.ref.kind, one.version, one.moved, one.known) == ("Thing", "v1", False, True)


def test_a_crd_that_goes_to_the_crds_directory_is_deleted_all_the_same() -> None:
    [one] = found(charted(crd()), charted(crds=(crd(),)))

    assert one.moved


@pytest.mark.parametrize("mark", [{"helm.sh/resource-policy": "Keep"}, {"helm.sh/hook": "pre-install"}])
def test_what_helm_keeps_or_does_not_own_stays(mark: dict[str, str]) -> None:
    assert found(charted(crd(**mark)), charted()) == []


def test_a_mark_that_comes_with_the_change_is_too_late() -> None:
    assert found(charted(crd()), charted(crd("Other", **{"helm.sh/resource-policy": "keep"}))) != []


def test_what_stays_in_the_templates_is_not_dropped() -> None:
    assert found(charted(crd()), charted(crd())) == []


def test_what_lies_in_the_crds_directory_is_never_deleted() -> None:
    assert found(charted(crds=(crd(),)), charted()) == []


@pytest.mark.parametrize("spec", [{"suspend": True}, {"releaseName": "another"}])
def test_a_release_that_is_not_upgraded_drops_nothing(spec: Body) -> None:
    assert found(charted(crd()), charted(sketch=replace(OPERATOR, release_spec=spec))) == []


def test_a_chart_that_was_not_rendered_before_says_nothing() -> None:
    assert found(cluster(OPERATOR, APPS), charted()) == []


def test_values_that_are_not_shown_make_it_a_guess() -> None:
    hidden = replace(OPERATOR, release_spec={"valuesFrom": [{"kind": "Secret", "name": "values"}]})

    [one] = found(charted(crd(), sketch=hidden), charted(sketch=hidden))

    assert not one.known
