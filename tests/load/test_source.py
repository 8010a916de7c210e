"""Which tree a source holds, as far as the repository shows it."""

from __future__ import annotations

import pytest

from bot.model.cluster import Output, Unresolved
from tests.loaded_cluster import CONFIG, ROOT, gaps, ks, loaded, node

GENERATOR = """
    apiVersion: source.extensions.fluxcd.io/v1beta1
    kind: ArtifactGenerator
    metadata: {name: parts, namespace: flux-system}
    spec:
      sources: [{alias: repo, kind: GitRepository, name: flux-system}]
      artifacts: [{name: web, copy: [{from: "@repo/apps/web/**", to: "@artifact/deploy/"}]}]
    """
ARTIFACT = "sourceRef: {kind: ExternalArtifact, name: web}"


def test_an_external_artifact_is_what_its_generator_copies_and_leads_back_to_the_repository() -> None:
    cluster = loaded(
        {
            f"{ROOT}/parts.yaml": GENERATOR,
            f"{ROOT}/apps.yaml": ks("apps", ARTIFACT, "deploy"),
            "apps/web/a.yaml": CONFIG,
        }
    )

    [found] = node(cluster, "apps").resources

    assert found.origin.path == "apps/web/a.yaml"
    assert node(cluster, "apps").read == {"apps/web/a.yaml"}


def test_an_external_artifact_that_nobody_in_the_tree_makes_is_not_read_as_clean() -> None:
    cluster = loaded({f"{ROOT}/apps.yaml": ks("apps", ARTIFACT)})

    assert gaps(cluster) == [
        "Kustomization/flux-system/apps: no ArtifactGenerator in the tree makes ExternalArtifact/flux-system/web"
    ]


OWN = """
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: GitRepository
    metadata: {name: flux-system, namespace: flux-system}
    spec: {url: "https://example.com/acme/fleet.git", ref: {branch: main}}
    """


def other(url: str, ref: str) -> str:
    return (
        OWN.replace("name: flux-system,", "name: other,")
        .replace("https://example.com/acme/fleet.git", url)
        .replace("{branch: main}", ref)
    )


@pytest.mark.parametrize(
    ("url", "ref", "why"),
    [
        ("https://example.com/acme/crds", "{branch: main}", "is another repository: https://example.com/acme/crds"),
        ("ssh://git@example.com/acme/fleet", "{branch: dev}", "reads the branch `dev`"),
        ("ssh://git@example.com/acme/fleet", "{branch: main, tag: v1}", "reads the tag `v1`"),
        ("ssh://git@example.com/acme/fleet", '{tag: v1, semver: ">=1"}', "reads the tags `>=1`"),
        ("ssh://git@example.com/acme/fleet", "{semver: 1.x, name: refs/heads/dev}", "reads the branch `dev`"),
        (
            "ssh://git@example.com/acme/fleet",
            "{name: refs/tags/v2, commit: 0123456789abcdef}",
            "the commit `0123456789ab`",
        ),
    ],
)
def test_another_repository_or_branch_is_unresolved_and_named(url: str, ref: str, why: str) -> None:
    cluster = loaded(
        {
            f"{ROOT}/own.yaml": OWN,
            f"{ROOT}/other.yaml": other(url, ref),
            f"{ROOT}/apps.yaml": ks("apps", "sourceRef: {kind: GitRepository, name: other}"),
            "apps/a.yaml": CONFIG,
        }
    )

    (gap,) = gaps(cluster)
    assert gap.startswith("Kustomization/flux-system/apps: GitRepository/flux-system/other ")
    assert gap.endswith(why)
    assert isinstance(node(cluster, "apps").building, Unresolved)


def test_the_same_repository_by_another_url_is_this_one() -> None:
    cluster = loaded(
        {
            f"{ROOT}/own.yaml": OWN,
            f"{ROOT}/other.yaml": other("ssh://git@example.com/acme/fleet", "{branch: main}"),
            f"{ROOT}/apps.yaml": ks("apps", "sourceRef: {kind: GitRepository, name: other}"),
            "apps/a.yaml": CONFIG,
        }
    )

    assert isinstance(node(cluster, "apps").building, Output)
    assert cluster.incomplete == ()


def test_a_source_that_is_not_in_the_tree_is_named() -> None:
    cluster = loaded({f"{ROOT}/apps.yaml": ks("apps", "sourceRef: {kind: OCIRepository, name: app}")})

    assert gaps(cluster) == [
        "Kustomization/flux-system/apps: the source OCIRepository/flux-system/app is not in the tree"
    ]
