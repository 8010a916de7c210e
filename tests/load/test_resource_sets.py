"""ResourceSets of the Flux Operator, expanded by the real Helm."""

from __future__ import annotations

import pytest

from bot.flux.resource_set import translated
from bot.model.cluster import Output, Unresolved
from bot.model.ref import Ref
from tests.loaded_cluster import ROOT, gaps, ks, loaded, real

SET = (
    "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\nmetadata: {name: teams, namespace: flux-system}\nspec:\n"
)
PROVIDER = "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSetInputProvider\n"
TEMPLATE = """\
  resourcesTemplate: |
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: << inputs.team | slugify >>, namespace: << inputs.provider.namespace >>}
    data: {text: "{{ .left }} alone ${TOO}"}
"""


def teams(step: str = "") -> Ref:
    return Ref("fluxcd.controlplane.io", "ResourceSet", "flux-system", f"teams{step}")


def made(spec: str, *others: str) -> list[str]:
    """The objects that the set of this spec makes, the names of its steps before them."""
    found = loaded({f"{ROOT}/set.yaml": "\n---\n".join((SET + spec, *others))}, real())
    assert gaps(found) == []
    nodes = [node for ref, node in found.nodes.items() if ref.kind == "ResourceSet"]
    return [f"{node.ref.name.removeprefix('teams').strip()}{one.ref}" for node in nodes for one in node.resources]


def test_the_template_is_filled_in_for_each_set_of_inputs() -> None:
    assert made("  inputs: [{team: Web Shop}, {team: ops}, {team: Ops}]\n" + TEMPLATE) == [
        "ConfigMap/flux-system/web-shop",
        "ConfigMap/flux-system/ops",  # once, although two inputs make it
    ]


def test_what_is_no_template_of_the_operator_stays_as_it_is() -> None:
    cluster = loaded({f"{ROOT}/set.yaml": SET + "  inputs: [{team: ops}]\n" + TEMPLATE}, real())

    (config,) = cluster.nodes[teams()].resources
    assert config.body["data"] == {"text": "{{ .left }} alone ${TOO}"}


def test_resources_keep_the_types_that_the_inputs_have() -> None:
    spec = (
        "  inputs: [{name: web, count: 3, wait: true}]\n"
        "  resources:\n"
        "    - apiVersion: kustomize.toolkit.fluxcd.io/v1\n"
        "      kind: Kustomization\n"
        "      metadata: {name: << inputs.name >>, namespace: flux-system}\n"
        "      spec: {path: ./web, wait: << inputs.wait >>, sourceRef: {kind: GitRepository, name: flux-system}}\n"
    )

    cluster = loaded(
        {f"{ROOT}/set.yaml": SET + spec, "web/a.yaml": ks("inner", path="inner"), "inner/.keep": ""}, real()
    )

    web = next(node for ref, node in cluster.nodes.items() if ref.name == "web")
    assert web.kustomization.wait
    assert web.parents == (teams(),)
    assert web.kustomization.resource.origin.path == f"{ROOT}/set.yaml"
    assert "inner" in {ref.name for ref in cluster.nodes}


def test_inputs_come_from_a_provider_that_is_written_down() -> None:
    provider = (
        f"{PROVIDER}metadata: {{name: one, namespace: flux-system}}\nspec: {{type: Static, defaultValues: {{team: a}}}}"
    )
    spec = "  inputs: [{team: b}]\n  inputsFrom: [{kind: ResourceSetInputProvider, name: one}]\n" + TEMPLATE

    assert made(spec, provider) == ["ConfigMap/flux-system/b", "ConfigMap/flux-system/a"]


def test_steps_are_applied_one_after_the_other_and_the_last_bears_the_name() -> None:
    one = "      resources: [{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {0}, namespace: shop}}}}]\n"
    spec = f"  wait: false\n  steps:\n    - name: first\n{one.format('a')}    - name: then\n{one.format('b')}"
    cluster = loaded({f"{ROOT}/set.yaml": SET + spec}, real())

    first, then = cluster.nodes[teams(" (step first)")].kustomization, cluster.nodes[teams()].kustomization

    assert [entry.ref for entry in then.depends_on] == [first.ref]
    assert first.wait
    assert then.wait
    assert [str(one.ref) for one in cluster.nodes[first.ref].resources] == ["ConfigMap/shop/a"]


def test_what_the_operator_leaves_out_is_left_out_and_what_it_adds_is_there() -> None:
    spec = (
        "  commonMetadata: {labels: {team: ops}}\n"
        "  resources:\n"
        "    - {apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}}\n"
        "    - apiVersion: v1\n"
        "      kind: ConfigMap\n"
        "      metadata: {name: b, namespace: shop, annotations: {fluxcd.controlplane.io/reconcile: disabled}}\n"
    )
    cluster = loaded({f"{ROOT}/set.yaml": SET + spec}, real())

    (only,) = cluster.nodes[teams()].resources
    assert (only.ref.name, only.marked("team")) == ("a", "ops")


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ("  inputsFrom: [{name: forge}]\n", "`ResourceSetInputProvider/flux-system/forge`, which is not in the tree"),
        ("  inputsFrom: [{selector: {matchLabels: {a: b}}}]\n", "a selector finds its inputs"),
        ("  inputs: [{squad: ops}]\n", "its template asks for `inputs.team`, which not all of its inputs have"),
        ("  inputStrategy: {name: Permute}\n  inputsFrom: [{name: a}]\n", "all combinations of several providers"),
    ],
)
def test_a_set_that_the_repository_does_not_show_is_incomplete_and_says_why(spec: str, why: str) -> None:
    cluster = loaded({f"{ROOT}/set.yaml": SET + spec + TEMPLATE}, real())

    building = cluster.nodes[teams()].building
    assert isinstance(building, Unresolved)
    assert why in building.why
    assert gaps(cluster) == [f"ResourceSet/flux-system/teams: {building.why}"]


def test_a_template_that_cannot_be_read_is_incomplete() -> None:
    cluster = loaded({f"{ROOT}/set.yaml": SET + "  resourcesTemplate: '<< nothing here >>'\n"}, real())

    assert isinstance(cluster.nodes[teams()].building, Unresolved)
    assert isinstance(next(iter(cluster.nodes.values())).building, Output)


@pytest.mark.parametrize(
    ("written", "helm"),
    [
        ("a: << inputs.x >>", "a: {{ IN.x }}"),
        ("<<- range $k, $v := inputs.all ->>x<<- end >>", "{{- range $k, $v := IN.all -}}x{{- end }}"),
        ('<< inputs.x | default "inputs.y" >>', '{{ IN.x | default "inputs.y" }}'),
        ("<< (index inputs.list 0).inputs >>", "{{ (index IN.list 0).inputs }}"),
        ("<< with inputs >><< .x >><< end >>", "{{ with IN }}{{ .x }}{{ end }}"),
        ("<< $inputs := 1 >>", "{{ $inputs := 1 }}"),
        ("{{ .Values.x }}", '{{ "{{" }} .Values.x {{ "}}" }}'),
        ("a << b", "a << b"),
    ],
)
def test_templates_become_those_of_helm(written: str, helm: str) -> None:
    assert translated(written, "IN") == helm
