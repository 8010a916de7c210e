"""What a repository can make fluxbot load: all that an honest one has, and never without an end."""

from __future__ import annotations

import datetime
import resource
import sys
from collections.abc import Mapping
from dataclasses import replace

from bot.engine import Examination, Question, examine
from bot.model.cluster import Break, Broken, Unresolved
from bot.model.config import Config
from bot.model.finding import Finding
from bot.model.limits import LIMITS, Limits
from bot.model.snapshot import Blob, Snapshot
from tests.example_tree import snapshot
from tests.flat_answerer import FlatAnswerer, driven
from tests.loaded_cluster import CONFIG, ROOT, SYNC, ks, loaded, node, real

CHAIN = {f"{ROOT}/k0.yaml": ks("k0"), **{f"k{n}/next.yaml": ks(f"k{n + 1}") for n in range(1_000)}}


def limited(files: Mapping[str, str], limits: Limits = LIMITS) -> Snapshot:
    return replace(snapshot({SYNC: "", **files}), limits=limits)


def examined(head: Snapshot, base: Snapshot | None = None) -> Examination:
    found = driven(examine(Question(head, base, Config(), datetime.date(2026, 1, 1))), FlatAnswerer())
    assert isinstance(found, Examination)
    return found


def told(findings: tuple[Finding, ...]) -> list[tuple[str, str, str]]:
    return [(one.rule, one.limit, one.at.path) for one in findings]


def test_ten_thousand_kustomizations_end_within_the_limits_and_are_named() -> None:
    files = {f"{ROOT}/k{n:05}.yaml": ks(f"k{n:05}", path="apps") for n in range(10_000)}

    review = examined(limited({**files, "apps/a.yaml": CONFIG})).review

    assert told(review.findings) == [("limit-exceeded", "kustomizations", f"{ROOT}/k04999.yaml")]
    assert [cluster.kustomizations for cluster in review.clusters] == [5_000]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "linux" else 1024**2)
    assert peak < 2_000


def test_two_thousand_kustomizations_of_ten_objects_are_read_as_they_are() -> None:
    objects = "---\n".join(
        f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{n}, namespace: default}}\n" for n in range(10)
    )
    files = {f"{ROOT}/k{n}.yaml": ks(f"k{n}", path="apps") for n in range(2_000)}

    review = examined(limited({**files, "apps/a.yaml": objects})).review

    assert review.findings == ()
    assert [cluster.kustomizations for cluster in review.clusters] == [2_001]


def test_kustomizations_that_apply_each_other_end() -> None:
    files = {f"{ROOT}/a.yaml": ks("a"), "a/b.yaml": ks("b"), "b/a.yaml": ks("a"), "b/main.yaml": ks("flux-system")}

    review = examined(limited(files)).review

    assert [cluster.kustomizations for cluster in review.clusters] == [3]
    assert {finding.rule for finding in review.findings} == {"owned-twice"}


def test_a_thousand_kustomizations_that_apply_one_another_are_read_down_to_the_limit() -> None:
    review = examined(limited(CHAIN)).review

    assert told(review.findings) == [("limit-exceeded", "nesting", "k31/next.yaml")]
    assert [cluster.kustomizations for cluster in review.clusters] == [33]


def test_what_a_limit_cut_off_is_never_said_to_be_missing() -> None:
    files = {
        f"{ROOT}/a.yaml": ks("a", spec="dependsOn: [{name: c}]", path="apps"),
        f"{ROOT}/b.yaml": ks("b", path="apps"),
        f"{ROOT}/c.yaml": ks("c", path="apps"),
        "apps/a.yaml": CONFIG,
    }

    findings = examined(limited(files, Limits(kustomizations=3))).review.findings

    assert [(one.rule, str(one.severity)) for one in findings] == [
        ("limit-exceeded", "error"),
        ("depends-on-not-found", "note"),
    ]


def test_a_kustomization_that_brings_too_many_objects_is_left_out_and_the_others_are_judged() -> None:
    many = "---\n".join(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{n}}}\n" for n in range(9))
    files = {
        f"{ROOT}/a.yaml": ks("a"),
        f"{ROOT}/b.yaml": ks("b"),
        f"{ROOT}/c.yaml": ks("c"),
        "a/a.yaml": CONFIG,
        "b/b.yaml": many,
        "c/c.yaml": CONFIG,
    }

    found = examined(limited(files, Limits(objects=10)))

    assert told(found.review.findings) == [("limit-exceeded", "objects", f"{ROOT}/b.yaml")]
    cluster = found.cases[ROOT].cluster
    assert [len(one.resources) for one in cluster.nodes.values()] == [3, 1, 0, 1]


def test_objects_in_a_list_count_one_by_one() -> None:
    items = "".join(f"- {{apiVersion: v1, kind: ConfigMap, metadata: {{name: c{n}}}}}\n" for n in range(9))
    files = {f"{ROOT}/a.yaml": ks("a"), "a/a.yaml": f"apiVersion: v1\nkind: List\nitems:\n{items}"}

    review = examined(limited(files, Limits(objects=9))).review

    assert told(review.findings) == [("limit-exceeded", "objects", f"{ROOT}/a.yaml")]


def test_a_limit_that_the_base_passes_too_is_not_held_against_a_change() -> None:
    files = {**{f"{ROOT}/{name}.yaml": ks(name, path="apps") for name in "bcd"}, "apps/a.yaml": CONFIG}
    limits = Limits(kustomizations=3)
    before = limited(files, limits)

    more = examined(limited({**files, f"{ROOT}/a.yaml": ks("a", path="apps")}, limits), before).review
    first = examined(before, limited({f"{ROOT}/b.yaml": ks("b", path="apps"), "apps/a.yaml": CONFIG}, limits)).review

    assert more.findings == ()
    assert told(first.findings) == [("limit-exceeded", "kustomizations", f"{ROOT}/d.yaml")]


def test_a_cluster_does_not_vanish_because_its_beginning_is_made_unreadable() -> None:
    instance = (
        "apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata: {name: flux, namespace: flux-system}\n"
        "spec: {sync: {kind: GitRepository, url: https://example.org/fleet, ref: refs/heads/main, path: clusters/main}}"
    )
    files = {"clusters/main/apps.yaml": ks("apps"), "apps/a.yaml": CONFIG}
    limits = Limits(yaml_documents=3)
    base = replace(snapshot({**files, "flux.yaml": instance}), limits=limits)
    head = replace(snapshot({**files, "flux.yaml": "---\na: b\n" * 4 + f"---\n{instance}\n"}), limits=limits)
    large = replace(base, files={**base.files, "flux.yaml": Blob("1" * 40, 20_000_000, None)})

    for after, limit in ((head, "yaml_documents"), (large, "file_bytes")):
        review = examined(after, base).review

        assert told(review.findings) == [("limit-exceeded", limit, "flux.yaml")]
        assert [cluster.kustomizations for cluster in review.clusters] == [2]


def test_a_cycle_of_bases_and_one_of_components_fail_the_build_as_in_flux() -> None:
    for field, kind in (("resources", "Kustomization"), ("components", "Component")):
        files = {
            f"{ROOT}/apps.yaml": ks("apps"),
            "apps/kustomization.yaml": f"{field}: [../one]\n",
            "one/kustomization.yaml": f"kind: {kind}\n{field}: [../two]\n",
            "two/kustomization.yaml": f"kind: {kind}\n{field}: [../one]\n",
        }

        building = node(loaded(files, real()), "apps").building

        assert isinstance(building, Broken)
        assert building.why is Break.BUILD_FAILS
        assert "cycle" in building.message


def test_bases_that_name_one_another_are_followed_down_to_the_limit() -> None:
    def bases(number: int) -> dict[str, str]:
        files = {f"b{n}/kustomization.yaml": f"resources: [../b{n + 1}]\n" for n in range(number)}
        return {f"{ROOT}/apps.yaml": ks("apps", path="b0"), **files, f"b{number}/kustomization.yaml": "namespace: x\n"}

    within = node(loaded(bases(64)), "apps").building
    beyond = node(loaded(bases(1_000)), "apps").building

    assert not isinstance(within, Unresolved)
    assert isinstance(beyond, Unresolved)
    assert beyond.exceeded is not None
    assert (beyond.exceeded.limit, beyond.exceeded.path) == ("base_nesting", "b65/kustomization.yaml")


def test_a_kustomization_file_that_is_not_read_whole_does_not_stand_for_another_one() -> None:
    deep = "resources: " + "[" * 250 + "]" * 250 + "\n---\nresources: [a.yaml]\n"
    files = {f"{ROOT}/apps.yaml": ks("apps"), "apps/kustomization.yaml": deep, "apps/a.yaml": CONFIG}

    building = node(loaded(files), "apps").building

    assert isinstance(building, Unresolved)
    assert building.exceeded is not None
    assert (building.exceeded.limit, building.exceeded.path) == ("yaml_depth", "apps/kustomization.yaml")


def test_a_manifest_that_is_too_deep_is_no_failure_of_flux() -> None:
    deep = f"{CONFIG}spec: {'[' * 250}{']' * 250}\n"

    building = node(loaded({f"{ROOT}/apps.yaml": ks("apps"), "apps/a.yaml": deep}, real()), "apps").building

    assert isinstance(building, Unresolved)
    assert building.exceeded is not None
    assert building.exceeded.limit == "output"


def test_a_tree_that_is_deeper_than_a_stack_is_generated_from() -> None:
    path = "apps/" + "d/" * 1_900 + "a.yaml"

    building = node(loaded({f"{ROOT}/apps.yaml": ks("apps"), path: CONFIG}), "apps").building

    assert not isinstance(building, Broken | Unresolved)
