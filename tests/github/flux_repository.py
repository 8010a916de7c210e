"""A small Flux repository, and what a pull request does to it."""

from __future__ import annotations

from tests.github_simulator.git_writing import Content

SYNC = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 1m, url: "https://example.org/acme/fleet", ref: {branch: main}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 10m, path: ./clusters/production, prune: true, sourceRef: {kind: GitRepository, name: flux-system}}
"""
INFRA = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: infra, namespace: flux-system}
spec: {interval: 10m, path: ./infra, prune: true, sourceRef: {kind: GitRepository, name: flux-system}}
"""
CERT_MANAGER = """\
apiVersion: v1
kind: Namespace
metadata: {name: cert-manager}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {name: jetstack, namespace: cert-manager}
spec: {interval: 24h, url: "https://charts.jetstack.io"}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: cert-manager, namespace: cert-manager}
spec:
  interval: 30m
  chart:
    spec: {chart: cert-manager, version: 1.16.x, sourceRef: {kind: HelmRepository, name: jetstack}}
  values: {crds: {enabled: true}}
"""
FILES: dict[str, Content] = {
    "clusters/production/flux-system/gotk-sync.yaml": SYNC,
    "clusters/production/infra.yaml": INFRA,
    "infra/cert-manager.yaml": CERT_MANAGER,
    "README.md": "# fleet\n",
}
ISSUER = """\
# The issuer of all certificates.
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: {name: letsencrypt}
spec: {acme: {server: "https://acme.example.org", privateKeySecretRef: {name: letsencrypt}}}
"""
BROKEN: dict[str, Content] = {"infra/issuer.yaml": ISSUER}
FIXED: dict[str, Content] = {
    "infra/issuer.yaml": None,
    "issuers/issuer.yaml": ISSUER,
    "clusters/production/issuers.yaml": INFRA.replace("infra", "issuers").replace(
        "prune: true", "prune: true, dependsOn: [{name: infra}]"
    ),
    "clusters/production/infra.yaml": INFRA.replace("prune: true", "prune: true, wait: true"),
}


def config_maps(number: int) -> str:
    """Harmless objects, to make a repository larger."""
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: filler-{number}, namespace: cert-manager}}\n"
