"""Orders that nobody may ask for, because the other side needs this one."""

from __future__ import annotations

from bot.model.field import Body
from bot.simulate.link import Reach, links
from bot.simulate.stage import stage
from tests.sketched_cluster import Sketch, cluster, ks

SHOP: Body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
IN_SHOP: Body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "shop"}}
RELEASE: Body = {"targetNamespace": "shop", "install": {"createNamespace": True}}


def forbidden(one: str, other: str, *sketches: Sketch) -> bool:
    return Reach(links(stage(cluster(*sketches)))).forbids(ks(one), ks(other))


def test_who_makes_the_namespace_of_the_other_must_not_wait_for_it() -> None:
    web = Sketch("web", needs=("Thing",), objects=(SHOP,))
    operator = Sketch("operator", releases={"operator": ("Thing",)}, objects=(IN_SHOP,))

    assert forbidden("web", "operator", web, operator)
    assert not forbidden("web", "operator", web, Sketch("operator", releases={"operator": ("Thing",)}))


def test_two_that_define_a_kind_for_each_other_must_not_wait_for_each_other() -> None:
    some = Sketch("one", needs=("Part",), defines=("Thing",)), Sketch("other", needs=("Thing",), defines=("Part",))

    assert forbidden("one", "other", *some)
    assert forbidden("other", "one", *some)


def test_what_a_release_of_its_own_makes_comes_too_late_to_be_another_way() -> None:
    web = Sketch("web", needs=("Thing",), objects=(SHOP,))
    operator = Sketch("operator", releases={"operator": ("Thing",)}, release_spec=RELEASE, objects=(IN_SHOP,))

    assert forbidden("web", "operator", web, operator)


def test_where_a_third_makes_the_namespace_too_the_order_may_be() -> None:
    web = Sketch("web", needs=("Thing",), objects=(SHOP,))
    operator = Sketch("operator", releases={"operator": ("Thing",)}, objects=(IN_SHOP,))

    assert not forbidden("web", "operator", web, operator, Sketch("namespaces", objects=(SHOP,)))
