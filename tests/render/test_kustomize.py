"""Builds by real kustomize."""

from __future__ import annotations

import hashlib

import pytest

from bot.model.ask import Answer, Build, Limit, Refused, Rendered
from bot.model.snapshot import Blob
from bot.render.cell import Cell
from bot.render.kustomize import Kustomize
from bot.render.landlock import version
from bot.render.limits import Limits

_CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  colour: blue
"""


def blob(text: str) -> Blob:
    return Blob(hashlib.sha256(text.encode()).hexdigest(), len(text), text.encode())


def build(directory: str, *, limits: Limits | None = None, **files: str) -> Answer:
    """The answer for files whose names have ``__`` for ``/`` and no ``.yaml``."""
    named = {name.replace("__", "/") + ".yaml": blob(text) for name, text in files.items()}
    return Kustomize(Cell(limits)).build(Build(directory, named))


def test_a_build_yields_the_documents_that_kustomize_prints() -> None:
    answer = build("app", app__kustomization="namespace: shop\nresources: [../base.yaml]\n", base=_CONFIG)

    assert isinstance(answer, Rendered)
    assert [document.body for document in answer.documents] == [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "settings", "namespace": "shop"},
            "data": {"colour": "blue"},
        }
    ]


def test_the_text_is_kept_of_those_documents_that_hold_a_dollar() -> None:
    second = _CONFIG.replace("settings", "variables").replace("blue", "${COLOUR}\n  rule: |\n    a\n    ---\n    b")
    answer = build("", kustomization="resources: [a.yaml, b.yaml]\n", a=_CONFIG, b=second)

    assert isinstance(answer, Rendered)
    assert [document.text for document in answer.documents] == [
        "",
        (
            "apiVersion: v1\ndata:\n  colour: ${COLOUR}\n  rule: |\n    a\n    ---\n    b\nkind: ConfigMap\n"
            "metadata:\n  name: variables\n"
        ),
    ]


def test_a_build_of_nothing_yields_no_documents() -> None:
    answer = build("", kustomization="patches: [{patch: '[]', target: {kind: X}}]\nresources: [a.yaml]\n", a="# none\n")

    assert answer == Rendered(())


def test_only_the_files_of_the_question_exist() -> None:
    answer = build("app", app__kustomization="resources: [forgotten.yaml]\n")

    assert isinstance(answer, Refused)
    assert "forgotten.yaml: no such file or directory" in answer.message


@pytest.mark.parametrize(
    "path",
    ["../x.yaml", "/etc/x.yaml", "a/../../x.yaml", "a//b.yaml", "./a.yaml", "", "a\0b", "\udcff.yaml", "x" * 300],
)
def test_a_path_that_leaves_the_tree_is_refused(path: str) -> None:
    files = {"kustomization.yaml": blob("resources: []\n"), path: blob("x: 1\n")}

    assert Kustomize(Cell()).build(Build("", files)) == Refused(f"{path!r} is no path inside the tree")


def test_a_directory_outside_of_the_tree_is_refused() -> None:
    assert build("../..", kustomization="") == Refused("'../..' is no path inside the tree")


def test_a_path_that_is_file_and_directory_is_refused() -> None:
    files = {"a": blob("x"), "a/b/kustomization.yaml": blob("x")}

    assert Kustomize(Cell()).build(Build("a/b", files)) == Refused("a is a file and a directory")


def test_a_file_that_was_not_read_is_a_limit_of_ours_and_no_fault_of_the_repository() -> None:
    answer = Kustomize(Cell()).build(Build("", {"a.yaml": Blob("1" * 40, 20_000_000, None)}))

    assert answer == Refused("a.yaml is larger than fluxbot reads (20,000,000 bytes)", Limit.MEMORY)


def test_a_directory_named_like_a_host_is_a_directory() -> None:
    files = {
        "github.com/acme/app/kustomization.yaml": blob("resources: [a.yaml]\n"),
        "github.com/acme/app/a.yaml": blob(_CONFIG),
    }

    answer = Kustomize(Cell()).build(Build("github.com/acme/app", files))

    assert isinstance(answer, Rendered)


def test_a_remote_base_is_not_fetched() -> None:
    answer = build("", kustomization="resources: [https://example.com/crds.yaml]\n")

    assert isinstance(answer, Refused)


@pytest.mark.skipif(version() == 0, reason="this kernel has no Landlock")
@pytest.mark.parametrize("path", ["/etc/passwd", "../../../../../../etc/passwd", "/proc/self/environ"])
def test_a_generator_cannot_read_a_file_of_this_machine(path: str) -> None:
    answer = build("", kustomization=f"configMapGenerator: [{{name: a, files: [a={path}]}}]\n")

    assert isinstance(answer, Refused)
    assert "permission denied" in answer.message or "no such file" in answer.message


def test_a_build_that_takes_too_long_is_refused_with_its_limit() -> None:
    answer = build("", limits=Limits(seconds=0.001), kustomization="resources: [a.yaml]\n", a=_CONFIG)

    assert answer == Refused("kustomize took longer than 0.001 s", Limit.TIME)


def test_a_build_that_prints_too_much_is_refused_with_its_limit() -> None:
    long = _CONFIG.replace("blue", "x" * 2_000_000)
    answer = build("", limits=Limits(output=1024 * 1024), kustomization="resources: [a.yaml]\n", a=long)

    assert answer == Refused("kustomize printed more than 1 MiB", Limit.OUTPUT)


def test_a_build_that_needs_too_much_memory_is_refused_with_its_limit() -> None:
    limits = Limits(memory=100 * 1024 * 1024)

    answer = build("", limits=limits, kustomization="resources: [a.yaml]\n", a=_CONFIG)

    assert answer == Refused("kustomize needed more than 100 MiB of memory", Limit.MEMORY)


def test_an_error_names_the_file_as_the_repository_does_and_nothing_of_this_machine() -> None:
    answer = build("app", app__kustomization="commonLabels: {a: b}\nresources: [../lib/a.yaml]\n")

    assert answer == Refused(
        "accumulating resources: accumulation err='accumulating resources from '../lib/a.yaml': open lib/a.yaml: "
        "no such file or directory': must build at directory: not a valid directory: evalsymlink failure on "
        "'lib/a.yaml' : lstat lib: no such file or directory"
    )


@pytest.mark.parametrize(
    "kustomization",
    [
        "patches:\n- patch: |\n    this: is [ hunter2\n    more: hunter2\n",
        "patches:\n- patch: |\n    {apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: [hunter2]}\n",
        "secretGenerator:\n- name: x\n  literals: [hunter2]\n",
        "secretGenerator:\n- name: x\n  literals: ['hunter2 \n\n  ]', hunter2]\n",
        "images: hunter2\n",
        "images:\n- newTag: {hunter2: {hunter2: hunter2}}\n",
        "? {hunter2: hunter2}\n: hunter2\n",
        "helmCharts: [{name: x, repo: 'https://example.com', valuesInline: {password: hunter2}}]\n",
        "resources: [b.yaml]\n",
        "resources: [c.yaml]\n",
        "resources: [d.yaml]\n",
    ],
)
def test_an_error_shows_nothing_of_what_stands_in_a_file(kustomization: str) -> None:
    resources = "" if "resources:" in kustomization else "resources: [a.yaml]\n"
    answer = build(
        "",
        kustomization=kustomization + resources,
        a=_CONFIG,
        b="apiVersion: v1\nmetadata: {name: x, labels: {password: hunter2}}\n",
        c="apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData: {{ hunter2 }}: x\n",
        d="apiVersion: v1\nkind: Secret\nmetadata: [hunter2]\n",
    )

    assert isinstance(answer, Refused)
    assert "hunter2" not in answer.message
    assert "\n" not in answer.message
    assert answer.message
