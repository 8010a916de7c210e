from __future__ import annotations

import hashlib
from textwrap import dedent

from bot.load.bootstrapped import bootstrapped
from bot.model.ref import GroupKind
from bot.model.snapshot import Blob, Snapshot

ROOT = "clusters/main"
CERTIFICATE = GroupKind("cert-manager.io", "Certificate")
MONITOR = GroupKind("monitoring.coreos.com", "ServiceMonitor")
POLICY = GroupKind("cilium.io", "CiliumNetworkPolicy")
THING = GroupKind("example.org", "Thing")

HELMFILE = """
    repositories: [{name: jetstack, url: "https://charts.jetstack.io"}]
    releases:
      - name: cert-manager
        namespace: security
        chart: jetstack/cert-manager
        values: [{crds: {enabled: true}}]
    """
THING_CRD = """
    apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
    metadata: {name: things.example.org}
    spec:
      group: example.org
      names: {kind: Thing, plural: things}
      versions: [{name: v1, served: true, storage: true}]
    """
RELEASE = """
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata: {name: cert-manager}
    spec:
      chartRef: {kind: OCIRepository, name: cert-manager}
      values: {crds: {enabled: true}}
    """
REPOSITORY = """
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: OCIRepository
    metadata: {name: cert-manager}
    spec: {url: "oci://quay.io/jetstack/charts/cert-manager"}
    """


def _snapshot(files: dict[str, str]) -> Snapshot:
    data = {path: dedent(text).encode() for path, text in files.items()}
    blobs = {path: Blob(hashlib.sha1(d).hexdigest(), len(d), d) for path, d in data.items()}  # noqa: S324 -- git's own
    return Snapshot("head", blobs)


def _kinds(files: dict[str, str], root: str = ROOT, roots: tuple[str, ...] = (ROOT,)) -> dict[GroupKind, str]:
    return dict(bootstrapped(_snapshot(files), root, roots).kinds)


def test_a_helmfile_installs_its_charts_before_flux() -> None:
    provided = bootstrapped(_snapshot({"bootstrap/helmfile.yaml": HELMFILE}), ROOT, (ROOT,))

    assert provided.kinds[CERTIFICATE] == "bootstrap/helmfile.yaml installs chart cert-manager before Flux starts"
    assert set(provided.namespaces) == {"security"}


def test_a_helmfile_brings_no_crds_that_its_values_leave_off() -> None:
    text = HELMFILE.replace("enabled: true", "enabled: false")

    assert _kinds({"bootstrap/helmfile.yaml": text}) == {}


def test_a_release_that_is_not_installed_brings_nothing() -> None:
    text = HELMFILE.replace("namespace: security", "installed: false")

    assert _kinds({"bootstrap/helmfile.yaml": text}) == {}


def test_values_of_a_helmfile_may_stand_in_a_file_beside_it() -> None:
    helmfile = HELMFILE.replace("[{crds: {enabled: true}}]", "[../apps/values.yaml]")

    on = _kinds({"bootstrap/helmfile.yaml": helmfile, "apps/values.yaml": "crds: {enabled: true}"})
    off = _kinds({"bootstrap/helmfile.yaml": helmfile, "apps/values.yaml": "crds: {enabled: false}"})

    assert (CERTIFICATE in on, CERTIFICATE in off) == (True, False)


def test_a_values_file_below_an_unknown_directory_is_the_only_one_with_that_end() -> None:
    helmfile = HELMFILE.replace("[{crds: {enabled: true}}]", "['{{ env \"ROOT\" }}/apps/values.yaml']")

    off = _kinds({"bootstrap/helmfile.yaml": helmfile, "kubernetes/apps/values.yaml": "crds: {enabled: false}"})

    assert CERTIFICATE not in off


def test_crds_whose_values_nobody_can_read_count_as_there() -> None:
    helmfile = HELMFILE.replace("[{crds: {enabled: true}}]", "[values.yaml.gotmpl]")

    assert CERTIFICATE in _kinds({"bootstrap/helmfile.yaml": helmfile})


def test_a_helmfile_without_chart_takes_chart_and_values_of_the_helm_release() -> None:
    helmfile = """
        bases: [default.yaml]
        releases:
          - name: cert-manager
            namespace: security
            chart: '{{ (fromYaml (tpl (readFile "./release.gotmpl") .)).chart }}'
        """
    directory = "kubernetes/apps/security/cert-manager/app"

    kinds = _kinds(
        {
            "bootstrap/helmfile/apps.yaml": helmfile,
            f"{directory}/helmrelease.yaml": RELEASE,
            f"{directory}/ocirepository.yaml": REPOSITORY,
        }
    )

    assert CERTIFICATE in kinds


def test_taking_only_crds_out_of_a_render_starts_no_operator() -> None:
    helmfile = """
        helmDefaults: {args: [--include-crds, --no-hooks]}
        releases:
          - {name: cilium, namespace: kube-system, chart: "oci://quay.io/cilium/charts/cilium"}
          - {name: prometheus, namespace: o11y, chart: "oci://example.org/charts/kube-prometheus-stack"}
        """

    provided = bootstrapped(_snapshot({"bootstrap/helmfile.d/00-crds.yaml": helmfile}), ROOT, (ROOT,))

    assert (MONITOR in provided.kinds, POLICY in provided.kinds) == (True, False)
    assert provided.namespaces == {}


def test_a_template_of_a_helmfile_that_is_no_yaml_is_read_by_line() -> None:
    helmfile = """
        releases:
          {{- range $x := list 1 }}
          - name: cert-manager
            chart: oci://quay.io/jetstack/charts/cert-manager
              extra: [
          {{- end }}
        """

    assert CERTIFICATE in _kinds({"bootstrap/helmfile.yaml.gotmpl": helmfile})


def test_the_lines_of_a_template_do_not_hide_the_releases() -> None:
    helmfile = """
        releases:
        {{- if eq .Environment.Name "default" }}
          - name: cilium
            chart: oci://quay.io/cilium/charts/cilium
            version: {{ .Values.version }}
        {{- end }}
        """

    assert POLICY in _kinds({"helmfile.yaml.gotmpl": helmfile})


def test_manifests_that_a_talos_machine_fetches_are_there_before_flux() -> None:
    url = "https://github.com/prometheus-operator/prometheus-operator/releases/download/v0.93.1/stripped-down-crds.yaml"
    talconfig = f"""
        controlPlane:
          patches:
            - |-
              cluster:
                extraManifests:
                  # - https://github.com/grafana/grafana-operator/releases/download/v5.24.0/crds.yaml
                  - {url}
                proxy: {{disabled: true}}
        """

    kinds = _kinds({"talos/talconfig.yaml": talconfig})

    assert kinds[MONITOR] == f"talos/talconfig.yaml applies {url} before Flux starts"
    assert GroupKind("grafana.integreatly.org", "GrafanaDashboard") not in kinds


def test_a_machine_template_that_is_no_yaml_still_shows_its_urls() -> None:
    template = """
        cluster:
        {% if true %}
          extraManifests: [
            "https://github.com/kubernetes-sigs/gateway-api/releases/download/v1.4.0/standard-install.yaml"
        {% endif %}
        """

    assert GroupKind("gateway.networking.k8s.io", "HTTPRoute") in _kinds({"talos/machineconfig.yaml.j2": template})


def test_manifests_in_the_text_of_a_machine_configuration_are_there_before_flux() -> None:
    inline = dedent(THING_CRD).replace("\n", "\n        ")
    machine = f"cluster:\n  inlineManifests:\n    - name: thing\n      contents: |{inline}\n"

    assert THING in _kinds({"talos/patches/inline.yaml": machine})


def test_nodes_that_run_talos_have_its_service_account() -> None:
    assert GroupKind("talos.dev", "ServiceAccount") in _kinds({"talos/talconfig.yaml": "clusterName: main"})


def test_k3s_applies_what_lies_in_its_manifests() -> None:
    assert THING in _kinds({"rootfs/k3s/server/manifests/thing.yaml": THING_CRD})


def test_urls_that_ansible_gives_to_k3s_are_there_before_flux() -> None:
    url = "https://raw.githubusercontent.com/prometheus-operator/prometheus-operator/v0.70.0/x/monitoring.coreos.com_"
    variables = f"""
        k3s_server_manifests_urls:
          - url: {url}servicemonitors.yaml
            filename: monitors.yaml
        k3s_other:
          - url: {url}probes.yaml
        """

    kinds = _kinds({"ansible/group_vars/k3s.yml": variables})

    assert [what.kind for what in kinds] == ["ServiceMonitor"]


def test_a_bootstrap_script_brings_what_it_fetches() -> None:
    script = (
        "kubectl apply -f https://github.com/kubernetes-sigs/gateway-api/releases/download/v1/standard-install.yaml"
    )

    assert GroupKind("gateway.networking.k8s.io", "Gateway") in _kinds({"scripts/bootstrap-apps.sh": script})


def test_a_plain_crd_in_a_bootstrap_directory_is_there_before_flux() -> None:
    kinds = _kinds({"bootstrap/crds/thing.yaml": THING_CRD})

    assert kinds[THING] == "bootstrap/crds/thing.yaml is applied before Flux starts"


def test_a_bootstrap_directory_that_flux_applies_is_not_before_flux() -> None:
    flux = """
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata: {name: crds, namespace: flux-system}
        spec:
          path: ./bootstrap/crds
        """

    assert _kinds({"bootstrap/crds/thing.yaml": THING_CRD, "clusters/main/crds.yaml": flux}) == {}


def test_an_application_named_bootstrap_is_not_before_flux() -> None:
    assert _kinds({"kubernetes/apps/bootstrap/thing.yaml": THING_CRD}) == {}


def test_a_dead_directory_counts_for_nothing() -> None:
    assert _kinds({".archive/bootstrap/helmfile.yaml": HELMFILE}) == {}


def test_kustomize_leaves_the_crds_directory_of_a_chart_out() -> None:
    kustomization = """
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        helmCharts:
          - {name: cilium, repo: "https://helm.cilium.io", namespace: kube-system}
          - {name: kube-prometheus-stack, repo: "https://prometheus-community.github.io/helm-charts"}
        """

    kinds = _kinds({"bootstrap/cni/kustomization.yaml": kustomization})

    assert (POLICY in kinds, MONITOR in kinds) == (True, False)


def test_namespaces_of_a_bootstrap_are_there_before_flux() -> None:
    template = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: external-secrets}
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: key, namespace: network}
        data: {key: {{ .KEY }}}
        """

    provided = bootstrapped(_snapshot({"bootstrap/secrets.yaml.tpl": template}), ROOT, (ROOT,))

    assert set(provided.namespaces) == {"external-secrets", "network"}


def test_a_bootstrap_of_another_cluster_does_not_count() -> None:
    files = {"talos/utility/bootstrap/helmfile.yaml": HELMFILE}
    roots = ("clusters/main", "clusters/utility")

    assert _kinds(files, "clusters/main", roots) == {}
    assert CERTIFICATE in _kinds(files, "clusters/utility", roots)


def test_a_bootstrap_that_names_no_cluster_counts_for_all() -> None:
    files = {"bootstrap/helmfile.yaml": HELMFILE}
    roots = ("clusters/main", "clusters/utility")

    assert CERTIFICATE in _kinds(files, "clusters/main", roots)
    assert CERTIFICATE in _kinds(files, "clusters/utility", roots)


def test_the_other_clusters_are_found_in_the_tree_when_nobody_names_them() -> None:
    sync = """
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata: {name: flux-system, namespace: flux-system}
        spec: {path: ./clusters/CLUSTER, sourceRef: {kind: GitRepository, name: flux-system}}
        """
    files = {
        f"clusters/{name}/flux-system/gotk-sync.yaml": sync.replace("CLUSTER", name) for name in ("main", "utility")
    }

    provided = bootstrapped(_snapshot({**files, "talos/utility/helmfile.yaml": HELMFILE}), "clusters/main")

    assert provided.kinds.get(CERTIFICATE) is None


def test_files_that_are_no_manifests_do_no_harm() -> None:
    files = {
        "bootstrap/broken.yaml": "a: [",
        "bootstrap/list.yaml": "- releases:",
        "bootstrap/helmfile.yaml": "releases: 3",
        "bootstrap/deep/helmfile.yaml": "releases: [{name: {x: y}, chart: [1], values: [1, null]}]",
        "talos/talconfig.yaml": "\x00extraManifests: {",
    }

    assert CERTIFICATE not in _kinds(files)


def test_a_bootstrap_script_that_cannot_be_read_is_named() -> None:
    task = "cmds: [bash {{.SCRIPTS_DIR}}/bootstrap-apps.sh]\n"

    def unread(files: dict[str, str]) -> str:
        return bootstrapped(_snapshot(files), ROOT).unread

    assert unread({"scripts/bootstrap-apps.sh": ""}) == "scripts/bootstrap-apps.sh"
    assert unread({"bootstrap/Taskfile.yaml": task}) == "bootstrap-apps.sh, which bootstrap/Taskfile.yaml runs"
    assert unread({"bootstrap/Taskfile.yaml": task, "scripts/bootstrap-apps.sh": "helmfile sync\n"}) == ""
    assert unread({"scripts/reset.sh": ""}) == ""
