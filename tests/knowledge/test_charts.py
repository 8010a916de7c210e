from __future__ import annotations

from bot.knowledge.charts import BroughtCrd, ChartKnowledge, Mechanism, Presence, bringers, brought, look_up
from bot.model.cluster import Confidence
from bot.model.field import Body
from bot.model.ref import GroupKind

CERTIFICATE = GroupKind("cert-manager.io", "Certificate")
JETSTACK = "https://charts.jetstack.io"


def _crd(answer: ChartKnowledge, what: GroupKind) -> BroughtCrd:
    return next(crd for crd in answer.crds if crd.what == what)


def _certificate(values: Body, *, unknown: bool = False) -> Presence:
    return _crd(brought("cert-manager", JETSTACK, values, unknown=unknown, skip_crds=False), CERTIFICATE).present


def test_cert_manager_brings_no_crd_by_default() -> None:
    answer = look_up("cert-manager", JETSTACK)

    assert _crd(answer, CERTIFICATE) == BroughtCrd(CERTIFICATE, ("v1",), Mechanism.TEMPLATES, Presence.NO)
    assert answer.confidence is Confidence.LIKELY


def test_either_of_two_values_brings_the_crds_of_cert_manager() -> None:
    assert _certificate({"crds": {"enabled": True}}) is Presence.YES
    assert _certificate({"installCRDs": True}) is Presence.YES
    assert _certificate({"crds": {"enabled": False}}) is Presence.NO


def test_a_value_that_may_stand_elsewhere_leaves_the_crds_in_doubt() -> None:
    assert _certificate({}, unknown=True) is Presence.UNKNOWN
    assert _certificate({"crds": {"enabled": True}}, unknown=True) is Presence.YES


def test_a_value_that_a_variable_fills_leaves_the_crds_in_doubt() -> None:
    assert _certificate({"crds": {"enabled": "${CRDS}"}}) is Presence.UNKNOWN


def test_skipping_crds_leaves_out_the_crds_directory_of_a_subchart() -> None:
    monitor = GroupKind("monitoring.coreos.com", "ServiceMonitor")
    url = "https://prometheus-community.github.io/helm-charts"

    skipped = brought("kube-prometheus-stack", url, {}, unknown=False, skip_crds=True)

    assert _crd(look_up("kube-prometheus-stack", url), monitor).present is Presence.YES
    assert _crd(skipped, monitor).present is Presence.NO


def test_skipping_crds_does_not_touch_crds_in_templates() -> None:
    values: Body = {"crds": {"enabled": True}}

    answer = brought("cert-manager", JETSTACK, values, unknown=False, skip_crds=True)

    assert _crd(answer, CERTIFICATE).present is Presence.YES


def test_a_subchart_that_is_switched_off_brings_nothing() -> None:
    monitor = GroupKind("monitoring.coreos.com", "ServiceMonitor")
    values: Body = {"crds": {"enabled": False}}

    answer = brought("kube-prometheus-stack", "", values, unknown=False, skip_crds=False)

    assert _crd(answer, monitor).present is Presence.NO


def test_a_value_can_move_the_crds_from_templates_to_the_crds_directory() -> None:
    agent = GroupKind("operator.victoriametrics.com", "VMAgent")
    url = "https://victoriametrics.github.io/helm-charts/"
    plain: Body = {"crds": {"plain": True}}

    moved = brought("victoria-metrics-operator", url, plain, unknown=False, skip_crds=False)
    skipped = brought("victoria-metrics-operator", url, plain, unknown=False, skip_crds=True)
    default = brought("victoria-metrics-operator", url, {}, unknown=False, skip_crds=True)

    assert (_crd(moved, agent).mechanism, _crd(moved, agent).present) == (Mechanism.CRDS_DIR, Presence.YES)
    assert _crd(skipped, agent).present is Presence.NO
    assert (_crd(default, agent).mechanism, _crd(default, agent).present) == (Mechanism.TEMPLATES, Presence.YES)


def test_a_set_that_needs_two_values_comes_with_both_only() -> None:
    topology = GroupKind("topology.node.k8s.io", "NodeResourceTopology")
    name, url = "node-feature-discovery", "https://kubernetes-sigs.github.io/node-feature-discovery/charts"
    one: Body = {"topologyUpdater": {"enable": True}}
    both: Body = {"topologyUpdater": {"enable": True, "createCRDs": True}}

    assert _crd(brought(name, url, one, unknown=False, skip_crds=False), topology).present is Presence.NO
    assert _crd(brought(name, url, both, unknown=False, skip_crds=False), topology).present is Presence.YES


def test_crds_that_an_operator_registers_come_by_its_controller() -> None:
    policy = GroupKind("cilium.io", "CiliumNetworkPolicy")

    answer = look_up("cilium", "https://helm.cilium.io")

    assert _crd(answer, policy).mechanism is Mechanism.CONTROLLER


def test_the_usual_flags_switch_off_the_crds_of_a_chart_that_nobody_rendered() -> None:
    gateway = GroupKind("gateway.kgateway.dev", "GatewayParameters")
    url = "oci://cr.kgateway.dev/kgateway-dev/charts/kgateway-crds"

    default = brought("kgateway-crds", url, {}, unknown=True, skip_crds=False)
    off = brought("kgateway-crds", url, {"installCRDs": False}, unknown=False, skip_crds=False)

    assert _crd(default, gateway).present is Presence.YES
    assert _crd(off, gateway).present is Presence.NO


def test_only_a_name_that_several_projects_use_is_a_guess_without_its_url() -> None:
    assert look_up("cert-manager", "").confidence is Confidence.LIKELY
    assert look_up("redis-operator", "").confidence is Confidence.GUESS


def test_a_row_that_nobody_checked_is_a_guess() -> None:
    assert look_up("k8gb", "https://www.k8gb.io").confidence is Confidence.GUESS


def test_an_oci_url_names_its_chart_by_the_last_step() -> None:
    assert look_up("", "oci://quay.io/jetstack/charts/cert-manager").id == "cert-manager"


def test_a_common_name_needs_the_right_url() -> None:
    assert look_up("base", "https://istio-release.storage.googleapis.com/charts").id == "istio-base"
    assert not look_up("base", "https://charts.example.org").known


def test_the_url_tells_two_charts_of_one_name_apart() -> None:
    assert look_up("volsync", "https://backube.github.io/helm-charts/").id == "volsync"
    assert look_up("volsync", "oci://ghcr.io/perfectra1n/volsync").id == "volsync-perfectra1n"
    assert look_up("metallb", "https://charts.bitnami.com/bitnami").id == "bitnami-metallb"


def test_a_chart_can_be_known_to_bring_none() -> None:
    answer = look_up("metrics-server", "https://kubernetes-sigs.github.io/metrics-server")

    assert (answer.known, answer.crds) == (True, ())


def test_a_chart_that_nobody_read_is_not_known() -> None:
    assert not look_up("my-own-chart", "https://charts.example.org").known


def test_a_chart_says_which_kinds_it_needs() -> None:
    needed = [str(one.what) + "/" + one.version for one in look_up("trust-manager", JETSTACK).consumes]

    assert needed == ["Certificate.cert-manager.io/v1", "Issuer.cert-manager.io/v1"]


def test_the_versions_of_a_crd_that_nobody_read_are_not_known() -> None:
    answer = look_up("kgateway-crds", "oci://cr.kgateway.dev/kgateway-dev/charts/kgateway-crds")

    assert {crd.versions for crd in answer.crds} == {None}


def test_a_kind_leads_to_the_charts_that_may_bring_it() -> None:
    assert bringers(CERTIFICATE)[0] == "cert-manager"
    assert bringers(GroupKind("example.org", "Thing")) == ()
