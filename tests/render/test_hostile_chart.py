"""Charts that want to reach something, to read more than they were given, or not to end."""

from __future__ import annotations

import socket

import pytest

from bot.flux.release import read_release
from bot.load.chart import charts
from bot.model.ask import Answer, Limit, Refused, Render, Rendered
from bot.model.field import Body
from bot.render.cell import Cell
from bot.render.helm import Helm
from bot.render.limits import Limits
from tests.example_tree import snapshot, written
from tests.hostile_questions import CHART, alias_bomb, render

pytest.importorskip("helm_python")

_WALLS = (
    Refused("Helm needed more than 2048 MiB of memory", Limit.MEMORY),
    Refused("Helm took more than 3 s of processor time", Limit.CPU),
)


def stopped(template: str) -> Refused:
    answer = render(template, limits=Limits(seconds=200.0, cpu=3))
    assert isinstance(answer, Refused), answer
    return answer


def bodies(answer: Answer) -> list[Body]:
    assert isinstance(answer, Rendered), answer
    return [document.body for document in answer.documents]


@pytest.mark.parametrize(
    "template",
    [
        "{{ tpl .Values.again . }}",
        '{{ define "x" }}{{ tpl "{{ include \\"x\\" . }}" . }}{{ end }}{{ include "x" . }}',
    ],
)
def test_a_template_that_calls_itself_for_ever_ends_at_a_wall(template: str) -> None:
    answer = render(template, {"values.yaml": "again: '{{ tpl .Values.again . }}'\n"}, Limits(seconds=200.0, cpu=3))

    assert answer in _WALLS


@pytest.mark.parametrize("call", ['include "x" .', 'template "x" .'])
def test_a_definition_that_includes_itself_is_refused_by_helm(call: str) -> None:
    refused = stopped(f'{{{{ define "x" }}}}{{{{ {call} }}}}{{{{ end }}}}{{{{ {call} }}}}')

    assert refused.limit is None
    assert "shop/templates/a.yaml" in refused.message


@pytest.mark.parametrize(
    "template",
    [
        "{{ range until 1000000000 }}{{ end }}",
        "{{ range untilStep 0 1000000000 1 }}x{{ end }}",
        "{{ range 1000000000000 }}{{ end }}",
        '{{ range until 1000 }}{{ genPrivateKey "rsa" }}{{ end }}',
    ],
)
def test_a_loop_without_end_ends_at_a_wall(template: str) -> None:
    assert stopped(template) in _WALLS


@pytest.mark.parametrize(
    "template",
    [
        'a: {{ repeat 1000000000 "x" }}',
        '{{ $x := "x" }}{{ range until 60 }}{{ $x = printf "%s%s" $x $x }}{{ end }}{{ $x }}',
        '{{ $x := dict }}{{ $_ := set $x "a" $x }}{{ $x }}',
    ],
)
def test_a_gigabyte_of_output_ends_at_a_wall(template: str) -> None:
    assert stopped(template) in _WALLS


def test_output_that_the_memory_holds_ends_at_its_own_wall() -> None:
    answer = render('a: {{ repeat 2000000 "x" }}', limits=Limits(output=1024 * 1024))

    assert answer == Refused("Helm printed more than 1 MiB", Limit.OUTPUT)


def test_lookup_finds_nothing() -> None:
    template = (
        'kind: X\none: {{ lookup "v1" "Secret" "a" "b" | toJson }}\nall: {{ lookup "v1" "Secret" "" "" | toJson }}'
    )

    assert bodies(render(template)) == [{"kind": "X", "one": {}, "all": {}}]


def test_a_name_is_not_resolved_and_no_request_leaves() -> None:
    # Where Go asks when it cannot read who else to ask.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as resolver:
        try:
            resolver.bind(("127.0.0.1", 53))
        except OSError:
            pytest.skip("the port of name servers is not ours")
        resolver.setblocking(False)  # noqa: FBT003  # the standard library takes it so

        found = bodies(render('kind: X\na: {{ getHostByName "fluxbot.example" | quote }}'))

        with pytest.raises(BlockingIOError):
            resolver.recv(1)
    assert found == [{"kind": "X", "a": ""}]


def test_the_environment_is_out_of_reach() -> None:
    refused = stopped('a: {{ env "HOME" }}')

    assert 'function "env" not defined' in refused.message


def test_files_are_those_of_the_chart() -> None:
    template = """
kind: X
above: {{ .Files.Get "../../etc/passwd" | quote }}
absolute: {{ .Files.Get "/etc/passwd" | quote }}
process: {{ .Files.Get "/proc/self/environ" | quote }}
matched: {{ .Files.Glob "../**" | len }}
own: {{ .Files.Get "own.txt" | quote }}
"""

    answer = render(template, {"own.txt": "mine"})

    assert bodies(answer) == [{"kind": "X", "above": "", "absolute": "", "process": "", "matched": 0, "own": "mine"}]


def test_values_that_multiply_are_refused() -> None:
    answer = render("kind: {{ .Values.a | len }}", {"values.yaml": alias_bomb()})

    assert isinstance(answer, Refused)
    assert "document contains excessive aliasing" in answer.message


def test_values_that_a_template_multiplies_do_no_harm() -> None:
    answer = render('kind: X\na: {{ (.Files.Get "bomb.yaml" | fromYaml).Error | quote }}', {"bomb.yaml": alias_bomb()})

    assert bodies(answer) == [
        {"kind": "X", "a": "error converting YAML to JSON: yaml: document contains excessive aliasing"}
    ]


def test_subcharts_that_import_values_from_each_other_are_rendered_to_the_last() -> None:
    files, home = {}, ""
    for number in range(40):
        imports = (
            f"{{name: s{number}, version: 1.0.0, import-values: [{{child: a, parent: a}}, {{child: b, parent: b}}]}}"
        )
        files[f"{home}Chart.yaml"] = f"apiVersion: v2\nname: s{number - 1}\nversion: 1.0.0\ndependencies: [{imports}]\n"
        files[f"{home}values.yaml"] = f"a: {{v{number}: x}}\n"
        home += f"charts/s{number}/"
    files |= {
        f"{home}Chart.yaml": "apiVersion: v2\nname: s39\nversion: 1.0.0\n",
        f"{home}values.yaml": "a: {last: x}\n",
    }

    answer = render('kind: X\na: {{ keys .Values.a | sortAlpha | join "," }}', files)

    assert isinstance(bodies(answer)[0]["a"], str)
    assert "last" in str(bodies(answer)[0]["a"])


def test_a_chart_that_depends_on_itself_is_rendered_once() -> None:
    itself = CHART + "dependencies: [{name: shop, version: 1.0.0, repository: 'file://.'}]\n"

    assert bodies(render("kind: X", {"Chart.yaml": itself})) == [{"kind": "X"}]


def test_what_a_link_in_a_chart_leads_to_is_not_there() -> None:
    template = 'kind: X\nfound: {{ .Files.Get "link.txt" | quote }}\n'
    files = {"chart/Chart.yaml": CHART, "chart/templates/a.yaml": template}
    spec = "{chart: {spec: {chart: ./chart, sourceRef: {kind: GitRepository, name: flux-system}}}}"
    head = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: prod}\n"
    release = read_release(written(f"{head}spec: {spec}\n"), lambda _: None)

    tree = snapshot(files, "chart/link.txt", "chart/templates/link.yaml")
    (question,) = next(charts((release,), tree, lambda _: True, fetches=False))

    assert isinstance(question, Render)
    assert bodies(Helm(Cell()).render(question)) == [{"kind": "X", "found": ""}]
