"""What a chart leaves out while the cluster lacks an API, seen by rendering it twice."""

from __future__ import annotations

import pytest

from bot.load.gated import gated
from bot.model.ask import Render, Rendered
from bot.model.cluster import Gated, Served
from bot.model.ref import Ref, release
from bot.render.answerer import LocalAnswerer
from bot.render.cache import AnswerCache
from tests.example_tree import blob
from tests.flat_answerer import driven

pytest.importorskip("helm_python")

_SHOP = release("shop", "shop")
_MONITOR = Ref("monitoring.coreos.com", "ServiceMonitor", "", "shop")
_OBJECT = "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: shop}\n"
_ALWAYS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: always}\n"


def _if(condition: str) -> str:
    """A template with a monitor, if that is so."""
    return f"{{{{- if {condition} }}}}\n{_OBJECT}{{{{- end }}}}\n"


def _left_out(templates: dict[str, str]) -> tuple[Gated, ...]:
    files = {
        "Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
        "templates/always.yaml": _ALWAYS,
        **templates,
    }
    render = Render({path: blob(text) for path, text in files.items()}, {}, "shop", "shop")
    answering = LocalAnswerer(AnswerCache())
    plain = answering.answer((render,))[render.key]
    assert isinstance(plain, Rendered)
    found = driven(gated({_SHOP: render}, {_SHOP: plain}), answering)
    assert isinstance(found, dict)
    return tuple(found.get(_SHOP, ()))


@pytest.mark.parametrize(
    "condition",
    [
        '.Capabilities.APIVersions.Has "monitoring.coreos.com/v1"',
        '$.Capabilities.APIVersions.Has "monitoring.coreos.com/v1"',
        'and true (.Capabilities.APIVersions.Has "monitoring.coreos.com/v1")',
        "not (not (.Capabilities.APIVersions.Has `monitoring.coreos.com/v1`))",
        '.Capabilities.APIVersions.Has ("monitoring.coreos.com/v1")',
    ],
)
def test_the_object_behind_an_api_is_left_out_without_it(condition: str) -> None:
    found = _left_out({"templates/monitor.yaml": _if(condition)})

    assert found == (Gated(Served("monitoring.coreos.com", "v1"), _MONITOR, "v1"),)


def test_a_helper_and_a_variable_may_hold_the_question() -> None:
    helper = (
        '{{- define "served" }}{{- $known := .Capabilities }}'
        '{{- if $known.APIVersions.Has "monitoring.coreos.com/v1/ServiceMonitor" }}yes{{- end }}{{- end }}'
    )
    monitor = _if('include "served" .')

    found = _left_out({"templates/_helpers.tpl": helper, "templates/monitor.yaml": monitor})

    assert found == (Gated(Served("monitoring.coreos.com", "v1", "ServiceMonitor"), _MONITOR, "v1"),)


@pytest.mark.parametrize(
    "template",
    [
        _OBJECT,
        _if('.Capabilities.APIVersions.Has "apps/v1"'),
        _if('.Capabilities.APIVersions.Has "policy/v1/PodDisruptionBudget"'),
        _if('not (.Capabilities.APIVersions.Has "monitoring.coreos.com/v1")'),
        # Only its version differs: an object comes in any case.
        '{{- $v := ternary "v1" "v1alpha1" (.Capabilities.APIVersions.Has "monitoring.coreos.com/v1") }}\n'
        + _OBJECT.replace("/v1", "/{{ $v }}"),
        _if('.Capabilities.APIVersions.Has (printf "%s/v1" "monitoring.coreos.com")'),
        _if('and .Values.off (.Capabilities.APIVersions.Has "monitoring.coreos.com/v1")'),
    ],
)
def test_nothing_is_said_without_evidence(template: str) -> None:
    assert _left_out({"templates/monitor.yaml": template}) == ()


def test_an_object_of_another_group_is_left_out_too() -> None:
    template = '{{- if .Capabilities.APIVersions.Has "grafana.integreatly.org/v1beta1" }}\n' + _ALWAYS.replace(
        "always", "dashboard"
    )

    found = _left_out({"templates/dashboard.yaml": template + "{{- end }}\n"})

    assert found == (Gated(Served("grafana.integreatly.org", "v1beta1"), Ref("", "ConfigMap", "", "dashboard"), "v1"),)


@pytest.mark.parametrize(
    ("text", "api"),
    [
        ("v1", Served("", "v1")),
        ("v1/Pod", Served("", "v1", "Pod")),
        ("apps/v1", Served("apps", "v1")),
        ("cert-manager.io/v1/Certificate", Served("cert-manager.io", "v1", "Certificate")),
        ("cert-manager.io", Served("cert-manager.io", "")),
    ],
)
def test_an_api_is_read_as_helm_writes_it(text: str, api: Served) -> None:
    assert Served.of(text) == api
    assert str(api) == text
