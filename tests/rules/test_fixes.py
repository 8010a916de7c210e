"""What the fixes of each rule make of its cases, byte for byte, and the laws that hold for all of them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from bot.app.local import hold
from bot.bootstrap import answerer
from bot.fixes.overlay import patched
from bot.fixes.patch import changed, diff
from bot.fixes.remedies import REMEDIES, TREE_REMEDIES
from bot.fixing import with_fixes
from bot.model.finding import Finding
from bot.model.fix import Safety
from bot.model.snapshot import Snapshot
from bot.ports import Answerer
from bot.wanted import Offer
from tests.rules.cases import RuleCase, asked, cases, compared, examined

SPEAKING = [case for case in cases() if case.speaks]
every_speaking_case = pytest.mark.parametrize("case", SPEAKING, ids=str)
every_fixed_case = pytest.mark.parametrize("case", [case for case in SPEAKING if case.fixed.exists()], ids=str)


@pytest.fixture(scope="session")
def answering(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Answerer:
    """Real builds, each done once: all workers of a run share the folder with the answers."""
    own = tmp_path_factory.getbasetemp()
    return answerer(cached=True, jobs=2, folder=(own if worker_id == "master" else own.parent) / "answers")


def offer(case: RuleCase, answering: Answerer) -> Offer:
    """All fixes of the findings of the case's own rule."""
    question = asked(case.head, case.base)
    conversation = with_fixes(question, examined(case, answering), lambda finding: finding.rule == case.rule)
    return hold(conversation, 1_000, answering, lambda _done, _asked: None)


def safe(offer: Offer) -> list[Finding]:
    return [one for one in offer.examination.review.findings if one.fix and one.fix.safety is Safety.SAFE]


@every_speaking_case
def test_the_fixes_change_exactly_the_files_in_fixed(
    case: RuleCase, answering: Answerer, request: pytest.FixtureRequest
) -> None:
    found = offer(case, answering)
    after = {path: found.whole.data(path) for path in changed(case.head, found.whole)}

    if request.config.getoption("--accept"):
        write(case.fixed, after)
    written = {str(one.relative_to(case.fixed)): one.read_bytes() for one in case.fixed.rglob("*") if one.is_file()}
    assert written == {path: data for path, data in after.items() if data is not None}


@pytest.mark.parametrize("rule", sorted({*REMEDIES, *TREE_REMEDIES}))
def test_every_rule_that_can_be_mended_shows_how(rule: str, answering: Answerer) -> None:
    found = [
        one for case in SPEAKING if case.rule == rule for one in offer(case, answering).examination.review.findings
    ]

    fixes = [one.fix for one in found if one.rule == rule and one.fix]
    assert fixes
    assert all(one.steps if one.safety is Safety.STAGED else one.patch for one in fixes)


def write(folder: Path, files: dict[str, bytes | None]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for path, data in files.items():
        if data is not None:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)


@every_fixed_case
def test_what_a_fix_resolves_is_gone_and_nothing_new_has_come(case: RuleCase, answering: Answerer) -> None:
    found = offer(case, answering)
    before = {one.fingerprint for one in examined(case, answering).review.findings}

    after = {one.fingerprint for one in compared(found.whole, case.base, answering).review.findings}

    resolved = {one.fingerprint for one in safe(found)}
    assert resolved
    assert not after & resolved
    assert after <= before


@every_fixed_case
def test_each_fix_stands_alone_and_cures_all_that_it_says(case: RuleCase, answering: Answerer) -> None:
    before = {one.fingerprint for one in examined(case, answering).review.findings}
    found = safe(offer(case, answering))
    for one in found:
        tree = with_fix(case.head, one)

        after = {left.fingerprint for left in compared(tree, case.base, answering).review.findings}

        assert one.fix
        cured = [other.fingerprint for other in found if other.id in one.fix.proof.resolves]
        assert one.fingerprint in cured
        assert not after & set(cured)
        assert after <= before


@every_fixed_case
def test_a_fix_that_is_applied_twice_changes_nothing_more(case: RuleCase, answering: Answerer) -> None:
    for one in safe(offer(case, answering)):
        tree = with_fix(case.head, one)

        assert with_fix(tree, one) == tree


def with_fix(tree: Snapshot, finding: Finding) -> Snapshot:
    assert finding.fix
    done = patched(tree, finding.fix.amendments)
    assert isinstance(done, Snapshot)
    return done


@every_fixed_case
def test_git_applies_the_patch(case: RuleCase, answering: Answerer, tmp_path: Path) -> None:
    found = offer(case, answering)
    shutil.copytree(case.folder / "head", tmp_path / "tree")

    patch = diff(case.head, found.whole).encode()
    subprocess.run(("git", "apply", "--check", "-"), cwd=tmp_path / "tree", input=patch, check=True)
    subprocess.run(("git", "apply", "-"), cwd=tmp_path / "tree", input=patch, check=True)

    for path in changed(case.head, found.whole):
        file = tmp_path / "tree" / path
        assert (file.read_bytes() if file.exists() else None) == found.whole.data(path)
