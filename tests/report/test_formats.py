"""A review in each format."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from bot import __version__
from bot.model.cluster import Incomplete
from bot.model.finding import Severity
from bot.model.ref import release
from bot.model.review import ClusterSummary, Conclusion, Review
from bot.report.formats import Format, RuleInfo, render_report
from bot.report.markdown import finding_markdown, render_markdown
from bot.review.alike import Alike
from tests.report.sample import DEADLOCK, LATE, NOTHING, PRODUCTION, REVIEW

RULES = (
    RuleInfo("crd-in-same-kustomization", Severity.ERROR, "A custom resource beside its provider.\n\nMore of it."),
    RuleInfo("depends-on-redundant", Severity.OFF, ""),
)


def report(review: Review, wanted: Format, *, colour: bool = False, width: int = 100) -> str:
    return render_report(
        review, format=wanted, repository="octo/fleet", seconds=0.8123, colour=colour, width=width, rules=RULES
    )


def loaded(review: Review, wanted: Format) -> Any:  # noqa: ANN401 - a document of any shape; the tests look into it
    return json.loads(report(review, wanted))


def test_the_text_says_what_happens_why_and_what_to_do() -> None:
    assert report(REVIEW, Format.TEXT) == (
        """\
the rule force-left-on failed, its findings are missing: KeyError: 'spec'
.fluxbot.yaml:4: `coment` is not a key of the file; the nearest is `comment`

error crd-in-same-kustomization  infra/issuer.yaml:3
  `infra` applies `ClusterIssuer/letsencrypt` and the HelmRelease that brings its kind, so a fresh
  cluster never gets either.
  Flux will print:
    ClusterIssuer/letsencrypt dry-run failed: no matches for kind "ClusterIssuer"
  - infra/release.yaml:7: `cert-manager` installs the kind
  To do: Move `ClusterIssuer/letsencrypt` to a Kustomization that depends on `infra`.
  fresh cluster: never becomes ready · proven · `clusters/production` · `clusters/staging` · 02bc81

clusters/production: 13 Kustomizations, 20 HelmReleases · fresh cluster: 11 ready, 1 late, 1 stuck ·
  Flux 2.9

Not looked at: 1 object
  - HelmRelease/web/traefik: chart traefik 33.1.0 is not in the cache and --offline

fluxbot: 1 error · 1 cluster · 1 ignored · 1 not looked at · fails · 0.8 s
"""
    )


@pytest.mark.parametrize("wanted", [Format.TEXT, Format.GITHUB])
def test_one_line_is_enough_when_there_is_nothing_to_say(wanted: Format) -> None:
    assert report(NOTHING, wanted) == (
        "fluxbot: no findings · 2 clusters · 15 Kustomizations, 21 HelmReleases · fresh cluster: 15 ready · 0.8 s\n"
    )


def test_markdown_needs_one_line_too_when_there_is_nothing_to_say() -> None:
    assert report(NOTHING, Format.MARKDOWN) == (
        "fluxbot: no findings · 2 clusters · 15 Kustomizations, 21 HelmReleases · fresh cluster: 15 ready\n"
    )


def test_a_repository_without_a_cluster_is_said_to_have_none() -> None:
    assert report(Review(Conclusion.SUCCESS, (), ()), Format.TEXT) == (
        "fluxbot: no findings · no Flux cluster found · 0.8 s\n"
    )


def test_what_was_not_looked_at_is_said_where_nothing_else_is() -> None:
    review = Review(Conclusion.SUCCESS, (PRODUCTION,), ())

    assert "Not looked at: 1 object" in report(review, Format.TEXT)
    assert "Not looked at: 1 object" in report(review, Format.MARKDOWN)


def test_many_gaps_are_folded_to_a_count_and_the_first_few() -> None:
    many = tuple(Incomplete(release("web", f"r{number}"), "no chart") for number in range(10))
    review = Review(Conclusion.SUCCESS, (replace(PRODUCTION, incomplete=many),), ())

    lines = report(review, Format.TEXT).splitlines()

    assert lines[3:8] == [
        "Not looked at: 10 objects",
        "  - HelmRelease/web/r0: no chart",
        "  - HelmRelease/web/r1: no chart",
        "  - HelmRelease/web/r2: no chart",
        "  - and 7 more",
    ]


def test_what_one_object_lacks_is_one_line_of_markdown_however_much_it_is() -> None:
    many = tuple(Incomplete(release("web", "traefik"), f"file {number} is not fetched") for number in range(5))
    review = Review(Conclusion.SUCCESS, (replace(PRODUCTION, incomplete=many),), ())

    text = report(review, Format.MARKDOWN)

    assert "Not looked at: 1 object" in text
    assert "- `HelmRelease/web/traefik`: file 0 is not fetched; file 1 is not fetched; and 3 more\n" in text


def test_a_gap_that_two_clusters_share_is_counted_once() -> None:
    review = Review(Conclusion.SUCCESS, (PRODUCTION, replace(PRODUCTION, root="clusters/staging")), ())

    assert "Not looked at: 1 object" in report(review, Format.TEXT)


def test_there_is_no_colour_unless_it_is_asked_for() -> None:
    assert "\x1b" not in report(REVIEW, Format.TEXT)
    assert "\x1b[1;31merror\x1b[0m" in report(REVIEW, Format.TEXT, colour=True)


def test_lines_are_wrapped_to_the_width_but_names_are_not_broken() -> None:
    path = "a/" * 40 + "issuer.yaml"
    review = replace(REVIEW, findings=(replace(DEADLOCK, message=f"Look at `{path}` and at nothing else at all."),))

    lines = report(review, Format.TEXT, width=50).splitlines()

    assert f"  `{path}`" in lines
    assert "  and at nothing else at all." in lines


def test_the_json_has_exactly_the_keys_of_the_contract() -> None:
    document = loaded(REVIEW, Format.JSON)

    assert list(document) == (
        ["schema", "fluxbot", "repository", "base", "head", "conclusion", "seconds", "clusters", "findings"]
    )
    assert list(document["clusters"][0]) == (
        ["root", "flux", "kustomizations", "releases", "resources", "fresh", "waves", "incomplete"]
    )
    assert list(document["findings"][0]) == [
        *("id", "fingerprint", "rule", "severity", "outcome", "when", "confidence", "new", "ignored", "clusters"),
        *("about", "needs", "object", "provider", "missing", "at", "related", "message", "predicted_error", "fix"),
    ]


def test_the_json_of_a_review_is_told_in_the_words_of_the_contract() -> None:
    document = loaded(REVIEW, Format.JSON)

    assert {key: document[key] for key in ("schema", "fluxbot", "repository", "base", "conclusion", "seconds")} == {
        "schema": 1,
        "fluxbot": __version__,
        "repository": "octo/fleet",
        "base": "1f0c" * 10,
        "conclusion": "failure",
        "seconds": 0.81,
    }


def test_the_json_of_a_cluster_is_told_in_the_words_of_the_contract() -> None:
    (cluster,) = loaded(REVIEW, Format.JSON)["clusters"]

    assert cluster == {
        "root": "clusters/production",
        "flux": "2.9",
        "kustomizations": 13,
        "releases": 20,
        "resources": 1340,
        "fresh": {"ready": 11, "late": 1, "stuck": 1},
        "waves": [["flux-system/infra"], ["flux-system/apps"]],
        "incomplete": [
            {
                "about": {
                    "group": "helm.toolkit.fluxcd.io",
                    "kind": "HelmRelease",
                    "namespace": "web",
                    "name": "traefik",
                },
                "why": "chart traefik 33.1.0 is not in the cache and --offline",
            }
        ],
    }


def test_the_json_of_a_finding_is_told_in_the_words_of_the_contract() -> None:
    finding, ignored = loaded(REVIEW, Format.JSON)["findings"]

    assert finding["id"] == finding["fingerprint"][:6] == DEADLOCK.id
    assert (finding["severity"], finding["outcome"], finding["when"]) == ("error", "deadlock", ["fresh"])
    assert (finding["confidence"], finding["new"], finding["ignored"]) == ("proven", True, None)
    assert finding["object"] == {
        "group": "cert-manager.io",
        "kind": "ClusterIssuer",
        "namespace": "",
        "name": "letsencrypt",
    }
    assert finding["missing"] == "ClusterIssuer.cert-manager.io/v1"
    assert finding["at"] == {"path": "infra/issuer.yaml", "line": 3, "end_line": 4}
    assert finding["related"] == [
        {"path": "infra/release.yaml", "line": 7, "end_line": 7, "message": "`cert-manager` installs the kind"}
    ]
    assert (finding["needs"], finding["fix"]) == (None, None)
    assert (ignored["ignored"], ignored["predicted_error"], ignored["missing"]) == (
        "the retry is fast enough",
        None,
        None,
    )


def test_sarif_has_a_rule_with_its_manual_for_each_rule() -> None:
    (run,) = loaded(REVIEW, Format.SARIF)["runs"]

    assert run["tool"]["driver"]["name"] == "fluxbot"
    assert run["tool"]["driver"]["rules"] == [
        {
            "id": "crd-in-same-kustomization",
            "shortDescription": {"text": "A custom resource beside its provider."},
            "help": {
                "text": "A custom resource beside its provider.\n\nMore of it.",
                "markdown": "A custom resource beside its provider.\n\nMore of it.",
            },
            "defaultConfiguration": {"level": "error", "enabled": True},
        },
        {
            "id": "depends-on-redundant",
            "shortDescription": {"text": "depends-on-redundant"},
            "help": {"text": "depends-on-redundant", "markdown": "depends-on-redundant"},
            "defaultConfiguration": {"level": "none", "enabled": False},
        },
    ]


def test_sarif_has_a_result_for_each_finding() -> None:
    first, second = loaded(REVIEW, Format.SARIF)["runs"][0]["results"]

    assert (first["ruleId"], first["ruleIndex"], first["level"]) == ("crd-in-same-kustomization", 0, "error")
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "infra/issuer.yaml"},
        "region": {"startLine": 3, "endLine": 4},
    }
    assert first["relatedLocations"][0]["message"] == {"text": "`cert-manager` installs the kind"}
    assert first["partialFingerprints"] == {"fluxbot/v1": DEADLOCK.fingerprint}
    assert first["suppressions"] == []
    assert "ruleIndex" not in second


def test_sarif_suppresses_what_is_ignored() -> None:
    second = loaded(REVIEW, Format.SARIF)["runs"][0]["results"][1]

    assert second["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "the retry is fast enough"}
    ]


def test_sarif_tells_of_rules_that_failed_and_of_a_wrong_configuration() -> None:
    (invocation,) = loaded(REVIEW, Format.SARIF)["runs"][0]["invocations"]

    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["level"] == "error"
    where = invocation["toolConfigurationNotifications"][0]["locations"][0]["physicalLocation"]
    assert where["region"] == {"startLine": 4, "endLine": 4}


def test_github_gets_one_command_a_line_and_none_for_what_is_ignored() -> None:
    lines = report(REVIEW, Format.GITHUB).splitlines()

    assert [line.partition("::")[2].partition("::")[0] for line in lines[:-1]] == [
        "error title=fluxbot",
        "warning file=.fluxbot.yaml,line=4,title=fluxbot configuration",
        "error file=infra/issuer.yaml,line=3,endLine=4,title=crd-in-same-kustomization",
    ]
    assert lines[-1].startswith("fluxbot: 1 error")


@pytest.mark.parametrize(
    ("severity", "command"),
    [(Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.NOTE, "notice"), (Severity.OFF, "notice")],
)
def test_github_has_a_command_for_each_severity(severity: Severity, command: str) -> None:
    review = Review(Conclusion.SUCCESS, (), (replace(DEADLOCK, severity=severity),))

    assert report(review, Format.GITHUB).startswith(f"::{command} file=")


def test_markdown_shows_one_finding_with_its_chain_and_its_cure() -> None:
    short = replace(DEADLOCK, message="A fresh cluster never gets `letsencrypt`.")

    assert finding_markdown(Alike(short, ())) == (
        """\
### error: crd-in-same-kustomization at `infra/issuer.yaml:3`

A fresh cluster never gets `letsencrypt`.

Flux will print:

```
ClusterIssuer/letsencrypt dry-run failed: no matches for kind "ClusterIssuer"
```

Why:

- `infra/release.yaml:7`: `cert-manager` installs the kind

**To do:** Move `ClusterIssuer/letsencrypt` to a Kustomization that depends on `infra`.

fresh cluster: never becomes ready · proven · `clusters/production` · `clusters/staging` · `02bc81`"""
    )


def test_markdown_has_a_row_for_each_cluster_and_counts_what_is_ignored() -> None:
    text = report(REVIEW, Format.MARKDOWN)

    assert text.startswith("## fluxbot: 1 error\n")
    assert "| `clusters/production` | 2.9 | 13 | 20 | 11 ready, 1 late, 1 stuck |\n" in text
    assert LATE.message not in text
    assert "1 further finding ignored, as the configuration says." in text


def test_a_pipe_in_a_name_ends_no_cell_of_a_table() -> None:
    review = replace(REVIEW, clusters=(replace(PRODUCTION, root="a|b\\|c"),))

    assert "| `a\\u007cb\\\\u007cc` | 2.9 | 13 | 20 |" in report(review, Format.MARKDOWN)


@pytest.mark.parametrize("limit", [2_000, 5_000, 65_535])
def test_markdown_never_passes_its_limit_and_counts_what_it_leaves_out(limit: int) -> None:
    review = replace(REVIEW, findings=tuple(replace(DEADLOCK, rule=f"rule-{n}") for n in range(200)))

    text = render_markdown(review, limit=limit)

    shown = text.count("### error: ")
    assert len(text.encode()) <= limit
    assert f"{200 - shown} findings not shown here: there is no room." in text


def test_markdown_within_its_limit_is_whole() -> None:
    assert render_markdown(REVIEW, limit=65_535) == render_markdown(REVIEW)


def test_hostile_configuration_and_clusters_leave_room_for_findings() -> None:
    cluster = ClusterSummary("漢" * 3000, None, 1, 1, 1, 1, 0, 0, (), (Incomplete(release("a", "b"), "#1" * 9000),))
    problems = tuple(replace(REVIEW.problems[0], message="\x00" * 9000, line=n) for n in range(1, 60))
    findings = tuple(replace(DEADLOCK, rule=f"rule-{n}") for n in range(3))
    review = replace(REVIEW, clusters=(cluster,) * 60, problems=problems, findings=findings)

    text = render_markdown(review, limit=65_535)

    assert len(text.encode()) <= 65_535
    assert text.count("### error: ") == 3
