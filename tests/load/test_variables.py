"""The variables of a Kustomization, seen from the objects that it applies."""

from __future__ import annotations

import base64

import pytest

from bot.load.cluster import Known
from bot.model.cluster import Broken, Provided
from tests.loaded_cluster import CONFIG, ROOT, data, gaps, ks, loaded, node

VARIABLES = f"{CONFIG}data: {{colour: '${{COLOUR}}', size: '${{SIZE:=big}}'}}\n"


def test_variables_of_the_spec_are_replaced_and_defaults_hold_for_the_others() -> None:
    spec = "postBuild: {substitute: {COLOUR: blue}}"
    cluster = loaded({f"{ROOT}/apps.yaml": ks("apps", spec), "apps/a.yaml": VARIABLES})

    assert data(cluster) == {"colour": "blue", "size": "big"}


def test_without_post_build_nothing_is_replaced() -> None:
    cluster = loaded({f"{ROOT}/apps.yaml": ks("apps"), "apps/a.yaml": VARIABLES})

    assert data(cluster) == {"colour": "${COLOUR}", "size": "${SIZE:=big}"}


def test_without_any_variable_even_defaults_stay_unless_the_strategy_says_always() -> None:
    for spec, size in (("postBuild: {}", "${SIZE:=big}"), ("postBuild: {substituteStrategy: Always}", "big")):
        cluster = loaded({f"{ROOT}/apps.yaml": ks("apps", spec), "apps/a.yaml": VARIABLES})

        assert data(cluster) == {"colour": "" if size == "big" else "${COLOUR}", "size": size}


def test_an_object_can_opt_out() -> None:
    marked = VARIABLES.replace("settings,", "settings, labels: {kustomize.toolkit.fluxcd.io/substitute: disabled},")
    spec = "postBuild: {substitute: {COLOUR: blue}}"
    cluster = loaded({f"{ROOT}/apps.yaml": ks("apps", spec), "apps/a.yaml": marked})

    assert data(cluster) == {"colour": "${COLOUR}", "size": "${SIZE:=big}"}


def holder(kind: str, content: str, name: str = "vars") -> str:
    return f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: flux-system}}\n{content}\n"


FROM = "postBuild: {substituteFrom: [{kind: KIND, name: vars}]}"


@pytest.mark.parametrize(
    ("kind", "content", "colour"),
    [
        ("ConfigMap", "data: {COLOUR: blue}", "blue"),
        ("Secret", "stringData: {COLOUR: blue}", "${COLOUR}"),
        ("Secret", f"data: {{COLOUR: {base64.b64encode(b'blue').decode()}}}", "${COLOUR}"),
    ],
)
def test_variables_of_a_config_map_are_known_and_those_of_a_secret_are_there_and_hidden(
    kind: str, content: str, colour: str
) -> None:
    files = {
        f"{ROOT}/vars.yaml": holder(kind, content),
        f"{ROOT}/apps.yaml": ks("apps", FROM.replace("KIND", kind)),
        "apps/a.yaml": VARIABLES,
    }

    assert data(loaded(files)) == {"colour": colour, "size": "big"}


def test_of_several_holders_the_later_wins_and_the_spec_over_all() -> None:
    spec = (
        "postBuild: {substitute: {SIZE: tiny},"
        " substituteFrom: [{kind: ConfigMap, name: vars}, {kind: ConfigMap, name: more}]}"
    )
    files = {
        f"{ROOT}/vars.yaml": holder("ConfigMap", "data: {COLOUR: blue, SIZE: small}"),
        f"{ROOT}/more.yaml": holder("ConfigMap", "data: {COLOUR: red}", "more"),
        f"{ROOT}/apps.yaml": ks("apps", spec),
        "apps/a.yaml": VARIABLES,
    }

    assert data(loaded(files)) == {"colour": "red", "size": "tiny"}


SOPS = "stringData: {COLOUR: 'ENC[x]'}\nsops: {mac: x, version: 3.9.0}"


def test_the_keys_of_a_secret_that_sops_encrypted_are_known_and_their_values_are_not() -> None:
    files = {
        f"{ROOT}/vars.yaml": holder("Secret", SOPS),
        f"{ROOT}/apps.yaml": ks("apps", FROM.replace("KIND", "Secret")),
        "apps/a.yaml": VARIABLES,
    }

    assert data(loaded(files)) == {"colour": "${COLOUR}", "size": "big"}


def test_a_value_that_a_later_holder_shows_is_no_longer_hidden() -> None:
    spec = "postBuild: {substituteFrom: [{kind: Secret, name: vars}, {kind: ConfigMap, name: more}]}"
    files = {
        f"{ROOT}/vars.yaml": holder("Secret", SOPS),
        f"{ROOT}/more.yaml": holder("ConfigMap", "data: {COLOUR: red}", "more"),
        f"{ROOT}/apps.yaml": ks("apps", spec),
        "apps/a.yaml": VARIABLES,
    }

    assert data(loaded(files)) == {"colour": "red", "size": "big"}


def test_a_secret_that_is_not_in_the_tree_leaves_variables_unknown_and_not_empty() -> None:
    cluster = loaded({f"{ROOT}/apps.yaml": ks("apps", FROM.replace("KIND", "Secret")), "apps/a.yaml": VARIABLES})

    assert data(cluster) == {"colour": "${COLOUR}", "size": "big"}
    assert gaps(cluster) == [
        "Kustomization/flux-system/apps: Secret/flux-system/vars, whose keys are variables here, is not in the tree"
    ]


def test_a_missing_config_map_that_may_be_missing_leaves_variables_empty() -> None:
    spec = "postBuild: {substitute: {X: y}, substituteFrom: [{kind: ConfigMap, name: vars, optional: true}]}"
    cluster = loaded({f"{ROOT}/apps.yaml": ks("apps", spec), "apps/a.yaml": VARIABLES})

    assert data(cluster) == {"colour": "", "size": "big"}
    assert cluster.incomplete == ()


def test_variables_from_the_configuration_are_known_only_in_the_cluster() -> None:
    known = Known(Provided(), variables={"COLOUR": "green"})
    cluster = loaded(
        {f"{ROOT}/apps.yaml": ks("apps", FROM.replace("KIND", "Secret")), "apps/a.yaml": VARIABLES}, known=known
    )

    assert data(cluster) == {"colour": "green", "size": "big"}


def test_a_name_that_flux_does_not_take_fails_the_whole_build_whether_it_is_used_or_not() -> None:
    holder = CONFIG.replace("settings", "vars").replace("shop", "flux-system") + "data: {not-a-name: x}\n"
    spec = "postBuild: {substituteFrom: [{kind: ConfigMap, name: vars}]}"
    cluster = loaded({f"{ROOT}/apps.yaml": ks("apps", spec), f"{ROOT}/vars.yaml": holder, "apps/a.yaml": CONFIG})

    building = node(cluster, "apps").building

    assert isinstance(building, Broken)
    assert "'not-a-name' var name is invalid" in building.predicted


def test_a_path_that_a_parent_replaces_is_followed() -> None:
    parent = ks("infra", "postBuild: {substitute: {STAGE: test}}")
    cluster = loaded(
        {f"{ROOT}/infra.yaml": parent, "infra/apps.yaml": ks("apps", path="apps/${STAGE}"), "apps/test/a.yaml": CONFIG}
    )

    assert [str(one.ref) for one in node(cluster, "apps").resources] == ["ConfigMap/shop/settings"]


def test_an_expression_that_cannot_be_parsed_breaks_the_build_with_what_flux_prints() -> None:
    text_ = CONFIG + "data: {a: '${X'}\n"
    cluster = loaded({f"{ROOT}/apps.yaml": ks("apps", "postBuild: {substitute: {X: y}}"), "apps/a.yaml": text_})

    building = node(cluster, "apps").building

    assert isinstance(building, Broken)
    assert building.predicted.startswith("post build failed: envsubst error: variable substitution failed: ")
