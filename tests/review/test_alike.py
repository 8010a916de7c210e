"""Findings that one change cures."""

from __future__ import annotations

from dataclasses import replace

from bot.model.cluster import Confidence
from bot.model.finding import Finding, Outcome, Severity, When
from bot.model.fix import Fix, FixKind, Proof, Safety
from bot.model.ref import Ref, kustomization, release
from bot.model.span import Span
from bot.review.alike import alike

_ISSUER = Ref("cert-manager.io", "ClusterIssuer", "", "letsencrypt")
_CERTIFICATE = Ref("cert-manager.io", "Certificate", "web", "site")
_FINDING = Finding(
    rule="crd-in-same-kustomization",
    severity=Severity.ERROR,
    outcome=Outcome.DEADLOCK,
    when=(When.FRESH,),
    confidence=Confidence.LIKELY,
    about=kustomization("flux-system", "infra"),
    at=Span("infra/issuer.yaml", 3, 3),
    message="`ClusterIssuer/letsencrypt` needs a CRD.",
    object=_ISSUER,
    provider=release("cert-manager", "cert-manager"),
)


def test_what_one_change_cures_is_said_once_and_names_the_others_with_their_lines() -> None:
    same_file = replace(_FINDING, object=_CERTIFICATE, at=Span("infra/issuer.yaml", 20, 20))
    other_file = replace(_FINDING, object=_CERTIFICATE, at=Span("infra/more.yaml", 5, 5))

    (group,) = alike((_FINDING, same_file, other_file))

    assert group.first is _FINDING
    assert group.likewise == (
        "The same holds for `Certificate/web/site` (line 20) and `Certificate/web/site` (`infra/more.yaml:5`)."
    )


def test_another_provider_another_rule_or_another_severity_is_told_apart() -> None:
    others = (
        replace(_FINDING, provider=release("x", "y")),
        replace(_FINDING, rule="crd-not-ordered"),
        replace(_FINDING, severity=Severity.NOTE),
    )

    assert [group.likewise for group in alike((_FINDING, *others))] == ["", "", "", ""]


def test_findings_without_an_object_never_go_together() -> None:
    one = replace(_FINDING, object=None, needs=kustomization("flux-system", "a"))
    other = replace(one, about=kustomization("flux-system", "b"))

    assert len(alike((one, other))) == 2


def test_a_fix_that_cures_several_is_offered_by_the_first_and_named_by_the_others() -> None:
    fix = Fix("Move it", FixKind.SPLIT, Safety.SAFE, (), "--- a\n", Proof(("a", "b")))
    staged = replace(fix, safety=Safety.STAGED, patch="", steps=("First.", "Then."))
    first = replace(_FINDING, fix=fix)
    second = replace(first, provider=release("x", "y"))
    third = replace(first, provider=release("x", "z"), fix=replace(fix, patch="--- b\n"))
    fourth, fifth = (replace(first, provider=release("x", name), fix=staged) for name in ("s", "t"))

    groups = alike((first, second, third, fourth, fifth))

    assert [group.fixed_with for group in groups] == ["", first.id, "", "", fourth.id]
