"""One cluster, loaded: what is followed, and what is said of the rest."""

from __future__ import annotations

import datetime

from bot.config import read_config
from bot.engine import Examination, Question, examine
from bot.flux.entry import entry_at
from bot.load.cluster import Known, load
from bot.load.entrance import entrances, named_unapplied
from bot.model.ask import Answer, Document, Limit, Refused, Render, Rendered
from bot.model.cluster import Break, Broken, Cluster, Confidence, Provided, Unresolved
from bot.model.config import Config
from bot.model.limits import Limits
from bot.model.ref import GroupKind, kustomization
from tests.example_tree import body, snapshot
from tests.flat_answerer import FlatAnswerer, driven
from tests.loaded_cluster import CONFIG, ROOT, SYNC, gaps, ks, loaded, node, real


def test_the_kustomizations_that_a_build_reveals_are_followed() -> None:
    cluster = loaded(
        {
            f"{ROOT}/infra.yaml": ks("infra"),
            "infra/inner.yaml": ks("inner", path="deep"),
            "deep/a.yaml": CONFIG,
        }
    )

    assert [ref.name for ref in cluster.nodes] == ["flux-system", "infra", "inner"]
    assert node(cluster, "infra").parents == (kustomization("flux-system", "flux-system"),)
    assert node(cluster, "inner").parents == (kustomization("flux-system", "infra"),)
    assert [str(one.ref) for one in node(cluster, "inner").resources] == ["ConfigMap/shop/settings"]
    assert cluster.incomplete == ()


def test_a_nested_kustomization_has_the_namespace_and_the_patches_of_its_parent() -> None:
    patch = """'[{"op": "add", "path": "/spec/wait", "value": true}]'"""
    parent = f"targetNamespace: team, patches: [{{target: {{kind: Kustomization}}, patch: {patch}}}]"
    cluster = loaded(
        {f"{ROOT}/infra.yaml": ks("infra", parent), "infra/inner.yaml": ks("inner"), "inner/a.yaml": CONFIG}, real()
    )

    inner = cluster.nodes[kustomization("team", "inner")]

    assert inner.kustomization.wait
    assert inner.kustomization.resource.origin.path == "infra/inner.yaml"
    assert inner.kustomization.source.namespace == "team"


def test_a_kustomization_that_applies_itself_ends_the_loop() -> None:
    cluster = loaded({f"{ROOT}/self.yaml": ks("self"), "self/ks.yaml": ks("self"), "self/a.yaml": CONFIG})

    assert node(cluster, "self").parents == (kustomization("flux-system", "flux-system"),)
    assert len(node(cluster, "self").resources) == 2


def test_kustomizations_that_apply_each_other_end_the_loop() -> None:
    cluster = loaded({f"{ROOT}/a.yaml": ks("a"), "a/b.yaml": ks("b"), "b/a.yaml": ks("a", "wait: true")})

    assert [ref.name for ref in cluster.nodes] == ["flux-system", "a", "b"]
    assert not node(cluster, "a").kustomization.wait


def test_of_two_definitions_the_one_that_is_applied_first_counts_and_both_are_parents() -> None:
    cluster = loaded(
        {
            f"{ROOT}/a.yaml": ks("a"),
            f"{ROOT}/b.yaml": ks("b"),
            "a/same.yaml": ks("same", path="one"),
            "b/same.yaml": ks("same", path="two"),
            "one/x.yaml": CONFIG,
        }
    )

    assert node(cluster, "same").kustomization.path == "one"
    assert [ref.name for ref in node(cluster, "same").parents] == ["a", "b"]


def test_one_name_in_two_clusters_is_two_things() -> None:
    files = {
        f"{ROOT}/apps.yaml": ks("apps", path="apps/main"),
        "clusters/test/apps.yaml": ks("apps", path="apps/test"),
        "apps/main/a.yaml": CONFIG,
        "apps/test/a.yaml": CONFIG.replace("settings", "trial"),
    }

    main, test = loaded(files), loaded(files, root="clusters/test")

    assert [one.ref.name for one in node(main, "apps").resources] == ["settings"]
    assert [one.ref.name for one in node(test, "apps").resources] == ["trial"]


def test_the_same_build_is_asked_for_once_in_a_cluster() -> None:
    answering = FlatAnswerer()

    loaded({f"{ROOT}/two.yaml": ks("one", path="apps") + ks("two", path="apps"), "apps/a.yaml": CONFIG}, answering)

    assert len({ask.key for ask in answering.asked}) == 2


def test_common_metadata_is_added_after_the_build() -> None:
    spec = "commonMetadata: {labels: {team: a}, annotations: {b: c}}"
    cluster = loaded({f"{ROOT}/apps.yaml": ks("apps", spec), "apps/a.yaml": CONFIG})

    [found] = node(cluster, "apps").resources

    assert found.body["metadata"] == {
        "name": "settings", "namespace": "shop", "labels": {"team": "a"}, "annotations": {"b": "c"}
    }  # fmt: skip


def test_the_items_of_a_list_are_objects_of_their_own() -> None:
    text_ = "apiVersion: v1\nkind: ConfigMapList\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n"
    cluster = loaded({f"{ROOT}/apps.yaml": ks("apps"), "apps/a.yaml": text_})

    assert [str(one.ref) for one in node(cluster, "apps").resources] == ["ConfigMap/a"]


CHART = "apiVersion: v2\nname: thing-operator\nversion: 1.0.0\n"
CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: NAME.example.org}
spec: {group: example.org, names: {kind: KIND, plural: NAME}, versions: [{name: v1, served: true}, {name: v0}]}
"""
THINGS, PARTS = (
    CRD.replace("KIND", "Thing").replace("NAME", "things"),
    CRD.replace("KIND", "Part").replace("NAME", "parts"),
)
RELEASE = """
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata: {name: operator, namespace: shop}
    spec:
      chart:
        spec:
          chart: ./charts/operator
          sourceRef: {kind: GitRepository, name: flux-system, namespace: flux-system}
      values: {colour: blue}
      install: {crds: Create}
    """
THING = GroupKind("example.org", "Thing")
PART = GroupKind("example.org", "Part")


def test_a_chart_of_the_repository_is_rendered_by_helm_and_brings_its_crds() -> None:
    files = {
        f"{ROOT}/apps.yaml": ks("apps"),
        "apps/release.yaml": RELEASE,
        "charts/operator/Chart.yaml": CHART,
        "charts/operator/crds/things.yaml": THINGS,
        "charts/operator/templates/parts.yaml": PARTS + "{{/* {{ .Values.colour }} */}}",
    }

    cluster = loaded(files, real())

    found = {one.what: one for one in node(cluster, "apps").provisions}
    assert set(found) == {THING, PART}
    assert found[THING].confidence is Confidence.PROVEN
    assert found[THING].versions == ("v1",)
    assert str(found[THING].by) == "HelmRelease/shop/operator"


def test_the_crds_directory_of_a_chart_is_skipped_where_the_release_says_so() -> None:
    told: dict[str, Answer] = {"operator": Rendered((Document(body(PARTS)),), (Document(body(THINGS)),))}
    files = {
        f"{ROOT}/apps.yaml": ks("apps"),
        "apps/release.yaml": RELEASE.replace("crds: Create", "crds: Skip"),
        "charts/operator/Chart.yaml": CHART,
    }
    answering = FlatAnswerer(told)

    cluster = loaded(files, answering)

    [question] = [ask for ask in answering.asked if isinstance(ask, Render)]
    assert (question.values, question.name, question.namespace) == ({"colour": "blue"}, "operator", "shop")
    assert [one.what for one in node(cluster, "apps").provisions] == [PART]


def test_a_failed_build_is_the_failure_of_flux_too() -> None:
    answering = FlatAnswerer({"apps": Refused("no such file")})

    building = node(loaded({f"{ROOT}/apps.yaml": ks("apps"), "apps/a.yaml": CONFIG}, answering), "apps").building

    assert isinstance(building, Broken)
    assert (building.why, building.predicted) == (Break.BUILD_FAILS, "kustomize build failed: no such file")


def test_what_is_left_of_a_failed_build_is_read_and_followed() -> None:
    files = {
        f"{ROOT}/kustomization.yaml": "resources: [gone.yaml, apps.yaml]\n",
        f"{ROOT}/apps.yaml": ks("apps"),
        "apps/a.yaml": CONFIG,
    }

    cluster = loaded(files, real())

    assert isinstance(node(cluster, "flux-system").building, Broken)
    assert node(cluster, "flux-system").unread == ("gone.yaml",)
    assert [one.ref.name for one in node(cluster, "apps").resources] == ["settings"]


def test_a_build_that_ran_into_a_limit_of_ours_is_incomplete_and_no_fault() -> None:
    answering = FlatAnswerer({"apps": Refused("kustomize took longer than 20 s", Limit.TIME)})

    cluster = loaded({f"{ROOT}/apps.yaml": ks("apps"), "apps/a.yaml": CONFIG}, answering)

    assert gaps(cluster) == [
        "Kustomization/flux-system/apps: the build ran into its limit on time: kustomize took longer than 20 s"
    ]


def test_a_failed_build_from_which_a_remote_reference_was_cut_is_incomplete_and_no_fault() -> None:
    files = {
        f"{ROOT}/apps.yaml": ks("apps"),
        "apps/kustomization.yaml": "resources: [https://example.com/base.yaml]\n",
    }

    cluster = loaded(files, FlatAnswerer({"apps": Refused("no matches for Id")}))

    assert gaps(cluster) == [
        "Kustomization/flux-system/apps: the build needs what is not in the tree: https://example.com/base.yaml"
    ]


def test_a_file_that_is_missing_beside_a_remote_reference_is_a_fault_all_the_same() -> None:
    files = {
        f"{ROOT}/apps.yaml": ks("apps"),
        "apps/kustomization.yaml": "resources: [https://example.com/base.yaml, gone.yaml, a.yaml]\n",
        "apps/a.yaml": CONFIG,
    }

    cluster = loaded(files, real())

    building = node(cluster, "apps").building
    assert isinstance(building, Broken)
    assert "gone.yaml" in building.message
    assert gaps(cluster) == ["Kustomization/flux-system/apps: https://example.com/base.yaml is not fetched"]
    assert [one.ref.name for one in node(cluster, "apps").resources] == ["settings"]


def test_a_path_that_is_not_there_is_the_repositorys_fault_unless_the_cluster_is_a_guess() -> None:
    named = loaded({f"{ROOT}/apps.yaml": ks("apps")})
    tree = snapshot({"orphans/apps.yaml": ks("apps")})
    guessed = driven(load(entry_at(tree, "orphans"), tree, Known(Provided())), FlatAnswerer())

    assert isinstance(node(named, "apps").building, Broken)
    assert isinstance(guessed, Cluster)
    assert isinstance(node(guessed, "apps").building, Unresolved)


def test_kustomizations_that_nothing_applies_are_named_beside_the_nearest_cluster() -> None:
    files = {
        SYNC: "",
        f"{ROOT}/kustomization.yaml": "resources: [apps.yaml]\n",
        f"{ROOT}/apps.yaml": ks("apps"),
        f"{ROOT}/forgotten.yaml": ks("forgotten"),
        f"{ROOT}/.archive/old.yaml": ks("old"),
        "apps/a.yaml": CONFIG,
        "patches/p.yaml": ks("apps").replace("sourceRef", "other"),
    }
    tree = snapshot(files)

    named = named_unapplied(tree, {ROOT: loaded(files)})[ROOT]

    assert {str(ref): path for ref, path in named.unapplied.items()} == {
        "Kustomization/flux-system/forgotten": f"{ROOT}/forgotten.yaml"
    }
    assert gaps(named) == [f"Kustomization/flux-system/forgotten: nothing applies it ({ROOT}/forgotten.yaml)"]


def test_named_roots_win_over_configured_ones_and_these_over_found_ones() -> None:
    tree = snapshot({SYNC: "", "a/x.yaml": ks("x"), "b/y.yaml": ks("y")})
    config = read_config("c", b"clusters: [{root: a}]", rules=(), today=datetime.date(2026, 1, 1))

    assert [entry.root for entry in entrances(tree, Config(), ())] == [ROOT]
    assert [entry.root for entry in entrances(tree, config, ())] == ["a"]
    assert [entry.root for entry in entrances(tree, config, ("b", "b/"))] == ["b"]


def test_more_kustomizations_than_are_read_are_said_to_be_left_out() -> None:
    files = {f"{ROOT}/apps.yaml": "".join(ks(name, path="apps") for name in "abcdef"), "apps/a.yaml": CONFIG}

    cluster = loaded(files, limits=Limits(kustomizations=3))

    assert len(cluster.nodes) == 3
    [gap] = gaps(cluster)
    assert gap.endswith("`Kustomization/flux-system/c` comes after 3 other Kustomizations, and no more are read")


def test_a_chain_that_is_deeper_than_is_followed_ends_and_is_named() -> None:
    files = {f"{ROOT}/k0.yaml": ks("k0"), **{f"k{n}/next.yaml": ks(f"k{n + 1}") for n in range(6)}}

    cluster = loaded(files, limits=Limits(nesting=2))

    assert [ref.name for ref in cluster.nodes] == ["flux-system", "k0", "k1"]
    [gap] = gaps(cluster)
    assert gap.endswith("`Kustomization/flux-system/k2` is applied 3 Kustomizations deep, and 2 are read")


def test_a_whole_review_asks_for_each_build_of_both_sides_once() -> None:
    head = snapshot({SYNC: "", f"{ROOT}/apps.yaml": ks("apps"), "apps/a.yaml": CONFIG})
    before = {SYNC: "", f"{ROOT}/apps.yaml": ks("apps"), "apps/a.yaml": f"{CONFIG}data: {{a: b}}\n"}
    base = snapshot(before, label="base")
    answering = FlatAnswerer()

    found = driven(examine(Question(head, base, Config(), datetime.date(2026, 1, 1))), answering)

    assert isinstance(found, Examination)
    assert found.review.findings == ()
    assert len(answering.asked) == 3
