"""No `.fluxbot.yaml` whatever makes reading it fail, and what is read of it always serves a review."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.app.local import drive
from bot.config import LARGEST, MOST_PROBLEMS, read_config
from bot.engine import Question
from bot.manifest.documents import read
from bot.model.config import Config
from bot.model.finding import Severity
from bot.report.check import Setting, publication
from bot.rules import RULES
from tests.hostile.cases import WHOLE_SUITE, no_longer_than, strangers
from tests.hostile.flux_trees import ODD, STEPS, Choice, Files, honest, mutated
from tests.hostile.odd_values import CONFIG, DAMAGE
from tests.hostile.playing_answerer import PlayingAnswerer
from tests.hostile.test_any_manifests import BASE

pytestmark = pytest.mark.timeout(WHOLE_SUITE)

TODAY = date(2026, 11, 25)
IDS = {rule.id for rule in RULES}
WHOLE = """
version: 1
gate: {fresh: error, running: never}
on-incomplete: fail
clusters:
  - root: clusters/main
    flux: "2.6"
    branch: main
    variables: {cluster: main, region: eu}
    provided:
      crds: ["*.monitoring.coreos.com", Gateway.gateway.networking.k8s.io]
      namespaces: [apps]
      objects: [Secret/flux-system/secrets, Namespace/apps]
rules: {crd-unknown: "off", build-fails: warning, depends-on-cycle: note}
soft: [ServiceMonitor.monitoring.coreos.com]
ignore:
  - {rule: crd-not-ordered, about: Kustomization/flux-system/apps, reason: known, until: 2027-01-31}
  - rule: depends-on-cycle
    about: Kustomization/tenants/tenant
    reason: |-
      they are installed by hand
charts: {allow: [charts.example.org, "ghcr.io:443"]}
comment: always
"""


def only_config(files: Files) -> Files:
    """A repository of which only the configuration is left, so that every mutation meets it."""
    files.documents = {CONFIG: [copy.deepcopy(read(WHOLE.encode()).documents[0].body)]}
    files.texts.clear()
    return files


TORN = st.lists(st.tuples(st.integers(0, len(WHOLE)), st.sampled_from(DAMAGE)), max_size=4)
TEXTS = ODD | st.text(max_size=20)


def torn(pieces: Sequence[tuple[int, bytes]]) -> bytes:
    text = WHOLE.encode()
    for at, piece in pieces:
        text = text[:at] + piece + text[at:]
    return text


def checked(data: bytes) -> Config:
    """The configuration, with what holds of each."""
    config = read_config(CONFIG, data, rules=IDS, today=TODAY)
    lines = max(data.count(b"\n"), data.decode("utf-16", "replace").count("\n")) + 1
    assert all(1 <= problem.line <= lines for problem in config.problems)
    assert all(problem.message and "\n" not in problem.message for problem in config.problems)
    assert len(config.problems) <= MOST_PROBLEMS + len(read(data).documents) + 2
    assert set(config.rules) <= IDS
    assert all(isinstance(severity, Severity) for severity in (config.gate_fresh, config.gate_running))
    assert all(not cluster.root.startswith(("/", "../")) and cluster.root != ".." for cluster in config.clusters)
    assert all(ignore.rule in IDS and ignore.reason.strip() for ignore in config.ignore)
    assert config.readable or config == Config(problems=config.problems, readable=False)
    return config


@strangers()
@given(
    data=st.binary(max_size=200)
    | TORN.map(torn)
    | STEPS.map(lambda steps: mutated(steps, only_config(honest())).text(CONFIG))
    | st.tuples(TEXTS, TEXTS).map(lambda pair: f"{pair[0]}: {pair[1]}".encode("utf-8", "surrogatepass"))
)
def test_no_configuration_makes_reading_fail_and_every_problem_stands_on_a_line_of_the_file(data: bytes) -> None:
    with no_longer_than(5):
        checked(data)


@strangers(share=10)
@given(steps=STEPS, pieces=TORN)
def test_whatever_is_read_of_a_configuration_serves_a_review(
    steps: Sequence[tuple[int, Choice]], pieces: Sequence[tuple[int, bytes]]
) -> None:
    data = torn(pieces) if pieces else mutated(steps, only_config(honest())).text(CONFIG)

    with no_longer_than(10):
        config = checked(data)
        examination = drive(Question(BASE, None, config, TODAY), PlayingAnswerer(), lambda _done, _asked: None)
        published = publication(examination.review, Setting(config.comment))

    assert examination.review.crashed == ()
    assert published.summary


def test_an_alias_bomb_and_ten_megabytes_are_read_within_bounds() -> None:
    levels = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))
    bomb = f"a0: &a0 [x, x]\n{levels}\nclusters: *a11\n".encode()

    with no_longer_than(5):
        problems = [checked(data).problems for data in (bomb, b"# " + b"x" * 10_000_000, b"\x7fELF" + bytes(500))]

    assert [len(found) for found in problems] == [1, 1, 1]
    assert f"{LARGEST:,}" in problems[1][0].message
