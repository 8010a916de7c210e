from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from bot.cli import main
from bot.config import read_config
from bot.manifest.documents import read
from bot.model.field import Value
from bot.rules import RULES
from tests.example_repository import BASE_BRANCH, EXAMPLE, commit, create

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
LINKING = (README, *sorted((ROOT / "docs").glob("*.md")))
_REVIEW = re.compile(r"(?<=```text\n).*?(?=```\n)", re.DOTALL)
_SECONDS = re.compile(r"\d+\.\d s$", re.MULTILINE)


def test_the_review_in_the_readme_is_the_one_that_a_user_gets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    create(tmp_path / "fleet")
    commit(tmp_path / "fleet", "base", BASE_BRANCH, "cert-manager and an app")
    commit(tmp_path / "fleet", "head", "issuer", "issuer: Add it beside cert-manager")

    status = main(["review", str(tmp_path / "fleet"), "--base", BASE_BRANCH, "--no-cache"])

    said = _SECONDS.sub("0.6 s", capsys.readouterr().out)
    if request.config.getoption("--accept"):
        README.write_text(_REVIEW.sub(lambda _: said, README.read_text(), count=1))
    assert (status, _REVIEW.findall(README.read_text())) == (1, [said])


def test_the_repaired_example_is_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    create(tmp_path / "fleet")
    commit(tmp_path / "fleet", "base", BASE_BRANCH, "cert-manager and an app")
    commit(tmp_path / "fleet", "fixed", "issuers", "issuers: Add one that waits for cert-manager")

    status = main(["review", str(tmp_path / "fleet"), "--base", BASE_BRANCH, "--no-cache"])

    assert (status, capsys.readouterr().out.partition(" · ")[0]) == (0, "fluxbot: no findings")


def test_the_files_in_the_readme_are_excerpts_of_the_example() -> None:
    shown = _blocks(README, "yaml")[0]

    for part in shown.split("---\n"):
        path = part.splitlines()[0].removeprefix("# ")
        [excerpt], [whole] = (read(data).documents for data in (part.encode(), (EXAMPLE / "head" / path).read_bytes()))
        assert _is_part(excerpt.body, whole.body), path


def test_the_change_of_the_example_is_the_one_file_that_the_readme_speaks_of() -> None:
    base, head = (
        {path.relative_to(EXAMPLE / state): path.read_text() for path in (EXAMPLE / state).rglob("*.yaml")}
        for state in ("base", "head")
    )

    assert {str(path) for path in head if base.get(path) != head[path]} == {"infra/issuer.yaml"}
    assert base.keys() <= head.keys()


@pytest.mark.parametrize("page", [README, ROOT / "docs" / "configuration.md"], ids=lambda page: page.name)
def test_every_configuration_in_the_manual_is_read_without_a_problem(page: Path) -> None:
    examples = [block for block in _blocks(page, "yaml") if block.startswith("version: 1\n")]

    problems = [
        str(problem)
        for text in examples
        for problem in read_config(
            ".fluxbot.yaml", text.encode(), rules={rule.id for rule in RULES}, today=date(2026, 1, 1)
        ).problems
    ]
    assert (bool(examples), problems) == (True, [])


@pytest.mark.parametrize("page", LINKING, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    targets = re.findall(r"\]\((?!\w+://)([^)#]+)", page.read_text())

    assert [target for target in targets if not (page.parent / target).exists()] == []


def _blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```\n", page.read_text(), re.DOTALL)


def _is_part(part: Value, whole: Value) -> bool:
    """Whether a value says nothing that another does not say too."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(
            key in whole and _is_part(value, whole[key]) for key, value in part.items()
        )
    return part == whole
