"""What the templates of charts need holds their releases up, as Helm does."""

from __future__ import annotations

from dataclasses import replace

from bot.model.ask import Document, Rendered
from bot.model.cluster import Node, Provided
from bot.model.field import Body
from bot.model.ref import Ref
from bot.simulate.play import Play, play
from bot.simulate.stage import stage
from tests.sketched_cluster import GROUP, Sketch, cluster, hr, kind, ks, names

INFRA = Sketch("infra", releases={"operator": ("Thing",)}, spec={"wait": True})


def thing(what: str = "Thing", **annotations: str) -> Document:
    metadata: Body = {"name": "x", "annotations": {**annotations}}
    return Document({"apiVersion": f"{GROUP}/v1", "kind": what, "metadata": metadata})


def definition(what: str = "Thing") -> Document:
    names: Body = {"kind": what}
    spec: Body = {"group": GROUP, "names": names}
    meta: Body = {"name": what.lower()}
    return Document(
        {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": meta, "spec": spec}
    )


def played(*sketches: Sketch, provided: Provided | None = None, **charts: Rendered) -> Play:
    """The play of a cluster whose releases have these charts."""
    whole = cluster(*sketches, provided=provided)
    known = {hr(name): chart for name, chart in charts.items()}
    return play(stage(replace(whole, nodes={ref: _with(node, known) for ref, node in whole.nodes.items()})))


def _with(node: Node, charts: dict[Ref, Rendered]) -> Node:
    return replace(node, charts={one.ref: charts[one.ref] for one in node.releases if one.ref in charts})


def test_a_chart_whose_templates_need_their_own_definition_is_never_installed() -> None:
    found = played(INFRA, Sketch("apps", after=("infra",)), operator=Rendered((definition(), thing())))

    assert names(found.released) == []
    assert names(found.ready) == []


def test_a_definition_in_the_crds_directory_comes_before_the_templates() -> None:
    found = played(INFRA, operator=Rendered((thing(),), (definition(),)))

    assert names(found.released) == ["operator"]


def test_what_the_crds_directory_makes_stays_where_the_templates_are_refused() -> None:
    infra = Sketch("infra", releases={"operator": ("Thing", "Part")})
    apps = Sketch("apps", needs=("Thing",))

    found = played(infra, apps, operator=Rendered((definition("Part"), thing("Part")), (definition(),)))

    assert names(found.released) == []
    assert ks("apps") in found.ready


def test_a_chart_waits_for_the_release_that_brings_what_it_needs() -> None:
    shop = Sketch("shop", releases={"shop": ()}, spec={"wait": True})

    assert names(played(shop, INFRA, shop=Rendered((thing(),))).released) == ["operator", "shop"]
    asleep = replace(INFRA, release_spec={"suspend": True})
    assert names(played(shop, asleep, shop=Rendered((thing(),))).released) == []


def test_hooks_and_kinds_that_nothing_brings_hold_no_chart_up() -> None:
    hook = Rendered((definition(), thing(**{"helm.sh/hook": "post-install"})))

    assert names(played(INFRA, operator=hook).released) == ["operator"]
    assert names(played(INFRA, operator=Rendered((thing("Gadget"),))).released) == ["operator"]


def test_what_is_provided_holds_no_chart_up() -> None:
    found = played(INFRA, provided=Provided(kinds={kind("Thing"): "there"}), operator=Rendered((definition(), thing())))

    assert names(found.released) == ["operator"]


def test_who_waits_for_a_release_is_sure_of_what_its_chart_needed() -> None:
    shop = Sketch("shop", releases={"shop": ()}, spec={"wait": True})
    apps = Sketch("apps", needs=("Thing",), after=("shop",))
    infra = replace(INFRA, spec={})

    assert not played(apps, shop, infra, shop=Rendered((thing(),))).is_late(ks("apps"))
    assert played(apps, shop, infra).is_late(ks("apps"))
