"""What every rule says, word for word, and the laws that hold for all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from bot.bootstrap import answerer
from bot.engine import Examination
from bot.model.finding import Finding, Severity, When
from bot.model.ref import Ref
from bot.ports import Answerer
from bot.rules import RULES
from bot.simulate.case import Case, Rule
from tests.rules.cases import ROOM, RuleCase, cases, compared, examined, reviewed, rewritten, shown, texts

HEADINGS = ["What it does", "Why it matters", "Example", "Instead", "Fix", "Silence it", "References"]
MODULES = Path(__file__).parents[2] / "bot" / "rules"
CASES = cases()

# The change that deletes on the running cluster, and the same aim reached in steps, as it looks at the last one.
STAGED = [
    ("chart-drops-crd", "values-switch-the-crd-off", "ok-helm-was-told-to-keep-it"),
    ("crd-or-namespace-pruned", "a-volume-claim-goes", "ok-the-live-claim-is-protected"),
    ("force-left-on", "a-forced-kustomization-comes-to-hold-a-claim", "ok-force-was-taken-out-before-the-claim-comes"),
    (
        "immutable-field-changed",
        "force-makes-flux-delete-the-claim",
        "ok-the-new-claim-was-there-before-the-forced-one-goes",
    ),
    (
        "immutable-field-changed",
        "a-deployment-gets-another-selector",
        "ok-the-new-deployment-was-there-before-the-old-one-goes",
    ),
    (
        "move-deletes",
        "a-database-leaves-the-kustomization-of-its-operator",
        "ok-the-database-was-protected-before-it-moved",
    ),
    ("operator-removed-first", "an-operator-and-its-database-go-together", "ok-the-database-goes-first"),
    ("owned-twice", "two-apps-bring-one-namespace", "ok-the-other-drops-it-once-it-is-protected"),
    ("release-uninstalled", "a-release-gets-another-name", "ok-the-name-that-helm-knew-is-written-down"),
    ("release-uninstalled", "a-helmrelease-is-renamed", "ok-the-old-release-was-suspended-before"),
    ("rename-deletes", "a-kustomization-gets-a-new-name", "ok-the-old-one-leaves-all-behind"),
    ("set-becomes-empty", "a-list-is-emptied", "ok-what-it-applied-was-protected-before"),
]

every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
every_case = pytest.mark.parametrize("case", CASES, ids=str)
every_speaking_case = pytest.mark.parametrize("case", [case for case in CASES if case.speaks], ids=str)
every_silent_case = pytest.mark.parametrize("case", [case for case in CASES if not case.speaks], ids=str)


@pytest.fixture(scope="session")
def answering(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Answerer:
    """Real builds, each done once: all workers of a run share the folder with the answers."""
    own = tmp_path_factory.getbasetemp()
    return answerer(cached=True, jobs=2, folder=(own if worker_id == "master" else own.parent) / "answers")


@every_case
def test_a_case_says_what_its_golden_says(case: RuleCase, answering: Answerer, request: pytest.FixtureRequest) -> None:
    said = shown(reviewed(case, answering))

    if request.config.getoption("--accept"):
        case.golden.write_text(said)
    assert case.golden.read_text() == said


@every_speaking_case
def test_the_rule_speaks_where_it_should(case: RuleCase, answering: Answerer) -> None:
    findings = examined(case, answering).review.findings

    assert case.rule in {finding.rule for finding in findings}


@every_silent_case
def test_nothing_alarms_where_all_is_well(case: RuleCase, answering: Answerer) -> None:
    findings = examined(case, answering).review.findings

    assert case.rule not in {finding.rule for finding in findings}
    alarming = {finding.rule for finding in findings if finding.severity.rank > Severity.NOTE.rank}
    assert alarming <= case.allowed


@pytest.mark.parametrize(("rule", "change", "staged"), STAGED)
def test_what_a_change_deletes_on_the_running_cluster_lives_where_it_is_staged(
    rule: str, change: str, staged: str, answering: Answerer
) -> None:
    deleting, twin = RuleCase(rule, change), RuleCase(rule, staged)
    assert deleting.base is not None
    assert twin.base is not None

    spoken = [finding for finding in examined(deleting, answering).review.findings if finding.rule == rule]
    assert spoken
    assert all(When.RUNNING in finding.when for finding in spoken)
    assert rule not in {finding.rule for finding in examined(twin, answering).review.findings}


@every_case
def test_a_change_that_changes_nothing_brings_nothing(case: RuleCase, answering: Answerer) -> None:
    review = compared(case.head, case.head, answering).review

    assert review.findings == ()


@every_case
def test_the_order_of_files_and_documents_does_not_matter(case: RuleCase, answering: Answerer) -> None:
    head = case.head
    # What has one document stays the same file, and so does what was built of it.
    several = {path: text for path, text in texts(head).items() if path.endswith(".yaml") and "---\n" in text}
    turned = rewritten(head, {path: _turned(text) for path, text in several.items()})
    shuffled = replace(turned, files=dict(reversed(list(turned.files.items()))))

    findings = compared(shuffled, case.base, answering).review.findings

    assert _facts(findings) == _facts(examined(case, answering).review.findings)


def _turned(text: str) -> str:
    """The documents of a file in reverse order."""
    return "---\n".join(reversed(text.split("---\n")))


def _facts(findings: tuple[Finding, ...]) -> set[tuple[object, ...]]:
    """All that a finding says, except for lines."""
    return {
        (f.fingerprint, f.severity, f.outcome, f.when, f.confidence, f.object, f.provider, f.missing, f.message)
        for f in findings
    }


@every_speaking_case
def test_lines_inserted_above_move_a_finding_and_do_not_make_it_another(case: RuleCase, answering: Answerer) -> None:
    before = examined(case, answering).review.findings
    head = case.head
    places = {finding.at.path for finding in before}
    moved = rewritten(head, {path: "#\n#\n#\n" + text for path, text in texts(head).items() if path in places})

    after = compared(moved, case.base, answering).review.findings

    assert [finding.fingerprint for finding in after] == [finding.fingerprint for finding in before]
    # A file that is to blame as a whole is named by its first line.
    shift = [(old.at.path, old.at.line + 3 if old.at.line > 1 else 1) for old in before]
    assert [(new.at.path, new.at.line) for new in after] == shift


@every_speaking_case
def test_each_place_is_a_line_of_the_object_that_it_is_said_of(case: RuleCase, answering: Answerer) -> None:
    examination = examined(case, answering)

    files = texts(case.head)
    for finding in examination.review.findings:
        document = _document(files[finding.at.path], finding.at.line)
        identity = _identity(document)
        if identity and (finding.object or not finding.limit):  # any file of a build may pass a limit
            refs = {ref for ref in (finding.about, finding.object) if ref}
            assert identity in {(ref.kind, ref.name) for ref in refs} or refs & _filled_in(examination, identity)
        else:
            assert finding.at.path in _read_for(examination, finding)
        for related in finding.related:
            kind, name = _identity(_document(files[related.at.path], related.at.line)) or ("", "")
            made = {f"`{ref}`" for ref in _filled_in(examination, (kind, name))}
            assert re.search(rf"{kind}/(\S+/)?{name}`", related.message) or any(ref in related.message for ref in made)


def _filled_in(examination: Examination, identity: tuple[str, str]) -> set[Ref]:
    """The objects that a ResourceSet of this identity makes: its text is the place of theirs."""
    kind, name = identity
    every = (one for case in examination.cases.values() for one, _ in case.cluster.resources.values())
    made = {one.ref for one in every if one.origin.generated and (one.origin.kind, one.origin.name) == identity}
    return made if kind == "ResourceSet" and name else set()


def _document(text: str, line: int) -> str:
    """The YAML document around a line, counted from 1; the line must not be blank."""
    lines = text.splitlines()
    assert lines[line - 1].strip("- ")
    start = max((n for n in range(line) if lines[n] == "---"), default=-1) + 1
    end = next((n for n in range(line, len(lines)) if lines[n] == "---"), len(lines))
    return "\n".join(lines[start:end])


def _identity(document: str) -> tuple[str, str] | None:
    """Kind and name; None for a kustomization file, and for what is no manifest."""
    try:
        body = yaml.safe_load(document)
    except yaml.YAMLError:
        return None
    if "metadata" not in body or body["apiVersion"].startswith("kustomize.config.k8s.io/"):
        return None
    return body["kind"], body["metadata"]["name"]


def _read_for(examination: Examination, finding: Finding) -> set[str]:
    """The files that the build of the Kustomization consists of, and those of its parents."""
    return {path for one in examination.cases.values() for path in _files(one, finding)}


def _files(one: Case, finding: Finding) -> Iterator[str]:
    node = one.cluster.nodes[finding.about]
    for ref in (finding.about, *node.parents):
        yield from one.cluster.nodes[ref].read


def test_every_module_is_a_rule_and_every_rule_a_module() -> None:
    modules = {path.stem for path in MODULES.glob("*.py")} - {"__init__"}

    assert {rule.check.__module__ for rule in RULES} == {f"bot.rules.{module}" for module in modules}
    assert {rule.id for rule in RULES} == {module.replace("_", "-") for module in modules}


@every_rule
def test_a_rule_is_called_like_its_module(rule: Rule) -> None:
    assert rule.check.__module__ == "bot.rules." + rule.id.replace("-", "_")


def test_every_rule_has_its_folder_of_cases_and_no_folder_is_left_over() -> None:
    folders = {path.name for path in ROOM.iterdir() if path.is_dir() and path.name != "__pycache__"}

    assert folders == {rule.id for rule in RULES}


@every_rule
def test_a_rule_has_a_case_where_it_speaks_and_one_where_it_stays_silent(rule: Rule) -> None:
    assert {case.speaks for case in CASES if case.rule == rule.id} == {True, False}


@every_rule
def test_a_manual_has_its_headings_in_their_order(rule: Rule) -> None:
    assert re.findall(r"^## (.*)$", rule.doc, re.MULTILINE) == HEADINGS


@every_rule
def test_a_module_of_a_rule_is_short(rule: Rule) -> None:
    module = MODULES / (rule.id.replace("-", "_") + ".py")

    assert len(module.read_text().splitlines()) <= 150


@every_case
def test_a_case_is_small(case: RuleCase) -> None:
    sides = [side for side in (case.head, case.base) if side]

    assert all(1 <= len(side.files) <= 6 for side in sides)
