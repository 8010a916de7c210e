"""Custom resources that report with a condition ``Ready`` whether they are, from the APIs of their projects."""

from __future__ import annotations

from typing import Final

from bot.model.ref import GroupKind

_READY: Final = {
    "cert-manager.io": "Certificate ClusterIssuer Issuer",
    "external-secrets.io": "ClusterExternalSecret ClusterSecretStore ExternalSecret PushSecret SecretStore",
    "postgresql.cnpg.io": "Cluster",
    "keda.sh": "ScaledJob ScaledObject",
    "k8s.mariadb.com": "Connection Database Grant MariaDB User",
    "serving.knative.dev": "Configuration Route Service",
    "kafka.strimzi.io": "Kafka KafkaConnect KafkaTopic KafkaUser",
}


def reports_ready(what: GroupKind) -> bool:
    """Whether objects of a kind are known to have such a condition, so that kstatus waits for it."""
    return what.kind in _READY.get(what.group, "").split()
