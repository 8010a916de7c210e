"""What a split does with what lives, and where it puts the rest."""

from __future__ import annotations

import pytest

from bot.app.local import hold
from bot.bootstrap import answerer
from bot.fixes.overlay import blob
from bot.fixing import with_fixes
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


def test_settings_of_a_kustomization_above_are_not_lost(answering: Answerer) -> None:
    files = {
        **BASE,
        "infra/certs/kustomization.yaml": "resources: [release.yaml, issuers]\nnamePrefix: eu-\n",
        "infra/certs/issuers/kustomization.yaml": "resources:\n  - issuer.yaml\n",
        "infra/certs/issuers/issuer.yaml": ISSUER,
    }

    found, whole = fixed(files, BASE, answering)

    assert found.fix is None
    assert "`ClusterIssuer/eu-internal` would no longer be applied under this name" in found.advice
    assert whole == tree(files)


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
