"""What is counted, for Prometheus."""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 180.0, 600.0)


class Meter:
    """The counters of one process. No label is text that others choose freely."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self.deliveries = Counter(
            "fluxbot_deliveries",
            "Webhooks by event, the status that they were answered with, and whether they came before",
            ("event", "status", "outcome"),
            registry=self._registry,
        )
        self.storing = Histogram(
            "fluxbot_delivery_seconds",
            "From the request's head to the answer",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self.jobs = Counter(
            "fluxbot_jobs",
            "Tries of jobs by kind and outcome: done, retried, given-up, paced, left",
            ("kind", "outcome"),
            registry=self._registry,
        )
        self.job_seconds = Histogram(
            "fluxbot_job_seconds", "Length of a try", ("kind",), buckets=_SECONDS, registry=self._registry
        )
        self.revived = Counter(
            "fluxbot_jobs_revived", "Jobs of dead workers that were put back", registry=self._registry
        )
        self.requests = Counter(
            "fluxbot_github_requests",
            "Requests to GitHub by installation (0: the App itself) and outcome: ok, limited, refused, failed, held",
            ("installation", "outcome"),
            registry=self._registry,
        )
        self.remaining = Gauge(
            "fluxbot_github_requests_remaining",
            "What GitHub said is left of an installation's hour",
            ("installation",),
            registry=self._registry,
        )
        self.phases = Histogram(
            "fluxbot_review_seconds",
            "Length of a review by phase: fetch, analyse, publish",
            ("phase",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self.findings = Counter(
            "fluxbot_findings",
            "What reviews told, by rule and severity; what a further push still has is told again",
            ("rule", "severity"),
            registry=self._registry,
        )
        self.builds = Counter(
            "fluxbot_builds",
            "Builds and renders that reviews asked for: a hit was known, a miss was run",
            ("cache",),
            registry=self._registry,
        )
        self.oldest = Gauge(
            "fluxbot_job_oldest_seconds",
            "How long the job has waited that should be done by now and came first, in all processes",
            registry=self._registry,
        )
        self.waiting = Gauge("fluxbot_jobs_waiting", "Jobs that wait, in all processes", registry=self._registry)
        self.running = Gauge("fluxbot_jobs_running", "Jobs that run, in all processes", registry=self._registry)

    def request(self, account: int, outcome: str) -> None:
        """A request to GitHub was answered, or not sent, on the account of an installation or of the App, 0."""
        self.requests.labels(str(account), outcome).inc()

    def budget(self, account: int, remaining: int) -> None:
        """So many requests are left of an account's hour."""
        self.remaining.labels(str(account)).set(remaining)

    def phase(self, name: str, seconds: float) -> None:
        """A phase of a review has ended."""
        self.phases.labels(name).observe(seconds)

    def told(self, rules: Sequence[tuple[str, str]]) -> None:
        """A review told findings of these rules, each with its severity."""
        for rule, severity in rules:
            self.findings.labels(rule, severity).inc()

    def looked_up(self, hits: int, misses: int) -> None:
        """So many builds were known, and so many were run."""
        self.builds.labels("hit").inc(hits)
        self.builds.labels("miss").inc(misses)

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self._registry)
