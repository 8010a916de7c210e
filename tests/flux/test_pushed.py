"""OCI artifacts: what an OCIRepository reads, and of which directory and branch that was made."""

from __future__ import annotations

import pytest

from bot.flux.following import UNKNOWN, Followed
from bot.flux.pushed import artifact_of, artifacts_in, directory_of, made_of
from bot.model.ask import Fetch
from bot.model.field import Body
from bot.model.pushed import Pushed
from bot.model.snapshot import Blob, Snapshot

URL = "oci://ghcr.io/acme/app"


def body(url: str = URL, **ref: str) -> Body:
    return {"kind": "OCIRepository", "metadata": {"name": "app"}, "spec": {"url": url, "ref": dict(ref)}}


def tree(*paths: str) -> dict[str, Blob]:
    return {path: Blob(f"sha of {path}", 1, b"x") for path in paths}


def pushed(**files: str) -> Pushed:
    return Pushed("", "", {path.replace("__", "/") + ".yaml": sha for path, sha in files.items()})


def test_what_an_oci_repository_reads() -> None:
    assert artifact_of(body(tag="v1", semver="1.x", digest="sha256:0")) == Fetch(URL, "", "1.x", "v1", "sha256:0")
    assert artifact_of(body()) == Fetch(URL, "")


@pytest.mark.parametrize(
    "one", [body("oci://ghcr.io/${OWNER}/app"), body(tag="<< inputs.tag >>"), body("https://ghcr.io/acme"), {}]
)
def test_nothing_is_asked_where_a_part_is_not_known(one: Body) -> None:
    assert artifact_of(one) is None


@pytest.mark.parametrize(
    ("revision", "follows"),
    [
        ("main@sha1:3a5b1f0c", Followed("main")),
        ("feature/x@sha1:3a5b1f0c", Followed("feature/x")),
        ("main/3a5b1f0c", Followed("main")),
        ("refs/heads/main@sha1:3a5b1f0c", Followed("main")),
        ("refs/tags/v1.0.0@sha1:3a5b1f0c", Followed(pinned="`refs/tags/v1.0.0`")),
        ("v1.0.0@sha1:3a5b1f0c", Followed("v1.0.0")),
        ("@sha1:3a5b1f0c", UNKNOWN),
        ("3a5b1f0c", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_the_branch_stands_before_the_commit(revision: str, follows: Followed) -> None:
    assert made_of(revision) == follows


def test_the_directory_is_the_one_that_holds_the_files() -> None:
    found = tree("deploy/app/web.yaml", "deploy/kustomization.yaml", "docs/app/web.yaml", "kustomization.yaml")

    assert directory_of(pushed(app__web="", kustomization=""), found) == "deploy"


def test_the_root_is_a_directory_too() -> None:
    assert directory_of(pushed(app__web=""), tree("app/web.yaml", "README.md")) == ""


def test_of_two_that_hold_them_it_is_the_one_with_the_same_contents() -> None:
    found = tree("one/web.yaml", "two/web.yaml")

    assert directory_of(pushed(web="sha of two/web.yaml"), found) == "two"


def test_a_file_that_came_or_went_since_changes_nothing() -> None:
    found = tree("deploy/a.yaml", "deploy/b.yaml", "deploy/new.yaml")

    assert directory_of(pushed(a="", b="", gone__deep__down=""), found) == "deploy"


def test_no_directory_is_chosen_where_two_fit_or_too_little_does() -> None:
    assert directory_of(pushed(web=""), tree("one/web.yaml", "two/web.yaml")) is None
    assert directory_of(pushed(web="", a="", b=""), tree("one/web.yaml")) is None
    assert directory_of(pushed(), tree("one/web.yaml")) is None


WRITTEN = b"""\
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {name: app}
spec: {url: "oci://ghcr.io/acme/app"}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {name: chart}
spec: {url: "oci://ghcr.io/acme/chart"}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: app}
spec: {sourceRef: {kind: OCIRepository, name: app}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: chart}
spec: {sourceRef: {kind: GitRepository, name: chart}}
"""
IN_A_SET = b"""\
apiVersion: fluxcd.controlplane.io/v1
kind: ResourceSet
metadata: {name: apps}
spec:
  resources:
    - apiVersion: source.toolkit.fluxcd.io/v1
      kind: OCIRepository
      metadata: {name: other}
      spec: {url: "oci://ghcr.io/acme/other"}
    - apiVersion: kustomize.toolkit.fluxcd.io/v1
      kind: Kustomization
      metadata: {name: other}
      spec: {sourceRef: {kind: OCIRepository, name: other}}
"""


def test_those_that_kustomizations_read_are_found_in_a_tree() -> None:
    files = {"a.yaml": Blob("a", 1, WRITTEN), "sub/b.yaml": Blob("b", 1, IN_A_SET), "c.txt": Blob("c", 1, WRITTEN)}

    assert [one.url for one in artifacts_in(Snapshot("x", files))] == [URL, "oci://ghcr.io/acme/other"]
