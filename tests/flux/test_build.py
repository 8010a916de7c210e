"""What a build of kustomize-controller consists of, and that real kustomize takes it."""

from __future__ import annotations

from bot.flux.build import Plan, plan
from bot.flux.tree import Tree
from bot.model.cluster import Break, Unresolved
from bot.model.limits import Exceeded
from bot.model.snapshot import Blob, Snapshot
from bot.render.cell import Cell
from bot.render.kustomize import Kustomize
from tests.example_tree import flux, snapshot
from tests.planned_build import CONFIG, DEPLOYMENT, broken, names, planned, root

PART = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnameSuffix: -flux\n"


NAMED = "metadata: {name: settings}"


def test_a_kustomization_file_that_is_there_is_used_and_nothing_beside_it() -> None:
    made = planned(
        {"apps/kustomization.yaml": "resources: [a.yaml]\n", "apps/a.yaml": CONFIG, "apps/b.yaml": DEPLOYMENT}
    )

    assert root(made)["resources"] == ["a.yaml"]
    assert made.root_file == "apps/kustomization.yaml"
    assert made.read == {"apps/kustomization.yaml", "apps/a.yaml"}


def test_each_of_the_three_names_of_a_kustomization_file_counts() -> None:
    for name in ("kustomization.yaml", "kustomization.yml", "Kustomization"):
        made = planned({f"apps/{name}": "resources: [a.yaml]\n", "apps/a.yaml": CONFIG})

        assert names(made) == ["ConfigMap//settings"]
        assert made.root_file == f"apps/{name}"


def test_two_kustomization_files_in_the_root_make_kustomize_fail_as_they_make_flux_fail() -> None:
    made = planned(
        {
            "apps/kustomization.yaml": "resources: [a.yaml]\n",
            "apps/kustomization.yml": "resources: [a.yaml]\n",
            "apps/a.yaml": CONFIG,
        }
    )

    answer = Kustomize(Cell()).build(made.build)

    assert "Found multiple kustomization files" in str(answer)


def test_without_a_kustomization_file_every_manifest_below_is_taken() -> None:
    made = planned(
        {
            "apps/a.yaml": CONFIG,
            "apps/deep/er/b.yml": DEPLOYMENT,
            "apps/deep/c.json": "{}",
            "apps/readme.md": "# no",
            "other/d.yaml": CONFIG,
        }
    )

    assert root(made)["resources"] == ["a.yaml", "deep/er/b.yml"]
    assert names(made) == ["ConfigMap//settings", "Deployment//web"]


def test_a_sub_directory_with_a_kustomization_file_is_taken_as_a_whole_and_not_descended() -> None:
    made = planned(
        {
            "apps/shop/kustomization.yaml": "resources: [a.yaml]\n",
            "apps/shop/a.yaml": CONFIG,
            "apps/shop/not-listed.yaml": DEPLOYMENT,
            "apps/shop/inner/also-not.yaml": DEPLOYMENT,
        }
    )

    assert root(made)["resources"] == ["shop"]
    assert names(made) == ["ConfigMap//settings"]
    assert made.read == {"apps/shop/kustomization.yaml", "apps/shop/a.yaml"}


def test_hidden_directories_are_not_skipped_where_the_kustomization_is_generated() -> None:
    made = planned({"apps/.hidden/a.yaml": CONFIG})

    assert root(made)["resources"] == [".hidden/a.yaml"]


def test_a_component_below_a_generated_kustomization_fails_as_it_does_in_flux() -> None:
    made = planned(
        {
            "apps/a.yaml": CONFIG,
            "apps/part/kustomization.yaml": PART,
        }
    )

    answer = Kustomize(Cell()).build(made.build)

    assert "expected kind != 'Component'" in str(answer)


def test_an_empty_kustomization_file_builds_nothing() -> None:
    made = planned({"apps/kustomization.yaml": "", "apps/a.yaml": CONFIG})

    assert "resources" not in root(made)


def test_the_root_of_the_repository_can_be_built() -> None:
    made = planned(
        {"a.yaml": CONFIG, "sub/kustomization.yaml": "resources: [b.yaml]\n", "sub/b.yaml": DEPLOYMENT}, "{}"
    )

    assert made.build.directory == ""
    assert names(made) == ["ConfigMap//settings", "Deployment//web"]


def test_the_same_build_is_the_same_question_whatever_happens_after_it() -> None:
    files = {"apps/a.yaml": CONFIG}
    plain = planned(files).build

    later = planned(files, "{path: ./apps, wait: true, dependsOn: [{name: x}], postBuild: {substitute: {a: b}}}").build

    assert plain.key == later.key


def test_a_new_file_below_a_generated_root_is_another_question() -> None:
    one = planned({"apps/a.yaml": CONFIG}).build
    two = planned({"apps/a.yaml": CONFIG, "apps/b.yaml": DEPLOYMENT}).build

    assert one.key != two.key


def test_a_file_that_no_build_reads_is_no_part_of_the_question() -> None:
    one = planned({"apps/a.yaml": CONFIG}).build
    two = planned({"apps/a.yaml": CONFIG, "apps/readme.md": "x", "other/b.yaml": CONFIG}).build

    assert one.key == two.key


def test_a_path_that_climbs_is_clamped_to_the_root_as_flux_does() -> None:
    assert planned({"components/x/a.yaml": CONFIG}, "{path: ../components/x}").build.directory == "components/x"
    assert planned({"components/x/a.yaml": CONFIG}, "{path: ./a/../../../components/x}").read == {"components/x/a.yaml"}


def test_a_path_that_is_not_there_is_named_with_what_flux_prints() -> None:
    found = broken({"app/a.yaml": CONFIG})

    assert found.why is Break.PATH_NOT_FOUND
    assert found.predicted == "kustomization path not found: stat apps: no such file or directory"
    assert found.path == "clusters/main/apps.yaml"


def test_a_path_that_is_a_link_is_not_there_for_flux() -> None:
    found = broken({"real/a.yaml": CONFIG}, "{path: apps}", "apps")

    assert found.why is Break.PATH_NOT_FOUND
    assert "symbolic link" in found.message


def test_an_entry_that_leaves_the_source_breaks_the_build() -> None:
    found = broken({"apps/kustomization.yaml": "resources: [../../etc]\n"})

    assert found.why is Break.BUILD_FAILS
    assert found.message == "../../etc is not within the source"
    assert found.path == "apps/kustomization.yaml"


def test_a_root_that_is_no_yaml_breaks_the_build() -> None:
    found = broken({"apps/kustomization.yaml": "resources: [a.yaml\nx: {\n"})

    assert (found.why, found.path, found.line) == (Break.BUILD_FAILS, "apps/kustomization.yaml", 2)


def test_a_kustomization_further_down_that_is_no_yaml_breaks_the_build_at_its_own_file() -> None:
    found = broken({"apps/kustomization.yaml": "resources: [../base]\n", "base/kustomization.yaml": "resources: [\n"})

    assert (found.why, found.path, found.line) == (Break.BUILD_FAILS, "base/kustomization.yaml", 2)


def test_a_kustomization_that_is_no_mapping_breaks_the_build() -> None:
    for text_ in ("- a.yaml\n", "resources: !mine [a.yaml]\n"):
        found = broken({"apps/kustomization.yaml": "resources: [../base]\n", "base/kustomization.yaml": text_})

        assert found.message == "kustomization.yaml is no mapping of fields"


def test_an_alias_bomb_never_reaches_kustomize() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    for above, name in zip("abcdefg", "bcdefgh", strict=True):
        bomb += f"{name}: &{name} [{', '.join([f'*{above}'] * 10)}]\n"

    found = plan(flux("{path: apps}"), Tree(snapshot({"apps/a.yaml": CONFIG + bomb})))

    assert isinstance(found, Unresolved)
    assert found.why == "`apps/a.yaml` has more than 1,000,000 keys and values, aliases followed"
    assert found.exceeded == Exceeded("yaml_nodes", found.why, "apps/a.yaml", 9)


def test_what_is_left_of_a_build_that_fails_is_a_build_of_its_own() -> None:
    files = {
        "apps/kustomization.yaml": """
            resourcez: []
            CommonLabels: {app: web}
            resources: [a.yaml, gone.yaml, gone, torn.yaml, broken, misspelled, whole]
            patches: [{path: gone-patch.yaml}, {patch: '{kind: Deployment, apiVersion: apps/v1, metadata: {name: no}}'}]
            configMapGenerator: [{name: made, files: [kept=a.yaml, lost=gone.txt], env: gone.env}]
            generatorOptions: {disableNameSuffixHash: true}
            """,
        "apps/a.yaml": CONFIG,
        "apps/torn.yaml": "a: [\n",
        "apps/broken/kustomization.yaml": "a: [\n",
        "apps/misspelled/kustomization.yaml": "resources: [../a.yaml]\nnamespaces: apps\n",
        "apps/whole/kustomization.yaml": "resources: [b.yaml]\n",
        "apps/whole/b.yaml": DEPLOYMENT,
    }

    left = plan(flux("{path: apps}"), Tree(snapshot(files)), partial=True)

    assert isinstance(left, Plan)
    assert names(left) == ["ConfigMap//made", "ConfigMap//settings", "Deployment//web"]
    assert left.absent == ("resourcez", "gone.yaml", "gone", "torn.yaml", "broken", "misspelled", "gone-patch.yaml")


def test_a_file_that_is_too_large_to_read_leaves_the_build_unresolved() -> None:
    tree = snapshot({"apps/kustomization.yaml": "resources: [a.yaml]\n"})
    files = {**tree.files, "apps/a.yaml": Blob("1" * 40, 20_000_000, None)}

    found = plan(flux("{path: apps}"), Tree(Snapshot("head", files)))

    assert isinstance(found, Unresolved)
    assert found.why == "`apps/a.yaml` has 20,000,000 bytes, and files of this kind are read up to 10 MiB"
    assert found.exceeded == Exceeded("file_bytes", found.why, "apps/a.yaml")


def test_the_places_of_an_artifact_are_those_of_the_repository() -> None:
    tree = Tree(snapshot({"infra/base/a.yaml": CONFIG}), {"base/a.yaml": "infra/base/a.yaml"})

    found = plan(flux("{path: base}"), tree)

    assert isinstance(found, Plan)
    assert found.read == {"infra/base/a.yaml"}
    assert set(found.build.files) >= {"base/a.yaml", "base/kustomization.yaml"}


def test_a_transformer_that_is_configured_by_a_file_finds_the_files_that_it_reads() -> None:
    made = planned(
        {
            "apps/kustomization.yaml": "resources: [a.yaml]\ntransformers: [t.yaml]\n",
            "apps/a.yaml": CONFIG,
            "apps/t.yaml": (
                "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: t}\n"
                "path: patch.yaml\ntarget: {kind: ConfigMap}\n"
            ),
            "apps/patch.yaml": "- {op: replace, path: /metadata/name, value: renamed}\n",
        }
    )

    assert names(made) == ["ConfigMap//renamed"]
