"""`.fluxbot.yaml`: what it says, and what is wrong in it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import find_config, read_config
from bot.model.config import ClusterConfig, Config, Ignore
from bot.model.finding import Severity
from bot.model.snapshot import Blob, Snapshot

RULES = ("crd-unknown", "depends-on-redundant", "reference-not-ordered")
TODAY = date(2026, 6, 1)
PATH = ".fluxbot.yaml"


def parsed(text: str) -> Config:
    return read_config(PATH, text.encode(), rules=RULES, today=TODAY)


def problems(text: str) -> list[str]:
    return [str(problem) for problem in parsed(text).problems]


def test_the_example_of_the_manual_is_read_without_a_problem() -> None:
    config = parsed(
        """\
version: 1
gate: {fresh: error, running: warning}
on-incomplete: fail
clusters:
  - root: ./clusters/production/
    flux: "2.9"
    branch: main
    variables: {CLUSTER_NAME: production}
    provided:
      crds: ["*.monitoring.coreos.com", "Gateway.gateway.networking.k8s.io"]
      namespaces: [kube-system]
      objects: [Secret/flux-system/cluster-secrets, StorageClass/local-path]
rules: {depends-on-redundant: note, reference-not-ordered: warning, crd-unknown: "off"}
soft: ["ServiceMonitor.monitoring.coreos.com"]
ignore: [{rule: crd-unknown, about: Kustomization/flux-system/legacy, reason: "by hand", until: 2027-01-31}]
charts: {allow: [GHCR.io, charts.example.org]}
comment: always
"""
    )

    assert config == Config(
        gate_fresh=Severity.ERROR,
        gate_running=Severity.WARNING,
        on_incomplete="fail",
        clusters=(
            ClusterConfig(
                "clusters/production",
                flux="2.9",
                branch="main",
                variables={"CLUSTER_NAME": "production"},
                crds=("*.monitoring.coreos.com", "Gateway.gateway.networking.k8s.io"),
                namespaces=("kube-system",),
                objects=("Secret/flux-system/cluster-secrets", "StorageClass/local-path"),
            ),
        ),
        rules={
            "depends-on-redundant": Severity.NOTE,
            "reference-not-ordered": Severity.WARNING,
            "crd-unknown": Severity.OFF,
        },
        soft=("ServiceMonitor.monitoring.coreos.com",),
        ignore=(Ignore("crd-unknown", "Kustomization/flux-system/legacy", "by hand", date(2027, 1, 31), 15),),
        chart_hosts=("ghcr.io", "charts.example.org"),
        comment="always",
    )


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n", "clusters:\nrules:\n"])
def test_a_file_that_says_nothing_is_the_same_as_none(text: str) -> None:
    assert parsed(text) == Config()


@pytest.mark.parametrize("word", ["off", '"off"', "false", "False"])
def test_a_bare_off_and_false_turn_a_rule_off(word: str) -> None:
    config = parsed(f"rules: {{crd-unknown: {word}}}")

    assert config.rules == {"crd-unknown": Severity.OFF}
    assert config.problems == ()


def test_never_is_a_gate_that_nothing_fails() -> None:
    assert parsed("gate: {fresh: never}").gate_fresh is Severity.OFF


def test_an_empty_list_of_soft_kinds_is_not_the_default_list() -> None:
    assert parsed("soft: []").soft == ()
    assert parsed("comment: auto").soft is None


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_key() -> None:
    assert problems("version: 1\ncoment: always\n") == [
        ".fluxbot.yaml:2: `coment` is not a key of the file; the nearest is `comment`"
    ]


def test_an_unknown_key_deep_inside_is_named_too() -> None:
    text = "clusters:\n  - root: a\n    provided:\n      crd: []\n"

    assert problems(text) == [
        ".fluxbot.yaml:4: `crd` is not a key of `clusters[0].provided`; the nearest is `crds`",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("version: 2", "`version` is `2`, but must be `1`"),
        ("version: true", "`version` is `true`, but must be `1`"),
        ("gate: error", "`gate` is `error`, but must be a mapping"),
        ("gate: {fresh: note}", "`gate.fresh` is `note`, but must be one of `error`, `warning`, `never`"),
        ("on-incomplete: no", "`on-incomplete` is `no`, but must be one of `ignore`, `warn`, `fail`"),
        ("clusters: {}", "`clusters` is a mapping, but must be a list"),
        ("clusters: [a]", "`clusters[0]` is `a`, but must be a mapping"),
        ("clusters: [{flux: '2.9'}]", "`clusters[0]` has no `root`, so it does not count"),
        ("clusters: [{root: ../x}]", "`../x` lies outside of the repository"),
        ("rules: {crd-unknown: fatal}", "but must be one of `off`, `note`, `warning`, `error`"),
        ("rules: {crd-unknown: }", "`rules.crd-unknown` is empty"),
        ("rules: {crd-unknwn: note}", "`crd-unknwn` is not a rule; the nearest is `crd-unknown`"),
        ("rules: {'CRD unknown': note}", "`CRD unknown` in `rules` must be the id of a rule, such as `crd-unknown`"),
        ("soft: [1]", "`soft[0]` is `1`, but must be a kind such as"),
        ("charts: {allow: ['https://ghcr.io/x']}", "`https://ghcr.io/x`, but must be a host such as"),
        ("- a", "the file must be a mapping of keys such as `version: 1`"),
        ("version: 1\n---\nversion: 1", "only the first document of the file counts"),
        ("version: 1\nversion: 1", 'mapping key "version" already defined at line 1'),
        ("clusters: [", "while parsing"),
    ],
)
def test_a_mistake_is_one_problem_that_says_what_is_expected(text: str, problem: str) -> None:
    (found,) = parsed(text).problems

    assert problem in found.message


def test_a_version_of_flux_without_quotes_is_refused_because_yaml_makes_a_number_of_it() -> None:
    config = parsed("clusters:\n  - root: clusters/a\n    flux: 2.10\n")

    assert [str(problem) for problem in config.problems] == [
        '.fluxbot.yaml:3: `clusters[0].flux` is `2.1`, but must be a version such as `"2.9"`; put it in quotes'
    ]
    assert config.clusters == (ClusterConfig("clusters/a"),)


def test_the_rest_of_the_file_counts_beside_a_mistake() -> None:
    config = parsed("gate: 5\nrules: {crd-unknown: note, nothing: error}\ncomment: never\n")

    assert (config.rules, config.comment) == ({"crd-unknown": Severity.NOTE}, "never")
    assert [problem.line for problem in config.problems] == [1, 2]


def test_the_same_cluster_twice_counts_once() -> None:
    config = parsed("clusters:\n  - root: clusters/a\n    branch: main\n  - root: ./clusters/a/\n")

    assert config.clusters == (ClusterConfig("clusters/a", branch="main"),)
    assert [problem.line for problem in config.problems] == [4]


def test_the_root_of_the_repository_is_a_cluster_like_any_other() -> None:
    assert parsed("clusters: [{root: .}]").clusters == (ClusterConfig(""),)


def test_an_ignore_counts_on_its_last_day_and_not_a_day_longer() -> None:
    text = "ignore:\n  - {rule: crd-unknown, about: Kustomization/a/b, reason: x, until: %s}\n"

    last_day, day_after = parsed(text % "2026-06-01"), parsed(text % "2026-05-31")

    assert [ignore.until for ignore in last_day.ignore] == [TODAY]
    assert day_after.ignore == ()
    assert [str(problem) for problem in day_after.problems] == [
        ".fluxbot.yaml:2: expired on 2026-05-31: `crd-unknown` about `Kustomization/a/b` is no longer ignored"
    ]


@pytest.mark.parametrize("until", ["tomorrow", "2026-02-30", "20270131", "2027-1-31", "[2027]", "5"])
def test_an_ignore_until_no_day_at_all_does_not_count(until: str) -> None:
    config = parsed(f"ignore:\n  - {{rule: crd-unknown, about: Kind/x, reason: x, until: {until}}}\n")

    assert config.ignore == ()
    assert [problem.line for problem in config.problems] == [2]


@pytest.mark.parametrize(
    "entry",
    [
        "{about: Kind/x, reason: x}",
        "{rule: crd-unknown, reason: x}",
        "{rule: crd-unknown, about: Kind/x}",
        "{rule: crd-unknown, about: Kind/x, reason: ' '}",
        "{rule: crd-unknown, about: x, reason: x}",
        "{rule: crd-unknow, about: Kind/x, reason: x}",
    ],
)
def test_an_ignore_that_is_not_whole_does_not_count(entry: str) -> None:
    config = parsed(f"ignore:\n  - {{rule: crd-unknown, about: Kind/other, reason: x}}\n  - {entry}\n")

    assert [ignore.about for ignore in config.ignore] == ["Kind/other"]
    assert {problem.line for problem in config.problems} == {3}


def test_the_same_ignore_twice_is_said() -> None:
    entry = "{rule: crd-unknown, about: Kind/x, reason: %s}"
    config = parsed(f"ignore:\n  - {entry % 'first'}\n  - {entry % 'second'}\n")

    assert [(ignore.reason, ignore.line) for ignore in config.ignore] == [("first", 2)]
    assert [str(problem) for problem in config.problems] == [
        ".fluxbot.yaml:3: `crd-unknown` about `Kind/x` is ignored above already"
    ]


def test_the_line_of_an_entry_stays_right_behind_one_that_is_wrong() -> None:
    config = parsed("ignore:\n  - 5\n  - {rule: crd-unknown, about: Kind/x, reason: x}\n")

    assert [ignore.line for ignore in config.ignore] == [3]


def test_a_name_in_the_file_cannot_leave_its_code_span() -> None:
    (problem,) = parsed('"a` @everyone\\u202e": 1\n').problems

    assert problem.message.startswith("`a\\u0060 @everyone\\u202e` is not a key of the file")


@pytest.mark.parametrize("data", [None, b"#" * 100_001])
def test_a_file_that_is_too_large_is_a_problem_and_counts_as_empty(data: bytes | None) -> None:
    config = read_config(PATH, data, rules=RULES, today=TODAY)

    assert [str(problem) for problem in config.problems] == [
        ".fluxbot.yaml:1: the file is larger than 100,000 bytes and is not read"
    ]


@pytest.mark.parametrize("text", ["clusters: [", "version: 1\nversion: 1", "- a", "#" * 100_001])
def test_a_file_that_cannot_be_read_at_all_is_told_from_one_with_mistakes(text: str) -> None:
    assert not parsed(text).readable
    assert parsed("coment: never").readable


def test_thousands_of_mistakes_are_a_short_list() -> None:
    text = "x: &x [" + ",".join(["{}"] * 300) + "]\nclusters: *x\nignore: *x\n"

    config = parsed(text)

    assert len(config.problems) == 51
    assert any("more problems are not listed" in problem.message for problem in config.problems)


def test_many_aliases_of_many_mistakes_are_read_within_bounds() -> None:
    wrong = ",".join(["[]"] * 400)
    text = f"a: &a {{root: x, provided: {{crds: &c [{wrong}], namespaces: *c, objects: *c}}}}\n"
    text += "clusters: [" + ",".join(["*a"] * 50) + "]\n"

    config = parsed(text)

    assert len(config.problems) == 51


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    read_config(PATH, data, rules=RULES, today=TODAY)


KEYS = st.sampled_from(
    (
        *("version", "gate", "fresh", "clusters", "root", "variables", "provided", "crds", "rules", "crd-unknown"),
        *("ignore", "rule", "about", "reason", "until", "charts", "allow", "soft", "comment", "x", ""),
    )
)
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates() | st.just("crd-unknown")
)
SHAPES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


def written(value: object) -> str:
    """Flow YAML, quoted only where it has to be."""
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{key}": {written(item)}' for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return str(value).replace("'", "") if not isinstance(value, str) else "'" + value.replace("'", "''") + "'"


@given(st.dictionaries(KEYS, SHAPES, max_size=6))
def test_no_shape_makes_it_raise_and_every_problem_has_a_line_of_the_file(body: dict[str, object]) -> None:
    text = "\n".join(f'"{key}": {written(value)}' for key, value in body.items())

    config = parsed(text)

    assert all(1 <= problem.line <= text.count("\n") + 1 for problem in config.problems)
    assert all("\n" not in problem.message for problem in config.problems)


def snapshot(**files: bytes | None) -> Snapshot:
    return Snapshot("head", {path: Blob(path, len(data or b""), data) for path, data in files.items()})


def test_the_file_at_the_root_comes_before_the_one_of_the_github_folder() -> None:
    both = snapshot(**{".github/.fluxbot.yaml": b"b", ".fluxbot.yml": b"a"})

    assert find_config(both) == (".fluxbot.yml", b"a")


def test_a_file_in_the_github_folder_is_found() -> None:
    assert find_config(snapshot(**{".github/.fluxbot.yml": b"a"})) == (".github/.fluxbot.yml", b"a")


def test_a_file_too_large_to_read_is_found_without_its_content() -> None:
    assert find_config(snapshot(**{".fluxbot.yaml": None})) == (".fluxbot.yaml", None)


def test_a_repository_without_the_file_has_none() -> None:
    assert find_config(snapshot(**{"clusters/.fluxbot.yaml": b"a"})) is None
