"""The messages are those of kustomize 5.8, with paths as fluxbot shows them."""

from __future__ import annotations

import pytest

from bot.flux.failure import Failure, entry_line, read_failure

DEEPER = (
    "accumulating resources: accumulation err='accumulating resources from '../base': read apps/base: is a directory': "
    "recursed accumulation of path 'apps/base': "
)


def test_a_file_that_is_missing_is_named_without_the_attempts_to_read_it() -> None:
    message = (
        "accumulating resources: accumulation err='accumulating resources from 'servcie.yaml': open apps/servcie.yaml: "
        "no such file or directory': must build at directory: not a valid directory: evalsymlink failure on "
        "'apps/servcie.yaml' : lstat apps/servcie.yaml: no such file or directory"
    )

    assert read_failure(message) == Failure("servcie.yaml: no such file or directory", None, "servcie.yaml")


def test_the_innermost_kustomization_is_the_one_that_failed() -> None:
    message = DEEPER + "accumulating resources: accumulating resources from 'a.yaml': MalformedYAMLError: yaml: line 2"

    assert read_failure(message) == Failure("a.yaml: MalformedYAMLError: yaml: line 2", "apps/base", "a.yaml")


def test_a_kustomization_that_cannot_be_read_is_the_one_that_failed() -> None:
    message = DEEPER.replace("recursed accumulation of", "couldn't make target for") + 'unknown field "resourcez"'

    assert read_failure(message) == Failure('unknown field "resourcez"', "apps/base", "resourcez:")


@pytest.mark.parametrize(
    ("complaint", "entry"),
    [
        ("failed to get the patch file from path(replicas.yaml): evalsymlink failure", "replicas.yaml"),
        ("loading KV pairs: file sources: [config/app.ini]: evalsymlink failure", "app.ini"),
        (
            "components: must build at directory: not a valid directory: evalsymlink failure on 'parts/tls'",
            "tls",
        ),
        (
            'no resource matches strategic merge patch "Deployment.v1.apps/podinfo-web.default": no matches',
            "podinfo-web",
        ),
        ('invalid Kustomization: json: unknown field "kind\\u200b"', "kind\u200b:"),
        ('invalid Kustomization: json: unknown field "a\\"b\\U000e0001"', 'a\\"b\\U000e0001:'),
        ("something that nobody has seen before", ""),
    ],
)
def test_what_is_to_blame_is_read_from_other_complaints_too(complaint: str, entry: str) -> None:
    assert read_failure(complaint) == Failure(complaint, None, entry)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("resources:\n  - other-tls\n  - tls\n", 3),
        ("components: [../tls]\n", 1),
        ("resources:\n  - base # and tls\n", None),
        ("patches:\n  - path: 'tls'\n", 2),
    ],
)
def test_an_entry_is_found_alone_or_at_the_end_of_a_path(text: str, line: int | None) -> None:
    assert entry_line(text, "tls") == line


def test_no_entry_has_no_line() -> None:
    assert entry_line("resources: []\n", "") is None
