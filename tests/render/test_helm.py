"""Charts rendered by the real Helm SDK."""

from __future__ import annotations

import hashlib

import pytest

from bot.model.ask import Answer, Limit, Refused, Render, Rendered
from bot.model.field import Body
from bot.model.snapshot import Blob
from bot.render.cell import Cell
from bot.render.helm import Helm
from bot.render.limits import Limits

pytest.importorskip("helm_python")

_CHART = "apiVersion: v2\nname: shop\nversion: 1.0.0\n"


def render(given: Body, *, limits: Limits | None = None, **files: str) -> Answer:
    """The answer for a chart; ``__`` in a name stands for ``/``, and all names end in ``.yaml``."""
    named = {"Chart": _CHART} | {name.replace("__", "/"): text for name, text in files.items()}
    blobs = {
        f"{name}.yaml": Blob(hashlib.sha256(text.encode()).hexdigest(), len(text), text.encode())
        for name, text in named.items()
    }
    return Helm(Cell(limits)).render(Render(blobs, given, "web", "prod"))


def bodies(answer: Answer) -> list[Body]:
    assert isinstance(answer, Rendered), answer
    return [document.body for document in answer.documents]


def test_a_chart_is_rendered_with_its_values_name_and_namespace() -> None:
    template = "kind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n  namespace: {{ .Release.Namespace }}\n"
    template += "data:\n  a: {{ .Values.a }}\n  b: {{ .Values.b }}\n"

    answer = render({"b": "mine"}, values="a: default\nb: default\n", templates__cm=template)

    assert bodies(answer) == [
        {
            "kind": "ConfigMap",
            "metadata": {"name": "web", "namespace": "prod"},
            "data": {"a": "default", "b": "mine"},
        }
    ]


def test_crds_are_told_apart_from_templates() -> None:
    answer = render({}, crds__a="kind: CustomResourceDefinition\n", templates__b="kind: Service\n")

    assert isinstance(answer, Rendered)
    assert [document.body for document in answer.documents] == [{"kind": "Service"}]
    assert [document.body for document in answer.crds] == [{"kind": "CustomResourceDefinition"}]


@pytest.mark.parametrize("enabled", [True, False])
def test_the_crds_of_a_subchart_come_only_where_its_condition_holds(enabled: bool) -> None:
    chart = _CHART + "dependencies:\n- {name: db, version: 1.0.0, condition: db.enabled}\n"

    answer = render(
        {"db": {"enabled": enabled}},
        Chart=chart,
        charts__db__Chart="apiVersion: v2\nname: db\nversion: 1.0.0\n",
        charts__db__crds__a="kind: CustomResourceDefinition\n",
    )

    assert isinstance(answer, Rendered)
    assert len(answer.crds) == enabled


def test_a_template_that_fails_is_refused_with_its_own_words() -> None:
    answer = render({}, templates__a='{{ required "a host is required" .Values.host }}')

    assert isinstance(answer, Refused)
    assert answer.limit is None
    assert "a host is required" in answer.message
    assert "shop/templates/a.yaml" in answer.message


def test_a_template_that_yields_no_yaml_is_refused() -> None:
    answer = render({}, templates__a="a: [b\n")

    assert isinstance(answer, Refused)
    assert "shop/templates/a.yaml is no YAML" in answer.message


def test_what_is_no_chart_is_refused() -> None:
    answer = render({}, Chart="name: [")

    assert isinstance(answer, Refused)
    assert "/tmp" not in answer.message  # noqa: S108  # a place of this machine
    assert "/dev/shm" not in answer.message  # noqa: S108


def test_templates_reach_neither_a_cluster_nor_the_network() -> None:
    template = (
        'kind: X\nfound: {{ lookup "v1" "Secret" "a" "b" | toJson }}\nhost: {{ getHostByName "localhost" | quote }}\n'
    )

    assert bodies(render({}, templates__a=template)) == [{"kind": "X", "found": {}, "host": ""}]


def test_a_template_that_does_not_end_is_stopped() -> None:
    endless = "{{ range until 2000000000 }}{{ end }}"

    answer = render({}, limits=Limits(seconds=2), templates__a=endless)

    assert isinstance(answer, Refused)
    assert answer.limit in (Limit.TIME, Limit.MEMORY)


def test_notes_are_no_manifest() -> None:
    files = {"Chart.yaml": _CHART, "templates/NOTES.txt": "kind: Nothing\n", "templates/a.yaml": "kind: Service\n"}
    blobs = {name: Blob(name, len(text), text.encode()) for name, text in files.items()}

    assert bodies(Helm(Cell()).render(Render(blobs, {}, "web", "prod"))) == [{"kind": "Service"}]
