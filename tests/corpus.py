"""fluxbot on real repositories: ``python -m tests.corpus`` (``make corpus``).

Audits the newest commit of every repository of a corpus and prints a table,
then runs the corpus's own ``score.py``, which counts right and wrong verdicts
on events of their histories, and prints the shares once more without the cases
that are wrong in the data (``corpus_errata.json``). ``FLUXBOT_CORPUS`` names
the corpus's folder.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
ERRATA: Final = ROOT / "tests" / "corpus_errata.json"
SHARES: Final = ("edge/pull", "edge/tree", "split/pull", "split/tree")
FLUXBOT: Final = str(Path(sys.executable).with_name("fluxbot"))
_LINE: Final = "{:42} {:>8} {:>6} {:>6} {:>8} {:>5} {:>11} {:>8}"
_SEVERITIES: Final = ("error", "warning", "note")


@dataclass(frozen=True, slots=True)
class Corpus:
    """A folder with real repositories: a git bundle of their commits, and the list of their newest ones."""

    folder: Path

    @property
    def is_there(self) -> bool:
        return (self.folder / "corpus.bundle").is_file() and (self.folder / "repos.json").is_file()

    def heads(self) -> Mapping[str, str]:
        """The branch of each repository's newest commit."""
        listed = json.loads((self.folder / "repos.json").read_text())
        return {name: f"{name}/{facts['head']}" for name, facts in listed.items()}

    def cloned(self, folder: Path) -> Path:
        """A bare repository with all commits, made in a folder."""
        clone = folder / "corpus.git"
        bundle = str(self.folder / "corpus.bundle")
        subprocess.run(("git", "clone", "--quiet", "--bare", bundle, str(clone)), check=True)
        return clone


def corpus() -> Corpus:
    """The corpus that the environment names."""
    return Corpus(Path(os.environ.get("FLUXBOT_CORPUS") or ROOT / ".." / "shared" / "corpus").resolve())


@dataclass(frozen=True, slots=True)
class Audited:
    """One audit: what it printed as JSON, empty where it failed with ``problem``, and its seconds of wall time."""

    report: Mapping[str, Any]  # JSON
    seconds: float
    problem: str


def audit(repository: Path, rev: str, data: Path) -> Audited:
    """The audit of a revision, with the caches in ``data``."""
    command = (FLUXBOT, "audit", str(repository), "--rev", rev, "--format", "json")
    started = time.monotonic()
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "FLUXBOT_DATA_DIR": str(data)}
    )
    seconds = time.monotonic() - started
    if done.returncode not in (0, 1):
        return Audited({}, seconds, f"exit {done.returncode}: {done.stderr.strip().rpartition(chr(10))[2]}")
    return Audited(json.loads(done.stdout), seconds, "")


def main() -> int:
    """Print the table and the score; 1 where an audit gave no answer or the score could not be made."""
    here = corpus()
    if not here.is_there:
        print(f"there is no corpus in {here.folder}; FLUXBOT_CORPUS names its folder", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="fluxbot-corpus-") as name:
        folder = Path(name)
        repository = here.cloned(folder)
        answered = _table(here, repository, folder)
        scored = _score(here, repository, folder)
    return 0 if answered and scored else 1


def _table(here: Corpus, repository: Path, data: Path) -> bool:
    """Print a line for each repository; whether every audit gave an answer."""
    print(_LINE.format("repository", "clusters", "Kust.", *_SEVERITIES, "incomplete", "seconds"))
    problems: list[str] = []
    for name, rev in here.heads().items():
        one = audit(repository, rev, data)
        print(_LINE.format(name, *_counts(one.report), f"{one.seconds:.1f}"), flush=True)
        problems += [f"{name}: {one.problem}"] if one.problem else []
    print(*problems, sep="\n", flush=True)
    return not problems


def _counts(report: Mapping[str, Any]) -> tuple[int, ...]:
    """The numbers of a line, in the order of its columns."""
    clusters = report.get("clusters", [])
    severities = Counter(finding["severity"] for finding in report.get("findings", []))
    return (
        len(clusters),
        sum(cluster["kustomizations"] for cluster in clusters),
        *(severities[severity] for severity in _SEVERITIES),
        sum(len(cluster["incomplete"]) for cluster in clusters),
    )


def _score(here: Corpus, repository: Path, data: Path) -> bool:
    """Print what the corpus's own program counts, and its shares without the errata; whether it came to an end."""
    out = data / "score.json"
    program = (sys.executable, str(here.folder / "score.py"), "--fluxbot", FLUXBOT)
    command = (*program, "--git", str(repository), "--out", str(out))
    environment = {**os.environ, "FLUXBOT_DATA_DIR": str(data), "TMPDIR": str(data)}
    if subprocess.run(command, env=environment, check=False).returncode != 0:
        return False
    rows = [row for row in json.loads(out.read_text()) if row["kind"] in SHARES]
    kept = without(rows, json.loads(ERRATA.read_text()))
    print(f"without the {len(rows) - len(kept)} cases that are wrong in the data:")
    for measure in SHARES:
        some = [row for row in kept if row["kind"] == measure]
        print(f"{measure:11} {len(some):4} cases: found {sum(bool(row['hit']) for row in some)}; {averaged(some)}")
    return True


def without(rows: Iterable[Mapping[str, Any]], errata: Iterable[Mapping[str, str]]) -> list[Mapping[str, Any]]:
    """The rows of ``score.py`` that no erratum names, by measure, repository, commit and, of an edge, the dependent."""
    wrong = [(one["measure"], one["repository"], one["commit"], one["about"]) for one in errata]
    return [row for row in rows if not any(_is(row, *one) for one in wrong)]


def _is(row: Mapping[str, Any], measure: str, repository: str, commit: str, about: str) -> bool:
    same = (row["kind"], row["repo"]) == (measure, repository) and row["sha"].startswith(commit)
    return same and row.get("dependent", about) == about


def averaged(rows: Iterable[Mapping[str, Any]]) -> str:
    """The share of the rows that are hits, averaged over the repositories."""
    homes: dict[str, list[bool]] = {}
    for row in rows:
        homes.setdefault(row["repo"], []).append(bool(row["hit"]))
    share = statistics.mean(sum(hits) / len(hits) for hits in homes.values()) if homes else 0.0
    return f"{len(homes)} repositories, averaged = {100 * share:.0f} %"


if __name__ == "__main__":
    sys.exit(main())
