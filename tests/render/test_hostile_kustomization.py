"""Kustomizations that want to run something, to read more than they were given, or not to end."""

from __future__ import annotations

import pytest

from bot.model.ask import Limit, Refused, Rendered
from bot.render.landlock import version
from bot.render.limits import Limits
from tests.hostile_questions import CONFIG, alias_bomb, build

_PLUGIN_FIELDS = ("generators", "transformers", "validators")
_FUNCTIONS = {
    "exec": "exec: {path: ./plugin}",
    "container": "container: {image: example.com/plugin:1, network: true}",
    "starlark": "starlark: {path: ./plugin, name: plugin}",
}


def refusal(kustomization: str, files: dict[str, str] | None = None, limits: Limits | None = None) -> Refused:
    answer = build(kustomization, files, limits) if limits else build(kustomization, files)
    assert isinstance(answer, Refused), answer
    return answer


@pytest.mark.parametrize("field", _PLUGIN_FIELDS)
@pytest.mark.parametrize("function", _FUNCTIONS)
@pytest.mark.parametrize("local", ["", "config.kubernetes.io/local-config: 'true', "])
def test_no_function_is_run(field: str, function: str, local: str) -> None:
    annotations = f"{{{local}config.kubernetes.io/function: {_FUNCTIONS[function]!r}}}"
    plugin = f"apiVersion: example.com/v1\nkind: Plugin\nmetadata: {{name: p, annotations: {annotations}}}\n"
    files = {"p.yaml": plugin, "a.yaml": CONFIG, "plugin": "#!/bin/sh\ncat\n"}

    refused = refusal(f"resources: [a.yaml]\n{field}: [p.yaml]\n", files)

    assert "external plugins disabled; unable to load external plugin 'Plugin'" in refused.message


@pytest.mark.parametrize("field", _PLUGIN_FIELDS)
@pytest.mark.parametrize("name", ["Plugin", "Plugin.so", "Plugin.go"])
def test_no_program_and_no_go_plugin_is_loaded(field: str, name: str) -> None:
    # Where kustomize looks for such: below $KUSTOMIZE_PLUGIN_HOME, $XDG_CONFIG_HOME, $HOME/.config, and in the tree.
    plugin = "apiVersion: example.com/v1\nkind: Plugin\nmetadata: {name: p}\n"
    home = "kustomize/plugin/example.com/v1/plugin"
    files = {"p.yaml": plugin, "a.yaml": CONFIG, f"{home}/{name}": "#!/bin/sh\ncat\n", f".config/{home}/{name}": "#!"}

    refused = refusal(f"resources: [a.yaml]\n{field}: [p.yaml]\n", files)

    assert "external plugins disabled" in refused.message


@pytest.mark.parametrize(
    "kustomization",
    [
        "helmCharts: [{name: shop, version: 1.0.0, releaseName: web}]\nhelmGlobals: {chartHome: charts}\n",
        "helmCharts: [{name: shop, version: 1.0.0, repo: 'http://127.0.0.1:9/'}]\n",
        "helmChartInflationGenerator: [{chartName: shop, chartRepoUrl: 'http://127.0.0.1:9/'}]\n",
        "generators: [inflation.yaml]\n",
    ],
)
def test_no_chart_is_inflated_by_kustomize(kustomization: str) -> None:
    inflation = "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: shop}\nname: shop\n"
    files = {"inflation.yaml": inflation, "charts/shop/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n"}

    assert "must specify --enable-helm" in refusal(kustomization, files).message


@pytest.mark.skipif(version() == 0, reason="this kernel has no Landlock")
@pytest.mark.parametrize("path", ["/etc/passwd", "../../../../etc/passwd", "/proc/self/environ", "/proc/self/maps"])
@pytest.mark.parametrize(
    "kustomization",
    [
        "configMapGenerator: [{{name: a, files: [{}]}}]",
        "secretGenerator: [{{name: a, envs: [{}]}}]",
        "resources: [{}]",
        "openapi: {{path: {}}}\nresources: [a.yaml]",
        "patches: [{{path: {}}}]\nresources: [a.yaml]",
        "transformers: [t.yaml]\nresources: [a.yaml]\n# {}",
    ],
)
def test_nothing_is_read_that_the_build_was_not_given(kustomization: str, path: str) -> None:
    through = f"apiVersion: builtin\nkind: PatchTransformer\nmetadata: {{name: t}}\npath: {path}\n"

    refused = refusal(kustomization.format(path), {"a.yaml": CONFIG, "t.yaml": through})

    assert refused.limit is None
    assert "root:" not in refused.message
    assert any(words in refused.message for words in ("permission denied", "no such file"))


def test_multiplied_aliases_end_at_a_wall() -> None:
    refused = refusal("resources: [a.yaml]\n", {"a.yaml": alias_bomb()}, Limits(seconds=200.0, cpu=2))

    assert refused in (
        Refused("kustomize took more than 2 s of processor time", Limit.CPU),
        Refused("kustomize needed more than 2048 MiB of memory", Limit.MEMORY),
    )


def test_multiplied_aliases_in_the_kustomization_itself_are_refused() -> None:
    assert "document contains excessive aliasing" in refusal(alias_bomb()).message


@pytest.mark.parametrize("depth", [1_000, 9_000, 1_000_000])
def test_deep_nesting_comes_to_an_end(depth: int) -> None:
    deep = f"{CONFIG}data: {'[' * depth}{']' * depth}\n"

    assert refusal("resources: [a.yaml]\n", {"a.yaml": deep}).message
    assert refusal(f"images: {'[' * depth}{']' * depth}\n").message


@pytest.mark.parametrize("field", ["resources", "components"])
def test_a_circle_of_directories_is_refused(field: str) -> None:
    kind = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n" if field == "components" else ""
    files = {"a/kustomization.yaml": f"{kind}{field}: [../b]\n", "b/kustomization.yaml": f"{kind}{field}: [../a]\n"}

    assert "cycle detected" in refusal(f"{field}: [a]\n", files).message


def test_a_replacement_that_multiplies_a_value_ends_at_a_wall() -> None:
    many = "\n---\n".join(CONFIG.replace("settings", f"c{number}") for number in range(1_000))
    source = CONFIG + f"data: {{value: {'x' * 500_000}}}\n"
    replacement = "{source: {kind: ConfigMap, name: settings, fieldPath: data.value}, targets: "
    replacement += "[{select: {kind: ConfigMap}, fieldPaths: [data.value], options: {create: true}}]}"
    kustomization = f"resources: [many.yaml, source.yaml]\nreplacements: [{replacement}]\n"

    refused = refusal(kustomization, {"many.yaml": many, "source.yaml": source}, Limits(seconds=200.0, cpu=2))

    assert refused.limit in (Limit.MEMORY, Limit.OUTPUT, Limit.CPU)


def test_a_build_of_more_files_than_it_may_have_is_not_begun() -> None:
    refused = refusal("resources: []\n", {f"{number}.yaml": "" for number in range(20)}, Limits(files=20))

    assert refused == Refused("kustomize would get more than 20 files", Limit.FILES)


def test_a_build_at_the_limit_of_files_is_done() -> None:
    answer = build("resources: [0.yaml]\n", {f"{number}.yaml": CONFIG for number in range(19)}, Limits(files=20))

    assert isinstance(answer, Rendered)
