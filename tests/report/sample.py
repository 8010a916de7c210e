"""One review for all formats: a custom resource beside the release that brings its kind."""

from __future__ import annotations

from typing import Final

from bot.model.cluster import Confidence, Incomplete
from bot.model.config import ConfigProblem
from bot.model.finding import Finding, Missing, Outcome, Related, Severity, When
from bot.model.ref import GroupKind, Ref, kustomization, release
from bot.model.review import ClusterSummary, Conclusion, Crashed, Review
from bot.model.span import Span

ISSUER: Final = Ref("cert-manager.io", "ClusterIssuer", "", "letsencrypt")

DEADLOCK: Final = Finding(
    rule="crd-in-same-kustomization",
    severity=Severity.ERROR,
    outcome=Outcome.DEADLOCK,
    when=(When.FRESH,),
    confidence=Confidence.PROVEN,
    about=kustomization("flux-system", "infra"),
    at=Span("infra/issuer.yaml", 3, 4, 20, 60),
    message="`infra` applies `ClusterIssuer/letsencrypt` and the HelmRelease that brings its kind, so a fresh cluster "
    "never gets either.",
    object=ISSUER,
    provider=release("cert-manager", "cert-manager"),
    missing=Missing(GroupKind("cert-manager.io", "ClusterIssuer"), "v1"),
    related=(Related(Span("infra/release.yaml", 7, 7), "`cert-manager` installs the kind"),),
    predicted='ClusterIssuer/letsencrypt dry-run failed: no matches for kind "ClusterIssuer"',
    advice="Move `ClusterIssuer/letsencrypt` to a Kustomization that depends on `infra`.",
    clusters=("clusters/production", "clusters/staging"),
    new=True,
)

LATE: Final = Finding(
    rule="crd-not-ordered",
    severity=Severity.WARNING,
    outcome=Outcome.LATE,
    when=(When.FRESH,),
    confidence=Confidence.LIKELY,
    about=kustomization("flux-system", "apps"),
    at=Span("clusters/production/apps.yaml", 1, 1),
    message="`apps` does not wait for `infra`.",
    needs=kustomization("flux-system", "infra"),
    ignored="the retry is fast enough",
)

PRODUCTION: Final = ClusterSummary(
    root="clusters/production",
    flux="2.9",
    kustomizations=13,
    releases=20,
    resources=1340,
    ready=11,
    late=1,
    stuck=1,
    waves=((kustomization("flux-system", "infra"),), (kustomization("flux-system", "apps"),)),
    incomplete=(Incomplete(release("web", "traefik"), "chart traefik 33.1.0 is not in the cache and --offline"),),
)

REVIEW: Final = Review(
    conclusion=Conclusion.FAILURE,
    clusters=(PRODUCTION,),
    findings=(DEADLOCK, LATE),
    problems=(ConfigProblem(".fluxbot.yaml", 4, "`coment` is not a key of the file; the nearest is `comment`"),),
    crashed=(Crashed("force-left-on", "KeyError: 'spec'"),),
    base="1f0c" * 10,
    head="2a1b" * 10,
)

NOTHING: Final = Review(
    conclusion=Conclusion.SUCCESS,
    clusters=(
        ClusterSummary("clusters/production", "2.9", 13, 20, 1340, 13, 0, 0, (), ()),
        ClusterSummary("clusters/staging", None, 2, 1, 40, 2, 0, 0, (), ()),
    ),
    findings=(),
)
