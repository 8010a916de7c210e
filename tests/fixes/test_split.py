"""What a split does with what lives, and where it puts the rest."""

from __future__ import annotations

import pytest

from bot.app.local import hold
from bot.bootstrap import answerer
from bot.fixes.overlay import blob
from bot.fixing import with_fixes
from bot.model.field import Body
from bot.model.finding import Finding
from bot.model.fix import Safety
from bot.model.snapshot import Snapshot
from bot.ports import Answerer
from tests.rules.cases import asked, compared

SYNC = """
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: flux-system, namespace: flux-system}
spec:
  interval: 10m
  path: ./clusters/production
  prune: true
  sourceRef: {kind: GitRepository, name: flux-system}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 1m, url: "ssh://git@github.com/acme/fleet"}
"""
CERTS = """apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: certs
  namespace: flux-system
spec:
  interval: 1h
  path: ./infra/certs
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
"""
RELEASE = """apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {name: jetstack, namespace: flux-system}
spec: {interval: 12h, url: "https://charts.jetstack.io"}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: cert-manager, namespace: flux-system}
spec:
  interval: 1h
  chart: {spec: {chart: cert-manager, version: v1.18.2, sourceRef: {kind: HelmRepository, name: jetstack}}}
  values: {crds: {enabled: true}}
"""
ISSUER = """apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata:
  name: internal # ours
spec:
  selfSigned: {}
"""
BOOTSTRAP = {
    "bootstrap/helmfile.yaml": """repositories: [{name: jetstack, url: "https://charts.jetstack.io"}]
releases:
  - name: cert-manager
    namespace: cert-manager
    chart: jetstack/cert-manager
    values: [{crds: {enabled: true}}]
"""
}
"""What brings the CRDs before Flux starts; a change that takes it away makes a fresh cluster stuck."""
BASE = {
    "clusters/production/sync.yaml": SYNC,
    "clusters/production/certs.yaml": CERTS,
    "infra/certs/release.yaml": RELEASE,
}


@pytest.fixture(scope="session")
def answering(tmp_path_factory: pytest.TempPathFactory) -> Answerer:
    return answerer(cached=True, jobs=2, folder=tmp_path_factory.getbasetemp() / "answers")


def tree(files: dict[str, str]) -> Snapshot:
    return Snapshot("test", {path: blob(text.encode()) for path, text in files.items()})


def fixed(head: dict[str, str], base: dict[str, str] | None, answering: Answerer) -> tuple[Finding, Snapshot]:
    """The first finding about the order within a Kustomization, and the tree with all safe fixes."""
    before, after = tree(base) if base is not None else None, tree(head)
    examination = compared(after, before, answering)
    conversation = with_fixes(asked(after, before), examination, lambda one: one.rule == "crd-in-same-kustomization")
    offer = hold(conversation, 1_000, answering, lambda _done, _asked: None)
    found = next(one for one in offer.examination.review.findings if one.rule == "crd-in-same-kustomization")
    return found, offer.whole


def test_a_new_resource_goes_out_of_the_directory_that_flux_builds_as_a_whole(answering: Answerer) -> None:
    found, whole = fixed({**BASE, "infra/certs/issuer.yaml": ISSUER}, BASE, answering)

    assert found.fix
    assert found.fix.safety is Safety.SAFE
    assert whole.data("infra/certs-config/issuer.yaml") == ISSUER.encode()
    assert "infra/certs/issuer.yaml" not in whole.files


def test_what_lives_does_not_move(answering: Answerer) -> None:
    head = {**BASE, "infra/certs/issuer.yaml": ISSUER}

    found, whole = fixed(head, {**head, **BOOTSTRAP}, answering)

    assert found.fix
    assert found.fix.safety is Safety.STAGED
    assert found.fix.steps
    assert not found.fix.patch
    assert whole == tree(head)


def test_without_a_base_everything_lives(answering: Answerer) -> None:
    found, whole = fixed({**BASE, "infra/certs/issuer.yaml": ISSUER}, None, answering)

    assert found.fix
    assert found.fix.safety is Safety.STAGED
    assert whole == tree({**BASE, "infra/certs/issuer.yaml": ISSUER})


@pytest.mark.parametrize("said", ["head", "base"])
def test_pruning_counts_as_it_is_live_and_not_as_the_change_has_it(said: str, answering: Answerer) -> None:
    head = {**BASE, "infra/certs/issuer.yaml": ISSUER}
    kept = {**head, "clusters/production/certs.yaml": CERTS.replace("prune: true", "prune: false")}

    after, before = (kept, head) if said == "head" else (head, kept)

    found, _ = fixed(after, {**before, **BOOTSTRAP}, answering)

    assert found.fix
    assert found.fix.safety is (Safety.STAGED if said == "head" else Safety.SAFE)


def test_what_is_protected_by_a_live_annotation_may_move(answering: Answerer) -> None:
    mark = "metadata:\n  annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}\n"
    head = {**BASE, "infra/certs/issuer.yaml": ISSUER.replace("metadata:\n", mark)}

    found, _ = fixed(head, {**head, **BOOTSTRAP}, answering)

    assert found.fix
    assert found.fix.safety is Safety.SAFE


def test_an_annotation_that_comes_with_the_move_protects_nothing(answering: Answerer) -> None:
    mark = "metadata:\n  annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}\n"
    base = {**BASE, **BOOTSTRAP, "infra/certs/issuer.yaml": ISSUER}

    found, _ = fixed({**BASE, "infra/certs/issuer.yaml": ISSUER.replace("metadata:\n", mark)}, base, answering)

    assert found.fix
    assert found.fix.safety is Safety.STAGED


OUTER = """resources: [release.yaml, issuers]
namespace: pki
namePrefix: eu-
nameSuffix: -v2
commonLabels: {team: pki}
commonAnnotations: {owner: "7"}
labels:
  - pairs: {part-of: certs}
    includeSelectors: false
"""
INNER = "namespace: other\nnamePrefix: own-\ncommonLabels: {team: issuers, tier: ca}\nresources:\n"


def bodies(head: Snapshot, base: dict[str, str], answering: Answerer) -> dict[str, Body]:
    """What the cluster's Kustomizations apply as real kustomize renders it, without the Kustomizations."""
    cluster = compared(head, tree(base), answering).cases["clusters/production"].cluster
    return {str(ref): found.body for ref, (found, _) in cluster.resources.items() if ref.kind != "Kustomization"}


@pytest.mark.parametrize("inner", ["resources:\n", INNER], ids=["nothing of its own", "settings of its own"])
@pytest.mark.parametrize("beside", ["", "  - config.yaml\n"], ids=["a directory that stays", "one of two files"])
def test_settings_of_a_kustomization_above_go_along(beside: str, inner: str, answering: Answerer) -> None:
    base = {**BASE, "infra/certs/kustomization.yaml": OUTER.replace(", issuers", "")}
    files = {
        **BASE,
        "infra/certs/kustomization.yaml": OUTER,
        "infra/certs/issuers/kustomization.yaml": f"{inner}{beside}  - issuer.yaml\n",
        "infra/certs/issuers/issuer.yaml": ISSUER,
        "infra/certs/issuers/config.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n",
    }

    found, whole = fixed(files, base, answering)

    assert found.fix
    assert found.fix.safety is Safety.SAFE
    assert bodies(whole, base, answering) == bodies(tree(files), base, answering)


def test_what_a_kustomization_above_does_besides_is_not_lost(answering: Answerer) -> None:
    operation = '[{"op": "add", "path": "/spec/more", "value": 1}]'
    patch = f"patches:\n  - target: {{kind: ClusterIssuer}}\n    patch: '{operation}'\n"
    files = {
        **BASE,
        "infra/certs/kustomization.yaml": f"resources: [release.yaml, issuers]\n{patch}",
        "infra/certs/issuers/kustomization.yaml": "resources:\n  - issuer.yaml\n",
        "infra/certs/issuers/issuer.yaml": ISSUER,
    }

    found, whole = fixed(files, BASE, answering)

    assert found.fix is None
    assert "`ClusterIssuer/internal` would be applied with another content" in found.advice
    assert "`patches` in `infra/certs/kustomization.yaml`" in found.advice
    assert whole == tree(files)


def test_what_two_clusters_do_differently_is_not_written_into_the_directory_that_they_share(
    answering: Answerer,
) -> None:
    clusters = {
        **BASE,
        "clusters/staging/sync.yaml": SYNC.replace("production", "staging"),
        "clusters/staging/certs.yaml": CERTS.replace("infra/certs", "infra/staging"),
        "clusters/production/certs.yaml": CERTS.replace("infra/certs", "infra/production"),
        "infra/certs/kustomization.yaml": "resources: [release.yaml]\n",
        "infra/production/kustomization.yaml": "resources: [../certs]\nnamePrefix: eu-\n",
        "infra/staging/kustomization.yaml": "resources: [../certs]\nnamePrefix: test-\n",
    }
    new = {"infra/certs/kustomization.yaml": "resources: [release.yaml, issuer.yaml]\n"}

    found, _ = fixed({**clusters, **new, "infra/certs/issuer.yaml": ISSUER}, clusters, answering)

    assert found.fix is None
    assert "`infra/certs/kustomization.yaml` is listed by kustomizations with different settings" in found.advice


def test_what_the_root_applies_is_split_in_steps(answering: Answerer) -> None:
    base = {"clusters/production/sync.yaml": SYNC, "clusters/production/release.yaml": RELEASE}

    found, whole = fixed({**base, "clusters/production/issuer.yaml": ISSUER}, base, answering)

    assert found.fix
    assert found.fix.safety is Safety.STAGED
    assert "the root" in found.fix.title
    assert whole == tree({**base, "clusters/production/issuer.yaml": ISSUER})


def test_one_kustomization_is_enough_for_all_that_is_new(answering: Answerer) -> None:
    certificate = ISSUER.replace("ClusterIssuer", "Certificate").replace("  name", "  namespace: default\n  name")
    both = ISSUER + "---\n" + certificate

    found, whole = fixed({**BASE, "infra/certs/new.yaml": both}, BASE, answering)

    assert found.fix
    assert found.fix.safety is Safety.SAFE
    assert whole.data("infra/certs-config/new.yaml") == both.encode()
    added = [path for path in whole.files if path.startswith("clusters/") and path not in BASE]
    assert added == ["clusters/production/certs-config.yaml"]


def test_variables_settings_and_accounts_go_along(answering: Answerer) -> None:
    extra = "  serviceAccountName: deployer\n  postBuild:\n    substitute: {ZONE: eu}\n  decryption: {provider: sops}\n"
    base = {**BASE, "clusters/production/certs.yaml": CERTS + extra}
    issuer = ISSUER.replace("selfSigned: {}", 'ca: {secretName: "ca-${ZONE}"}')

    found, whole = fixed({**base, "infra/certs/issuer.yaml": issuer}, base, answering)

    assert found.fix
    assert found.fix.safety is Safety.SAFE
    assert (
        (whole.data("clusters/production/certs-config.yaml") or b"")
        .decode()
        .endswith(f"{extra}  dependsOn:\n    - name: certs\n")
    )


STORE = """apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {name: external-secrets, namespace: flux-system}
spec: {interval: 12h, url: "https://charts.external-secrets.io"}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: external-secrets, namespace: flux-system}
spec:
  interval: 1h
  chart:
    spec: {chart: external-secrets, version: 1.0.0, sourceRef: {kind: HelmRepository, name: external-secrets}}
"""
SECRET = """apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: zones, namespace: flux-system}
spec:
  secretStoreRef: {kind: ClusterSecretStore, name: vault}
  target: {name: zones}
  dataFrom: [{extract: {key: zones}}]
"""
READER = """apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec:
  dependsOn:
    - name: certs
  interval: 1h
  path: ./apps
  prune: true
  postBuild: {substituteFrom: [{kind: Secret, name: zones}]}
  sourceRef: {kind: GitRepository, name: flux-system}
"""
PLAIN = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain, namespace: default}\n"


def dependents(whole: Snapshot, base: dict[str, str], answering: Answerer) -> set[str]:
    """What ``apps`` depends on."""
    cluster = compared(whole, tree(base), answering).cases["clusters/production"].cluster
    apps = next(node for node in cluster.nodes.values() if node.ref.name == "apps")
    return {one.ref.name for one in apps.kustomization.depends_on}


def test_who_reads_what_moved_waits_for_the_new_half(answering: Answerer) -> None:
    base = {**BASE, "infra/certs/release.yaml": STORE, "clusters/production/certs.yaml": CERTS}
    head = {
        **base,
        "infra/certs/secret.yaml": SECRET,
        "clusters/production/apps.yaml": READER,
        "apps/plain.yaml": PLAIN,
    }

    found, whole = fixed(head, base, answering)

    assert found.fix
    assert found.fix.safety is Safety.SAFE
    assert "let `apps` depend on `certs-config`" in found.fix.title
    assert ("apps", "certs-config") in {(tail.name, head.name) for tail, head in found.fix.edges}
    assert dependents(whole, base, answering) == {"certs", "certs-config"}
    assert not compared(whole, tree(base), answering).review.findings


def test_who_needs_nothing_of_what_moved_keeps_its_order_as_it_is(answering: Answerer) -> None:
    certificate = ISSUER.replace("ClusterIssuer", "Certificate").replace("  name", "  namespace: default\n  name")
    apps = READER.replace("  postBuild: {substituteFrom: [{kind: Secret, name: zones}]}\n", "")
    base = {**BASE, "clusters/production/apps.yaml": apps, "apps/plain.yaml": PLAIN}

    found, whole = fixed({**base, "infra/certs/issuer.yaml": ISSUER, "apps/cert.yaml": certificate}, base, answering)

    assert found.fix
    assert found.fix.safety is Safety.SAFE
    assert dependents(whole, base, answering) == {"certs"}
    assert not compared(whole, tree(base), answering).review.findings


def test_who_waits_for_the_old_half_waits_for_a_provider_that_goes_before_it(answering: Answerer) -> None:
    certificate = ISSUER.replace("ClusterIssuer", "Certificate").replace("  name", "  namespace: default\n  name")
    apps = READER.replace("  postBuild: {substituteFrom: [{kind: Secret, name: zones}]}\n", "")
    base = {
        "clusters/production/sync.yaml": SYNC,
        "clusters/production/certs.yaml": CERTS,
        "infra/certs/issuer.yaml": ISSUER,
        **BOOTSTRAP,
    }
    head = {
        **base,
        "infra/certs/release.yaml": RELEASE,
        "clusters/production/apps.yaml": apps,
        "apps/cert.yaml": certificate,
    }
    del head["bootstrap/helmfile.yaml"]

    found, whole = fixed(head, base, answering)

    assert found.fix
    assert found.fix.safety is Safety.SAFE
    assert dependents(whole, base, answering) == {"certs"}
    assert not compared(whole, tree(base), answering).review.findings


def test_what_is_wrong_with_the_moved_object_itself_goes_along_and_is_neither_new_nor_cured(
    answering: Answerer,
) -> None:
    apps = READER.replace("substituteFrom: [{kind: Secret, name: zones}]", "substitute: {ZONE: eu}")
    base = {**BASE, "clusters/production/apps.yaml": apps, "apps/plain.yaml": PLAIN}
    issuer = ISSUER.replace("selfSigned: {}", 'ca: {secretName: "ca-${ZONE}"}')
    head = {**base, "infra/certs/issuer.yaml": issuer}
    before = compared(tree(head), tree(base), answering).review.findings

    found, whole = fixed(head, base, answering)

    after = compared(whole, tree(base), answering).review.findings
    assert {one.rule for one in before} == {"crd-in-same-kustomization", "variable-literal"}
    assert found.fix
    assert found.fix.safety is Safety.SAFE
    assert found.fix.proof.resolves == (found.id,)
    assert [(one.rule, one.about.name) for one in after] == [("variable-literal", "certs-config")]


def test_a_split_names_all_that_it_cures(answering: Answerer) -> None:
    certificate = ISSUER.replace("ClusterIssuer", "Certificate").replace("  name", "  namespace: default\n  name")
    head = {**BASE, "infra/certs/issuer.yaml": ISSUER, "infra/certs/cert.yaml": certificate}
    before, after = tree(BASE), tree(head)
    examination = compared(after, before, answering)
    issuers = next(one for one in examination.review.findings if one.object and one.object.kind == "ClusterIssuer")

    conversation = with_fixes(asked(after, before), examination, lambda one: one is issuers)
    offer = hold(conversation, 1_000, answering, lambda _done, _asked: None)

    fix = next(one.fix for one in offer.examination.review.findings if one.id == issuers.id)
    assert fix
    assert set(fix.proof.resolves) == {one.id for one in examination.review.findings}
    assert len(fix.proof.resolves) > 1
