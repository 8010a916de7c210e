"""`.fluxbot.yaml` → Config: a mistake costs its own entry, never the rest of the file."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from bot.manifest.documents import Reading, read
from bot.manifest.spans import Places, places
from bot.model import form
from bot.model.config import ClusterConfig, Config, ConfigProblem, Ignore
from bot.model.field import Body, FieldPath, items, mapping, strings, text
from bot.model.finding import Severity
from bot.model.form import Choice, Flaw, Key, Listing, Naming, Table, Text, checked, nearest, settled
from bot.model.quote import code
from bot.model.snapshot import Snapshot, joined
from bot.model.span import Span

PLACES: Final = (".fluxbot.yaml", ".fluxbot.yml", ".github/.fluxbot.yaml", ".github/.fluxbot.yml")
LARGEST: Final = 100_000
"""Bytes of the file that are read; aliases could otherwise make much out of little."""
MOST_PROBLEMS: Final = 50
"""Problems that are reported; a last one says that there are more."""

_KINDS = Listing(Text("a kind such as `Gateway.gateway.networking.k8s.io` or `*.monitoring.coreos.com`", r"[^\s/]+"))
_OBJECT = Text("an object such as `Secret/flux-system/cluster-secrets`", r"[^\s/]+(?:/[^/\r\n]+)+")
_RULE = Text("the id of a rule, such as `crd-unknown`", r"[a-z][a-z0-9-]*")
_SEVERITY = Choice((Severity.OFF.value, Severity.NOTE.value, Severity.WARNING.value, Severity.ERROR.value), off=True)
_GATE = Choice((Severity.ERROR.value, Severity.WARNING.value, "never"))
_HOST = Text("a host such as `charts.example.org`", r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?")
_DATE = Text("a date such as `2027-01-31`", r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NAMESPACE = Text("the name of a namespace", r"[a-z0-9][a-z0-9-]*")
_VARIABLE = Text("the name of a variable", r"[_A-Za-z][_A-Za-z0-9]*")

_PROVIDED = Table(
    {
        "crds": Key(_KINDS, "Kinds that are known to the cluster."),
        "namespaces": Key(
            Listing(Text("the name of a namespace", r"[a-z0-9][a-z0-9-]*")), "Namespaces that are there."
        ),
        "objects": Key(Listing(_OBJECT), "Objects that are there, as Kind/namespace/name or Kind/name."),
    }
)
_CLUSTER = Table(
    {
        "root": Key(Text("a directory", r"[\s\S]+"), "The directory that Flux starts from.", required=True),
        "flux": Key(Text('a version such as `"2.9"`', r"[0-9]+\.[0-9]+"), "The minor version of Flux in this cluster."),
        "repository": Key(
            Text("a repository such as `acme/fleet`", r"[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}"),
            "The repository in which the cluster lies, where that is another one that deploys this one.",
        ),
        "branch": Key(Text("a branch", r"\S+"), "The branch that this cluster follows; default: the source's ref."),
        "variables": Key(Naming(Text(), _VARIABLE), "Variables of post-build substitution known only in the cluster."),
        "provided": Key(_PROVIDED, "What is there before Flux starts, or is made by hand."),
    }
)
_IGNORE = Table(
    {
        "rule": Key(_RULE, "The id of the rule.", required=True),
        "about": Key(_OBJECT, "The object that the finding is about: Kind/namespace/name.", required=True),
        "reason": Key(Text("a reason", r"[\s\S]*\S[\s\S]*"), "Why this is fine.", required=True),
        "until": Key(_DATE, "The last day on which it is ignored."),
    }
)
_CHARTS = Table({"allow": Key(Listing(_HOST), "Hosts that charts and sources are fetched from.")})
_FORM = Table(
    {
        "version": Key(Choice((1,)), "The version of this file's form."),
        "gate": Key(
            Table(
                {
                    "fresh": Key(_GATE, "For findings on a fresh cluster."),
                    "running": Key(_GATE, "For findings on the running cluster."),
                }
            ),
            "From which severity on a finding fails the check.",
        ),
        "on-incomplete": Key(Choice(("ignore", "warn", "fail")), "What happens where something cannot be looked at."),
        "clusters": Key(Listing(_CLUSTER, most=200), "The clusters of this repository; default: found."),
        "rules": Key(Naming(_SEVERITY, _RULE), "The severity of single rules."),
        "soft": Key(_KINDS, "Kinds whose late start is fine."),
        "ignore": Key(Listing(_IGNORE, most=500), "Findings that are accepted."),
        "charts": Key(
            Table({"allow": Key(Listing(_HOST), "Hosts that charts and sources are fetched from.")}), "Charts."
        ),
        "comment": Key(Choice(("auto", "never", "always")), "When a comment is written on the pull request."),
    }
)


def schema() -> Body:
    """The JSON schema of the file, as published in docs/fluxbot.schema.json."""
    head: Body = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "The configuration of fluxbot"}
    return {**head, **form.schema(_FORM)}


def find_config(snapshot: Snapshot) -> tuple[str, bytes | None] | None:
    """Path and content of the first of PLACES that is there; the content is None where it is too large to read."""
    found = next((path for path in PLACES if path in snapshot.files), None)
    return (found, snapshot.data(found)) if found else None


def read_config(path: str, data: bytes | None, *, rules: Collection[str], today: date) -> Config:
    """What the file says, with every mistake in it as a problem, in the order of lines. Never raises.

    ``rules`` are the ids that exist. An ``ignore`` whose ``until`` lies before
    ``today`` is a problem and counts no more. Content None is a file too large
    to read. A file that is no YAML counts as empty.
    """
    if data is None or len(data) > LARGEST:
        return Config(
            problems=(ConfigProblem(path, 1, f"the file is larger than {LARGEST:,} bytes and is not read"),),
            readable=False,
        )
    reading = read(data)
    problems = list(_about_file(path, data, reading))
    if not reading.documents:
        return Config(problems=tuple(problems), readable=not problems)
    first = reading.documents[0]
    entries = _Entries(path, places(data)[first.index], tuple(rules), today)
    config, flaws = settled(entries.config(first.body))
    problems += entries.problems(flaws)
    return replace(config, problems=tuple(sorted(problems, key=lambda problem: problem.line)))


def _about_file(path: str, data: bytes, reading: Reading) -> Iterator[ConfigProblem]:
    if reading.problem:
        yield ConfigProblem(path, reading.problem.line, reading.problem.message)
    elif not reading.documents and any(_is_written(place.span(path, ())) for place in places(data)):
        yield ConfigProblem(path, 1, "the file must be a mapping of keys such as `version: 1`")
    for extra in reading.documents[1:]:
        yield ConfigProblem(path, extra.line, "only the first document of the file counts")


def _is_written(span: Span) -> bool:
    return span.start < span.end


@dataclass(frozen=True, slots=True)
class _Entries:
    """What it takes to judge the entries of one file."""

    path: str
    places: Places
    rules: tuple[str, ...]
    today: date

    def config(self, body: Body) -> Generator[Flaw, None, Config]:
        body = mapping((yield from checked(body, _FORM)))
        clusters = yield from self._clusters(body)
        severities = yield from self._severities(body)
        ignored = yield from self._ignored(body)
        return Config(
            gate_fresh=_gate(text(body, "gate", "fresh")),
            gate_running=_gate(text(body, "gate", "running")),
            on_incomplete=text(body, "on-incomplete") or "warn",
            clusters=clusters,
            rules=severities,
            soft=strings(body, "soft") if items(body, "soft") or body.get("soft") == [] else None,
            ignore=ignored,
            chart_hosts=_hosts(mapping(body, "charts")),
            comment=text(body, "comment") or "auto",
            written=frozenset(body),
        )

    def problems(self, flaws: list[Flaw]) -> Iterator[ConfigProblem]:
        for flaw in flaws[:MOST_PROBLEMS]:
            yield ConfigProblem(self.path, self._line(flaw.at), flaw.message, flaw.at)
        if len(flaws) > MOST_PROBLEMS:
            yield ConfigProblem(self.path, 1, f"{len(flaws) - MOST_PROBLEMS:,} more problems are not listed")

    def _line(self, field: FieldPath) -> int:
        return self.places.span(self.path, field, key=True).line

    def _clusters(self, body: Body) -> Generator[Flaw, None, tuple[ClusterConfig, ...]]:
        found: dict[tuple[str, str], ClusterConfig] = {}
        for field, entry in _numbered(body, "clusters"):
            written = text(entry, "root")
            root = joined("", written)
            if root is None:
                yield Flaw((*field, "root"), f"{code(written)} lies outside of the repository")
            elif (text(entry, "repository"), root) in found:
                yield Flaw(field, f"the cluster {code(written)} stands here a second time; only the first counts")
            else:
                found[text(entry, "repository"), root] = _cluster(root, entry)
        return tuple(found.values())

    def _severities(self, body: Body) -> Generator[Flaw, None, dict[str, Severity]]:
        found: dict[str, Severity] = {}
        for rule, severity in mapping(body, "rules").items():
            if rule in self.rules and isinstance(severity, str):
                found[rule] = Severity(severity)
            elif severity is not None:
                yield self._unknown_rule(("rules", rule), rule)
        return found

    def _ignored(self, body: Body) -> Generator[Flaw, None, tuple[Ignore, ...]]:
        found: dict[tuple[str, str], Ignore] = {}
        for field, entry in _numbered(body, "ignore"):
            ignore = yield from self._ignore(field, entry)
            if ignore and (ignore.rule, ignore.about) in found:
                yield Flaw(field, f"{code(ignore.rule)} about {code(ignore.about)} is ignored above already")
            elif ignore:
                found[ignore.rule, ignore.about] = ignore
        return tuple(found.values())

    def _ignore(self, field: FieldPath, entry: Body) -> Generator[Flaw, None, Ignore | None]:
        rule, about, until = text(entry, "rule"), text(entry, "about"), text(entry, "until")
        day = _day(until)
        if rule not in self.rules:
            yield self._unknown_rule((*field, "rule"), rule)
        elif until and day is None:
            yield Flaw((*field, "until"), f"{code(until)} is not a day of the calendar, so the entry does not count")
        elif day and day < self.today:
            yield Flaw((*field, "until"), f"expired on {day}: {code(rule)} about {code(about)} is no longer ignored")
        elif "until" not in entry or day:
            return Ignore(rule, about, text(entry, "reason"), day, self._line(field))
        return None

    def _unknown_rule(self, field: FieldPath, rule: str) -> Flaw:
        return Flaw(field, f"{code(rule)} is not a rule{nearest(rule, self.rules)}")


def _hosts(charts: Body) -> tuple[str, ...] | None:
    """The hosts in lower case; None where nothing is said, which an empty list is not."""
    if not isinstance(charts.get("allow"), list):
        return None
    return tuple(host.lower() for host in strings(charts, "allow"))


def _cluster(root: str, entry: Body) -> ClusterConfig:
    variables = mapping(entry, "variables").items()
    return ClusterConfig(
        root,
        flux=text(entry, "flux") or None,
        branch=text(entry, "branch") or None,
        repository=text(entry, "repository") or None,
        variables={name: value for name, value in variables if isinstance(value, str)},
        crds=strings(entry, "provided", "crds"),
        namespaces=strings(entry, "provided", "namespaces"),
        objects=strings(entry, "provided", "objects"),
    )


def _numbered(body: Body, key: str) -> Iterator[tuple[FieldPath, Body]]:
    """The entries of a list that are whole, with their paths."""
    for number, entry in enumerate(items(body, key)):
        if isinstance(entry, dict):
            yield (key, number), entry


def _gate(word: str) -> Severity:
    """From which severity on; ``never`` is Severity.OFF, and what is not said is Severity.ERROR."""
    return Severity.OFF if word == "never" else Severity(word or Severity.ERROR)


def _day(written: str) -> date | None:
    """The day, or None where there is no such day."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None
