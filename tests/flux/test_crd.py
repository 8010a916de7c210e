from __future__ import annotations

from bot.flux.crd import defined_by
from bot.model.field import Body
from bot.model.ref import GroupKind

HEAD: Body = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}


def test_a_crd_defines_its_kind_in_the_versions_that_it_serves() -> None:
    versions: Body = {"versions": [{"name": "v1", "served": True}, {"name": "v1beta1", "served": False}]}

    defined = defined_by({**HEAD, "spec": {"group": "example.org", "names": {"kind": "Thing"}, **versions}})

    assert defined == (GroupKind("example.org", "Thing"), ("v1",))


def test_the_old_form_of_a_crd_has_one_version() -> None:
    old: Body = {**HEAD, "apiVersion": "apiextensions.k8s.io/v1beta1"}

    defined = defined_by({**old, "spec": {"group": "example.org", "names": {"kind": "Thing"}, "version": "v1"}})

    assert defined == (GroupKind("example.org", "Thing"), ("v1",))


def test_other_objects_and_broken_crds_define_nothing() -> None:
    assert defined_by({"apiVersion": "v1", "kind": "ConfigMap"}) is None
    assert defined_by({**HEAD, "spec": "text"}) is None
