"""The quick question whether a value fits its schema, and the long one why it does not."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.knowledge.kubernetes import kubernetes_schema
from bot.knowledge.schemas import Shape, fits, flux_schema, invalid
from bot.model.field import Body, Value

SCALARS = (
    st.none() | st.booleans() | st.integers(-2, 70_000) | st.sampled_from(["", "a", "${A}", "TCP", "1h", "x" * 300])
)
NAMES = st.sampled_from(
    (
        *("apiVersion", "kind", "metadata", "spec", "name", "namespace", "data", "ports", "port", "protocol"),
        *("selector", "interval", "path", "prune", "sourceRef", "dependsOn", "timeout", "chart", "values", "no"),
    )
)
VALUES = st.recursive(
    SCALARS | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=20,
)


def shape(group: str, kind: str, version: str) -> Shape:
    found = kubernetes_schema(group, kind, version) or flux_schema(group, kind, version)
    assert found is not None
    return found


SHAPES = [
    shape("", "ConfigMap", "v1"),
    shape("", "Service", "v1"),
    shape("apps", "Deployment", "v1"),
    shape("kustomize.toolkit.fluxcd.io", "Kustomization", "v1"),
    shape("helm.toolkit.fluxcd.io", "HelmRelease", "v2"),
]


@given(which=st.sampled_from(range(len(SHAPES))), value=VALUES)
@example(which=1, value={"spec": {"ports": [{"port": 80}, {"port": "http"}]}})
@example(which=3, value={"interval": "1h", "prune": True, "sourceRef": {"kind": "GitRepository", "name": "a"}})
def test_what_fits_has_nothing_invalid_and_what_does_not_has(which: int, value: Value) -> None:
    assert fits(SHAPES[which], value) == (list(invalid(SHAPES[which], value)) == [])


@pytest.mark.parametrize(
    ("spec", "is_right"),
    [
        ({"interval": "1h", "prune": True, "sourceRef": {"kind": "GitRepository", "name": "a"}}, True),
        ({"interval": "soon", "prune": True, "sourceRef": {"kind": "GitRepository", "name": "a"}}, False),
        ({"interval": "1h", "prune": True}, False),
        ({"interval": "${I}", "prune": "${P}", "sourceRef": "${S}"}, True),
        ({"interval": "1h", "prune": 1, "sourceRef": {"kind": "GitRepository", "name": "a"}}, False),
    ],
)
def test_a_spec_of_flux(spec: Body, is_right: bool) -> None:
    assert fits(SHAPES[3], spec) is is_right
