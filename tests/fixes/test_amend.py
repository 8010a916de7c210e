"""An edit changes what it should and nothing else."""

from __future__ import annotations

import pytest

from bot.manifest.amend import amended
from bot.manifest.splice import CannotEditError
from bot.model.fix import Append, Cut, Drop, Put, Spot

HERE = Spot("apps.yaml", 0)
LIST = ("spec", "dependsOn")
ENTRY = {"name": "base"}


def appended(text: str, spot: Spot = HERE, order: tuple[str, ...] = ()) -> str:
    change = Append(spot, LIST, dict(ENTRY), order)
    once = amended(text.encode(), change)
    assert amended(once, change) == once, "a second time changes nothing"
    return once.decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "spec:\n  dependsOn:\n    - name: a\n  path: x\n",
            "spec:\n  dependsOn:\n    - name: a\n    - name: base\n  path: x\n",
        ),
        ("spec:\n  dependsOn:\n  - name: a # why\n", "spec:\n  dependsOn:\n  - name: a # why\n  - name: base\n"),
        (
            "spec:\n  dependsOn:\n    - name: a\n    # - name: b\n",
            "spec:\n  dependsOn:\n    - name: a\n    - name: base\n    # - name: b\n",
        ),
        (
            "spec:\n  dependsOn:\n    - name: a\n      # namespace: b\n",
            "spec:\n  dependsOn:\n    - name: a\n      # namespace: b\n    - name: base\n",
        ),
        ("spec:\n  dependsOn:\n    - {name: a}\n", "spec:\n  dependsOn:\n    - {name: a}\n    - {name: base}\n"),
        ('spec:\n  dependsOn:\n    - name: "a"\n', 'spec:\n  dependsOn:\n    - name: "a"\n    - name: "base"\n'),
        ("spec: {dependsOn: [{name: a}]}\n", "spec: {dependsOn: [{name: a}, {name: base}]}\n"),
        (
            "spec:\n  dependsOn: [\n    {name: a}, # first\n  ]\n",
            "spec:\n  dependsOn: [\n    {name: a}, # first\n    {name: base},\n  ]\n",
        ),
        (
            "spec:\n  dependsOn: [\n    {name: a} # first\n  ]\n",
            "spec:\n  dependsOn: [\n    {name: a}, # first\n    {name: base}\n  ]\n",
        ),
        ("spec:\n  dependsOn: [] # none\n  path: x\n", "spec:\n  dependsOn: # none\n    - name: base\n  path: x\n"),
        ("spec:\n  dependsOn:\n  path: x\n", "spec:\n  dependsOn:\n    - name: base\n  path: x\n"),
        ("spec:\n  path: x\n", "spec:\n  path: x\n  dependsOn:\n    - name: base\n"),
        ("spec:\n  path: x", "spec:\n  path: x\n  dependsOn:\n    - name: base"),
        ("spec: {path: x}\n", "spec: {path: x, dependsOn: [{name: base}]}\n"),
        ("spec: { path: x }\n", "spec: { path: x, dependsOn: [{ name: base }] }\n"),
        ('{"spec": {\n  "path": "x"\n}}\n', '{"spec": {\n  "path": "x",\n  "dependsOn": [{"name": "base"}]\n}}\n'),
        (
            "spec:\n    path: x\n    checks:\n    - a: b\n",
            "spec:\n    path: x\n    checks:\n    - a: b\n    dependsOn:\n    - name: base\n",
        ),
        ("spec:\r\n  path: x\r\n", "spec:\r\n  path: x\r\n  dependsOn:\r\n    - name: base\r\n"),
        ("\ufeffspec:\n  path: x\n", "\ufeffspec:\n  path: x\n  dependsOn:\n    - name: base\n"),
        ("kind: A\n", "kind: A\nspec:\n  dependsOn:\n    - name: base\n"),
    ],
)
def test_an_entry_is_added_in_the_style_of_its_surroundings(before: str, after: str) -> None:
    assert appended(before) == after


SORTED = """\
spec:
  dependsOn:
    - name: alloy
    # the next one
    - name: cilium # why
    - name: volsync
  path: x
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (SORTED, SORTED.replace("    # the next", "    - name: base\n    # the next")),
        (
            SORTED.replace("alloy", "bees"),
            SORTED.replace("alloy", "bees").replace("    - name: bees", "    - name: base\n    - name: bees"),
        ),
        (
            SORTED.replace("volsync", "atlas"),
            SORTED.replace("volsync", "atlas").replace("  path", "    - name: base\n  path"),
        ),
        (SORTED.replace("    - name: volsync\n", ""), SORTED.replace("    - name: volsync", "    - name: base")),
        (
            SORTED.replace("\n", "\r\n"),
            SORTED.replace("    # the next", "    - name: base\n    # the next").replace("\n", "\r\n"),
        ),
    ],
    ids=["in its place", "first", "not sorted", "too short to tell", "CRLF"],
)
def test_a_list_that_is_sorted_stays_so(before: str, after: str) -> None:
    assert appended(before) == after


def test_the_other_documents_of_a_stream_are_left_alone() -> None:
    text = "# one\nkind: A\n---\nspec:\n  path: x # two\n---\nspec:\n  path: y\n"

    assert appended(text, Spot("apps.yaml", 1)) == text.replace("# two\n", "# two\n  dependsOn:\n    - name: base\n")


def test_a_key_comes_where_the_repository_has_it() -> None:
    text = "spec:\n  interval: 1h\n  path: x\n  prune: true\n"

    assert appended(text, order=("interval", "dependsOn", "path")) == text.replace(
        "  path", "  dependsOn:\n    - name: base\n  path"
    )


def test_an_inline_patch_is_edited_inside_its_text() -> None:
    text = "patches:\n  - patch: |\n      kind: Kustomization\n      spec:\n        wait: true\n    target: {}\n"
    spot = Spot("kustomization.yaml", 0, ("patches", 0, "patch"), ())

    assert appended(text, spot) == text.replace("true\n", "true\n        dependsOn:\n          - name: base\n")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("spec:\n  dependsOn: &all\n    - name: a\nother: *all\n", "shared"),
        ("other: &all\n  - name: a\nspec:\n  dependsOn: *all\n", "alias"),
        ("spec:\n  dependsOn: soon\n", "no list"),
        ("spec: [\n", "cannot be read"),
    ],
)
def test_what_cannot_be_changed_alone_is_refused(text: str, why: str) -> None:
    with pytest.raises(CannotEditError, match=why):
        appended(text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("spec:\n  dependsOn:\n    - name: base\n  path: x\n", "spec:\n  path: x\n"),
        ("spec:\n  dependsOn:\n    - name: base # gone\n    - name: b\n", "spec:\n  dependsOn:\n    - name: b\n"),
        ("spec:\n  dependsOn:\n    - name: b\n    - name: base", "spec:\n  dependsOn:\n    - name: b"),
        ("spec: {dependsOn: [{name: base}, {name: b}], path: x}\n", "spec: {dependsOn: [{name: b}], path: x}\n"),
        ("spec: {path: x, dependsOn: [{name: base}]}\n", "spec: {path: x}\n"),
    ],
)
def test_an_entry_is_taken_out(before: str, after: str) -> None:
    change = Drop(HERE, LIST, dict(ENTRY))

    assert amended(before.encode(), change).decode() == after
    assert amended(after.encode(), change).decode() == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("spec:\n  wait: false # slow\n", "spec:\n  wait: true # slow\n"),
        ("spec:\n  wait:\n", "spec:\n  wait: true\n"),
        ("spec: {path: x}\n", "spec: {path: x, wait: true}\n"),
        ("spec:\n  wait: &on false\nother: 1\n", "spec:\n  wait: &on true\nother: 1\n"),
    ],
)
def test_a_value_is_put(before: str, after: str) -> None:
    assert amended(before.encode(), Put(HERE, ("spec", "wait"), value=True)).decode() == after


def test_a_document_is_cut_with_its_separator() -> None:
    assert amended(b"a: 1\n---\nb: 2\n---\nc: 3\n", Cut("x.yaml", 1)) == b"a: 1\n---\nc: 3\n"
