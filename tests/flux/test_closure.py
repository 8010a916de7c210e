"""Which files a build reads, and that nothing of another host reaches kustomize."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.flux.build import Plan, plan
from bot.flux.closure import Remote, scan
from bot.flux.reference import is_remote
from bot.flux.tree import Tree
from bot.model.cluster import Unresolved
from bot.model.field import Body, Value
from tests.example_tree import body, flux, snapshot

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n"
EVERY_FIELD = """
    resources: [r.yaml]
    bases: [b.yaml]
    components: [part]
    crds: [crds.yaml]
    configurations: [configurations.yaml]
    generators: [generators.yaml]
    transformers: [transformers.yaml]
    validators: [validators.yaml]
    patchesStrategicMerge: [merge.yaml, "apiVersion: v1\\nkind: X\\n"]
    patches: [{path: patch.yaml}, {patch: "[]"}]
    patchesJson6902: [{path: json.yaml}]
    replacements: [{path: replacement.yaml}, {source: {kind: X}}]
    openapi: {path: openapi.json}
    configMapGenerator: [{name: a, files: [a.txt, key=b.txt], envs: [c.env]}]
    secretGenerator: [{name: b, env: d.env, literals: [x=y.txt]}]
    """
READ = (
    *("r.yaml", "b.yaml", "crds.yaml", "configurations.yaml", "generators.yaml", "transformers.yaml"),
    *("validators.yaml", "merge.yaml", "patch.yaml", "json.yaml", "replacement.yaml", "openapi.json"),
    *("a.txt", "b.txt", "c.env", "d.env", "part/kustomization.yaml", "part/p.yaml"),
)


def test_every_field_that_names_a_file_is_followed() -> None:
    files = {f"apps/{name}": "x: 1\n" for name in (*READ, "y.txt", "not-named.yaml")}
    files["apps/part/kustomization.yaml"] = "resources: [p.yaml]\n"

    closure = scan(Tree(snapshot(files)), "apps", body(EVERY_FIELD))

    assert set(closure.files) == {f"apps/{name}" for name in READ}
    assert set(closure.bodies) == {"apps", "apps/part"}
    assert not closure.remote


def test_a_directory_that_two_kustomizations_name_is_read_once_and_a_circle_ends() -> None:
    files = {
        "a/kustomization.yaml": "resources: [../b, ../c]\n",
        "b/kustomization.yaml": "resources: [../c]\n",
        "c/kustomization.yaml": "resources: [../a]\n",
    }

    closure = scan(Tree(snapshot(files)), "a", body(files["a/kustomization.yaml"]))

    assert set(closure.bodies) == {"a", "b", "c"}


def test_all_names_of_a_kustomization_file_that_kustomize_probes_are_read() -> None:
    files = {"a/kustomization.yaml": "resources: []\n", "a/Kustomization": "resources: []\n"}

    closure = scan(Tree(snapshot(files)), "", body("resources: [a]"))

    assert set(closure.files) == set(files)


def test_an_entry_that_is_a_link_is_named_and_not_read() -> None:
    closure = scan(Tree(snapshot({}, "apps/a.yaml")), "apps", body("resources: [a.yaml, b.yaml]"))

    assert closure.links == ["apps/a.yaml"]
    assert not closure.files


def test_an_entry_that_leaves_the_tree_is_named() -> None:
    closure = scan(Tree(snapshot({})), "apps", body("patches: [{path: ../../etc/x.yaml}]"))

    assert closure.outside == ["../../etc/x.yaml"]


@pytest.mark.parametrize(
    "entry",
    [
        "https://example.com/crds.yaml",
        "HTTPS://example.com/crds.yaml",
        "http://example.com/x",
        "git::https://example.com/x",
        "ssh://git@example.com/x",
        "git@example.com:owner/name",
        "me@example.com/owner/name",
        "github.com/owner/name",
        "GitHub.com/owner/name//path?ref=v1",
        "file:///etc",
        "https://example.com/\nx",
    ],
)
def test_what_kustomize_would_fetch_is_remote(entry: str) -> None:
    assert is_remote(entry)


@pytest.mark.parametrize("entry", ["a.yaml", "../base", "./x", "deploy@home", "a:b", "httpsx", "example.com/x", ""])
def test_what_can_only_be_a_path_is_not_remote(entry: str) -> None:
    assert not is_remote(entry)


def test_a_directory_that_is_named_like_a_host_and_is_there_is_local() -> None:
    tree = Tree(snapshot({"github.com/a/b/kustomization.yaml": "resources: []\n"}))

    closure = scan(tree, "", body("resources: [github.com/a/b]"))

    assert set(closure.bodies) == {"", "github.com/a/b"}
    assert not closure.remote


def test_what_is_cut_out_is_named_with_the_file_that_holds_it() -> None:
    files = {
        "apps/kustomization.yaml": "resources: [../base]\n",
        "base/kustomization.yaml": "resources: [a.yaml, 'https://example.com/crds.yaml']\n",
        "base/a.yaml": CONFIG,
    }

    found = plan(flux("{path: apps}"), Tree(snapshot(files)))

    assert isinstance(found, Plan)
    assert found.remote == (Remote("https://example.com/crds.yaml", "base/kustomization.yaml"),)
    assert json.loads(found.build.files["base/kustomization.yaml"].data or b"") == {"resources": ["a.yaml"]}


def test_a_field_name_that_only_go_takes_for_the_right_one_hides_nothing() -> None:
    text = "Resources: ['https://example.com/x', a.yaml]\nConfigMapGenerator: [{Name: x, Files: [a=https://example.com/y]}]"

    found = plan(flux("{}"), Tree(snapshot({"kustomization.yaml": text, "a.yaml": CONFIG})))

    assert isinstance(found, Plan)
    assert [remote.url for remote in found.remote] == ["https://example.com/x", "https://example.com/y"]
    assert "a.yaml" in found.read


def test_a_field_name_of_a_base_that_only_go_takes_hides_nothing_either() -> None:
    files = {
        "kustomization.yaml": "resources: [base]\n",
        "base/kustomization.yaml": "RESOURCES: ['https://a.example']\n",
    }

    found = plan(flux("{}"), Tree(snapshot(files)))

    assert isinstance(found, Plan)
    assert not _holds(found, "a.example")


def test_a_transformer_of_kustomize_that_reads_another_host_leaves_the_build_unresolved() -> None:
    files = {
        "kustomization.yaml": "resources: [a.yaml]\ntransformers: [t.yaml]\n",
        "a.yaml": CONFIG,
        "t.yaml": "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: t}\npath: https://example.com/patch.yaml\n",
    }
    inline = {"kustomization.yaml": f"resources: [a.yaml]\ntransformers: [{json.dumps(files['t.yaml'])}]\n"}

    for tree in (files, {**files, **inline}):
        found = plan(flux("{}"), Tree(snapshot(tree)))

        assert isinstance(found, Unresolved)
        assert "https://example.com/patch.yaml" in found.why


URLS = st.sampled_from(
    [
        "https://x.invalid/a.yaml",
        "HTTP://x.invalid/a.yaml",
        "git::https://x.invalid/a",
        "git@x.invalid:a/b",
        "me@x.invalid/a/b",
        "github.com/x.invalid/b?ref=main",
        "ssh://x.invalid/a",
        "https://x.invalid/a\nb",
    ]
)
LOCAL = st.sampled_from(["a.yaml", "../base", "../none", "part"])
ENTRIES = st.lists(st.one_of(URLS, LOCAL), max_size=4)
FILES = st.lists(st.one_of(URLS, LOCAL, URLS.map("key={}".format), LOCAL.map("key={}".format)), max_size=4)
PATHS = st.lists(st.builds(lambda path: {"path": path}, st.one_of(URLS, LOCAL)), max_size=3)
GENERATORS = st.lists(
    st.fixed_dictionaries({"name": st.just("g")}, optional={"files": FILES, "envs": ENTRIES, "env": URLS}), max_size=2
)
FIELDS = {
    **dict.fromkeys(("resources", "bases", "components", "crds", "configurations", "generators"), ENTRIES),
    **dict.fromkeys(("transformers", "validators", "patchesStrategicMerge"), ENTRIES),
    **dict.fromkeys(("patches", "patchesJson6902", "replacements"), PATHS),
    **dict.fromkeys(("configMapGenerator", "secretGenerator"), GENERATORS),
    "openapi": st.builds(lambda path: {"path": path}, URLS),
}
KUSTOMIZATIONS = st.fixed_dictionaries({}, optional=dict(FIELDS))
SPELLINGS = st.sampled_from([str, str.upper, str.capitalize])


def _holds(found: Plan, text: str) -> bool:
    return any(text.encode() in (blob.data or b"") for blob in found.build.files.values())


@given(root=KUSTOMIZATIONS, base=KUSTOMIZATIONS, spelled=SPELLINGS, components=ENTRIES)
def test_no_remote_reference_ever_reaches_the_process(
    root: dict[str, Value], base: dict[str, Value], spelled: type[str], components: list[Value]
) -> None:
    resources = [*_list(root.get("resources")), "../base"]
    files = {
        "apps/kustomization.yaml": json.dumps({spelled(k): v for k, v in {**root, "resources": resources}.items()}),
        "base/kustomization.yaml": json.dumps({spelled(k): v for k, v in base.items()}),
        "apps/a.yaml": CONFIG,
        "apps/part/kustomization.yaml": json.dumps({"kind": "Component", **base}),
    }
    spec: Body = {"path": "apps", "components": components}

    found = plan(flux(json.dumps(spec)), Tree(snapshot(files)))

    named = bool(found.remote) if isinstance(found, Plan) else True
    assert not isinstance(found, Plan) or not _holds(found, "x.invalid")
    assert named == ("x.invalid" in json.dumps([root, base, components])) or not isinstance(found, Plan)


def _list(value: Value) -> list[Value]:
    return value if isinstance(value, list) else []
