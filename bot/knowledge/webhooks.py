"""Admission webhooks that fail closed, and the charts whose pods answer them.

From the charts' own templates and default values (the newest stored version of each on 2026-11-26). Left out are
webhooks that are let through while nobody answers (``failurePolicy: Ignore``: KEDA, Gatekeeper, Istio at first) and
those that a controller registers itself once it runs (Kyverno, Longhorn).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from bot.knowledge.charts import row_id
from bot.model.field import Body, Value, dotted
from bot.model.ref import GroupKind


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook by the name that the API server complains of, and what it is asked about.

    ``chart`` is the id of the row of ``charts.json`` whose release answers it.
    One of the values ``switches`` that is false takes it away, one of
    ``policies`` that says ``Ignore`` makes it fail open.
    """

    name: str
    chart: str
    group: str
    kinds: frozenset[str]
    switches: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    source: str = ""


def _kinds(words: str) -> frozenset[str]:
    return frozenset(words.split())


WEBHOOKS = (
    Webhook(
        "webhook.cert-manager.io",
        "cert-manager",
        "cert-manager.io",
        _kinds("Certificate CertificateRequest ClusterIssuer Issuer"),
        source="cert-manager/cert-manager deploy/charts/cert-manager/templates/webhook-validating-webhook.yaml",
    ),
    Webhook(
        "validate.externalsecret.external-secrets.io",
        "external-secrets",
        "external-secrets.io",
        _kinds("ExternalSecret"),
        ("webhook.create",),
        ("webhook.failurePolicy",),
        "external-secrets/external-secrets deploy/charts/external-secrets/templates/validatingwebhook.yaml",
    ),
    Webhook(
        "validate.clustersecretstore.external-secrets.io",
        "external-secrets",
        "external-secrets.io",
        _kinds("ClusterSecretStore"),
        ("webhook.create",),
        (),
        "external-secrets/external-secrets deploy/charts/external-secrets/templates/validatingwebhook.yaml",
    ),
    Webhook(
        "validate.secretstore.external-secrets.io",
        "external-secrets",
        "external-secrets.io",
        _kinds("SecretStore"),
        ("webhook.create",),
        (),
        "external-secrets/external-secrets deploy/charts/external-secrets/templates/validatingwebhook.yaml",
    ),
    Webhook(
        "vcluster.cnpg.io",
        "cloudnative-pg",
        "postgresql.cnpg.io",
        _kinds("Cluster"),
        ("webhook.validating.create",),
        ("webhook.validating.failurePolicy",),
        "cloudnative-pg/charts charts/cloudnative-pg/values.yaml: webhook",
    ),
    Webhook(
        "ipaddresspoolvalidationwebhook.metallb.io",
        "metallb",
        "metallb.io",
        _kinds("IPAddressPool"),
        source="metallb/metallb charts/metallb/templates/webhooks.yaml",
    ),
    Webhook(
        "l2advertisementvalidationwebhook.metallb.io",
        "metallb",
        "metallb.io",
        _kinds("L2Advertisement"),
        source="metallb/metallb charts/metallb/templates/webhooks.yaml",
    ),
    Webhook(
        "bgpadvertisementvalidationwebhook.metallb.io",
        "metallb",
        "metallb.io",
        _kinds("BGPAdvertisement"),
        source="metallb/metallb charts/metallb/templates/webhooks.yaml",
    ),
    Webhook(
        "mopentelemetrycollectorbeta.kb.io",
        "opentelemetry-operator",
        "opentelemetry.io",
        _kinds("OpenTelemetryCollector"),
        ("admissionWebhooks.create",),
        ("admissionWebhooks.failurePolicy",),
        "open-telemetry/opentelemetry-helm-charts charts/opentelemetry-operator/values.yaml: admissionWebhooks",
    ),
)


@cache
def webhook_of(what: GroupKind) -> Webhook | None:
    """The webhook that is asked about objects of a kind and fails closed; None where none is known."""
    return next((one for one in WEBHOOKS if one.group == what.group and what.kind in one.kinds), None)


def is_answered_by(webhook: Webhook, chart: str, url: str, values: Body) -> bool:
    """Whether a release of this chart, with these values, answers a webhook that fails closed."""
    if row_id(chart, url) != webhook.chart or any(dotted(values, one) is False for one in webhook.switches):
        return False
    return "Ignore" not in set(_written(values, webhook.policies))


def _written(values: Body, paths: tuple[str, ...]) -> Iterator[Value]:
    return (value for path in paths if isinstance(value := dotted(values, path), str))
