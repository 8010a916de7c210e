"""No value of a manifest, Secret, patch, generator or chart comes out of fluxbot, however the repository is broken."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date

import pytest

from bot.app.explained import explained
from bot.app.local import Wish, audited, drive
from bot.cli import RULE_INFOS
from bot.engine import Examination
from bot.model.ask import Build, Refused, Render
from bot.model.field import Body
from bot.model.snapshot import Blob
from bot.render.answerer import LocalAnswerer
from bot.render.cache import AnswerCache
from bot.render.contents import HIDDEN, without_contents
from bot.report.check import Setting, publication
from bot.report.formats import Format, render_report
from bot.report.graph import GraphFormat, render_graph
from bot.report.page import render_page
from bot.report.page_data import Heading, page_data
from bot.report.svg import render_svg
from bot.review.explain import explain_object, unapplied
from bot.review.picture import picture
from bot.view.viewing import viewed
from tests.secrecy.canaries import DEPLOYMENT, SECRET, SYNC, canary, cases, filled, leaks

ROOT = "clusters/production"
BUILDS = cases("builds")
CHARTS = cases("charts")

KUSTOMIZATION = """\
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: {name}, namespace: flux-system, annotations: {{note: CANARY}}}}
spec:
  interval: 10m
  path: ./{path}
  prune: true
  sourceRef: {{kind: GitRepository, name: flux-system}}
{more}"""
RELEASE = """\
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: {name}, namespace: flux-system}}
spec:
  interval: 10m
  chart: {{spec: {{chart: ./charts/{name}, sourceRef: {{kind: GitRepository, name: flux-system}}}}}}
  values: {{password: CANARY, odd: 'CANARY"x', list: [CANARY], coded: CODED}}
"""
CHART = "apiVersion: v2\nname: {name}\nversion: 1.0.0\ndescription: CANARY\n"


def values() -> Body:
    return {
        "password": canary(),
        "odd": f'{canary()}"x\\{canary()}',
        "list": [canary()],
        "coded": "Y2FuYXJ5LTAtWnE5eA==",
    }


def substituted() -> Iterator[tuple[str, str, str]]:
    """Names, ``postBuild`` and an object of builds whose substitution fails or puts a secret into a name."""
    named = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '${USER}', namespace: '${PASSWORD}'}\ndata: {a: '${USER}'}\n"
    )
    holder = "  postBuild: {substituteFrom: [{kind: Secret, name: credentials}]}\n"
    yield "named", holder, named
    yield "custom", holder, "apiVersion: x.example.org/v1\nkind: Thing\nmetadata: {name: 'x-${USER}'}\nspec: {a: 1}\n"
    yield "operator", holder, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: '${USER:x:y}'}\n"
    yield "open", holder, f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x}}\ndata: {{a: '${{USER {canary()}'}}\n"
    yield (
        "inner",
        f"  postBuild: {{substitute: {{A: '{canary()}: [', B: {canary()}}}}}\n",
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  a: ${A}\n  b: ${B}\n"),
    )
    yield "bad-name", f"  postBuild: {{substitute: {{'a b': {canary()}}}}}\n", named


def files() -> dict[str, str]:
    """The whole repository."""
    found = {f"{ROOT}/flux-system/gotk-sync.yaml": SYNC, f"{ROOT}/secret.yaml": filled(SECRET)}
    applied = ""
    for name, some in BUILDS.items():
        applied += KUSTOMIZATION.format(name=name, path=f"apps/{name}", more="")
        whole = {"deployment.yaml": filled(DEPLOYMENT), "secret.yaml": filled(SECRET), **some}
        found |= {f"apps/{name}/{path}": text for path, text in whole.items()}
    for name, post_build, text in substituted():
        applied += KUSTOMIZATION.format(name=f"substituted-{name}", path=f"substituted/{name}", more=post_build)
        found[f"substituted/{name}/x.yaml"] = text
    for name, some in CHARTS.items():
        applied += RELEASE.format(name=name)
        whole = {"Chart.yaml": CHART.format(name=name), "values.yaml": "default: CANARY\n", **some}
        found |= {f"charts/{name}/{path}": filled(text) for path, text in whole.items()}
    found[f"{ROOT}/apps.yaml"] = filled(applied)
    return found


@pytest.fixture(scope="module")
def examination(tmp_path_factory: pytest.TempPathFactory) -> Examination:
    folder = tmp_path_factory.mktemp("canaries")
    for path, text in files().items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    question = audited(Wish(str(folder), date(2026, 11, 22)))
    return drive(question, LocalAnswerer(AnswerCache()), lambda _done, _asked: None)


def test_most_of_the_builds_and_charts_do_fail(examination: Examination) -> None:
    (cluster,) = examination.review.clusters
    failed = {finding.about.name for finding in examination.review.findings if finding.rule == "build-fails"}

    assert len(failed) > len(BUILDS) / 2
    assert len(cluster.incomplete) > 1


@pytest.mark.parametrize("format", list(Format))
def test_no_report_holds_a_canary(examination: Examination, format: Format) -> None:  # noqa: A002 - as the option
    text = render_report(
        examination.review, format=format, repository="x", seconds=1, colour=False, width=200, rules=RULE_INFOS
    )

    assert "build-fails" in text
    assert leaks(text) == []


def test_neither_the_check_run_nor_the_comment_holds_a_canary(examination: Examination) -> None:
    assert leaks(str(publication(examination.review, Setting("always")))) == []


@pytest.mark.parametrize("format", list(GraphFormat))
def test_no_drawing_holds_a_canary(examination: Examination, format: GraphFormat) -> None:  # noqa: A002 - as the option
    assert leaks(render_graph(picture(examination.cases), format)) == []


def test_neither_a_page_nor_its_drawing_holds_a_canary(examination: Examination) -> None:
    view = viewed(examination.review, examination.cases, examination.before)

    page = render_page(page_data(view, Heading("x")))

    assert "Secret/" in page or "not built" in page
    assert leaks(page) == []
    assert leaks(render_svg(view)) == []


def test_no_explanation_holds_a_canary(examination: Examination) -> None:
    (case,) = examination.cases.values()
    lines = [line.text for ref in case.cluster.resources for line in explain_object(case, ref)]
    lines += [line.text for line in unapplied(examination.cases, "credentials")]

    assert len(lines) > 50
    assert leaks("\n".join(lines)) == []
    assert leaks("\n".join(explained(examination, str(ref), "") for ref in case.cluster.nodes)) == []
    assert leaks(explained(examination, "", "")) == []


def blobs(texts: Mapping[str, str]) -> dict[str, Blob]:
    return {
        path: Blob(hashlib.sha256(text.encode()).hexdigest(), len(text), text.encode()) for path, text in texts.items()
    }


@pytest.mark.parametrize("name", BUILDS)
def test_kustomize_complains_without_a_canary(name: str) -> None:
    beside = {"deployment.yaml": filled(DEPLOYMENT), "secret.yaml": filled(SECRET)}
    ask = Build("", blobs({**beside, **BUILDS[name]}))

    answer = LocalAnswerer(AnswerCache(), jobs=1).answer([ask])[ask.key]

    if isinstance(answer, Refused):
        assert leaks(answer.message) == []


@pytest.mark.parametrize("name", CHARTS)
def test_helm_complains_without_a_canary(name: str) -> None:
    chart = {"Chart.yaml": CHART.format(name=name), "values.yaml": "default: CANARY\n"}
    ask = Render(blobs({path: filled(text) for path, text in {**chart, **CHARTS[name]}.items()}), values(), "web", "x")

    answer = LocalAnswerer(AnswerCache(), jobs=1).answer([ask])[ask.key]

    if isinstance(answer, Refused):
        assert leaks(answer.message) == []


def test_what_says_where_the_mistake_is_stays_in_a_complaint() -> None:
    files = {"kustomization.yaml": "resources: [secret.yaml, x.yaml]\n", "secret.yaml": SECRET, "x.yaml": SECRET}
    ask = Build("", blobs(files))

    answer = LocalAnswerer(AnswerCache(), jobs=1).answer([ask])[ask.key]

    assert isinstance(answer, Refused)
    assert "may not add resource with an already registered id: Secret.v1.[noGrp]/credentials.flux-system" in (
        answer.message
    )


def test_a_plain_value_does_not_cut_up_the_path_that_a_complaint_is_about() -> None:
    kustomization = (
        b"configMapGenerator: [{name: a, files: [config.yaml=./parts/config.yaml]}]\nresources: [pod.yaml]\n"
    )
    pod = b"kind: Pod\nmetadata: {name: a}\nspec: {volumeMounts: [{mountPath: /config}, {mountPath: /parts/none}]}\n"
    ask = Build(
        "apps",
        {
            "apps/kustomization.yaml": Blob("a", len(kustomization), kustomization),
            "apps/pod.yaml": Blob("b", len(pod), pod),
        },
    )
    complaint = "file sources: [config.yaml=./parts/config.yaml]: open apps/parts/config.yaml, not /parts/none"

    assert without_contents(complaint, ask) == complaint.replace("/parts/none", HIDDEN)
