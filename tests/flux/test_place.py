"""From an object of a cluster to the line that a human wrote."""

from __future__ import annotations

from bot.flux.place import entry_place, place
from bot.model.resource import Origin, Resource, resource
from tests.example_tree import body, snapshot

FILE = """\
# two objects
apiVersion: v1
kind: ConfigMap
metadata:
  name: other
---
# the second
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: apps
spec:
  path: ./apps
  dependsOn:
    - name: infra
    # why
    - name: database
      namespace: data
"""
APPS = """
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata: {name: apps, namespace: flux-system}
    spec: {dependsOn: [{name: infra}, {name: database, namespace: data}, {name: patched}]}
    """
KUSTOMIZE = "kustomize.toolkit.fluxcd.io"


def apps(path: str = "clusters/apps.yaml", name: str = "apps", *, generated: bool = False) -> Resource:
    kind = "ConfigMap" if generated else "Kustomization"
    return resource(body(APPS), Origin(path, "" if generated else KUSTOMIZE, kind, "", name, generated))


def test_an_object_stands_where_its_kind_stands() -> None:
    assert str(place(snapshot({"clusters/apps.yaml": FILE}), apps())) == "clusters/apps.yaml:9"


def test_a_field_stands_at_its_key() -> None:
    found = place(snapshot({"clusters/apps.yaml": FILE}), apps(), ("spec", "path"))

    assert str(found) == "clusters/apps.yaml:13"


def test_a_field_that_is_not_written_stands_at_the_nearest_one_above() -> None:
    found = place(snapshot({"clusters/apps.yaml": FILE}), apps(), ("spec", "healthChecks", 0, "name"))

    assert found.line == 12


def test_an_object_of_a_list_stands_at_its_own_kind() -> None:
    text = "kind: List\nitems:\n- kind: X\n- apiVersion: kustomize.toolkit.fluxcd.io/v1\n  kind: Kustomization\n"
    text += "  metadata: {name: apps}\n"

    assert str(place(snapshot({"clusters/apps.yaml": text}), apps())) == "clusters/apps.yaml:5"


def test_what_a_generator_makes_stands_at_the_generators_name() -> None:
    text = "configMapGenerator:\n- name: first\n- literals: [a=b]\n  name: settings\n"

    found = place(snapshot({"k.yaml": text}), apps("k.yaml", "settings-h2g5k", generated=True))

    assert str(found) == "k.yaml:4"


def test_what_cannot_be_found_stands_at_the_first_line_of_its_file() -> None:
    tree = snapshot({"clusters/apps.yaml": "a: 1\n---\nb: 2\n", "broken.yaml": "a: [\n"})

    assert str(place(tree, apps())) == "clusters/apps.yaml:1"
    assert str(place(tree, apps("broken.yaml"))) == "broken.yaml:1"
    assert str(place(tree, apps("none.yaml"))) == "none.yaml:1"
    assert str(place(tree, apps("broken.yaml", generated=True))) == "broken.yaml:1"


def test_an_entry_of_depends_on_stands_at_its_own_line() -> None:
    tree = snapshot({"clusters/apps.yaml": FILE})

    found = entry_place(tree, apps(), "dependsOn", "database", [])

    assert (str(found), found.end_line) == ("clusters/apps.yaml:17", 18)


def test_an_entry_that_a_patch_brings_stands_in_the_patch() -> None:
    inline = """\
        patches:
        - target: {kind: Kustomization}
          patch: |
            - op: add
              path: /spec/dependsOn/-
              value:
                name: patched
        """
    for patch, line in ((inline, 7), ("spec:\n  dependsOn:\n    - name: 'patched'\n", 3)):
        tree = snapshot({"clusters/apps.yaml": FILE, "clusters/patch.yaml": patch, "clusters/z.yaml": "patched\n"})

        found = entry_place(tree, apps(), "dependsOn", "patched", ["clusters/patch.yaml", "clusters/z.yaml"])

        assert str(found) == f"clusters/patch.yaml:{line}"


def test_a_name_in_a_patch_that_stands_above_the_field_is_not_the_entry() -> None:
    patch = "metadata:\n  name: patched\nspec:\n  dependsOn:\n    - name: patched\n"
    tree = snapshot({"clusters/apps.yaml": FILE, "patch.yaml": patch})

    assert str(entry_place(tree, apps(), "dependsOn", "patched", ["patch.yaml"])) == "patch.yaml:5"


def test_an_entry_that_only_a_variable_can_be_stands_there() -> None:
    text = FILE.replace("name: database", "name: ${DATABASE}")

    found = entry_place(snapshot({"clusters/apps.yaml": text}), apps(), "dependsOn", "postgres", [])

    assert found.line == 17


def test_an_entry_that_nobody_wrote_stands_at_the_spec() -> None:
    tree = snapshot({"clusters/apps.yaml": FILE, "binary.yaml": "dependsOn gone"})

    assert entry_place(tree, apps(), "dependsOn", "gone", ["binary.yaml", "none.yaml"]).line == 12
