"""Kinds whose late start is fine: nothing but a dashboard or an alert waits for them."""

from __future__ import annotations

SOFT = (
    "ServiceMonitor.monitoring.coreos.com",
    "PodMonitor.monitoring.coreos.com",
    "PrometheusRule.monitoring.coreos.com",
    "Probe.monitoring.coreos.com",
    "ScrapeConfig.monitoring.coreos.com",
    "GrafanaDashboard.grafana.integreatly.org",
)
"""The default of ``soft`` in the configuration, written as there."""
