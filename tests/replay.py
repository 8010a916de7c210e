"""Incidents of real repositories as pull requests: ``python -m tests.replay`` (``make replay``).

For each incident the commit that brought the mistake is opened as a pull request on a GitHub simulator, and the later
repair is its second push. The threads are printed as people would read them. ``FLUXBOT_CORPUS`` names the corpus's
folder.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp

from bot.git.repository import Repository, require_repository
from bot.github.connection import Keep, connect
from bot.github.gate import Pace
from bot.github.tokens import Credentials
from bot.manifest.documents import read
from bot.model.field import text
from bot.model.snapshot import Snapshot
from tests.app.conftest import Bench, no_time
from tests.corpus import Corpus, corpus
from tests.github_simulator.conversation import Pull
from tests.github_simulator.git_writing import Content
from tests.github_simulator.simulator import Simulator
from tests.github_simulator.standing import Standing
from tests.line_to_github import line_to

SHOWN: Final = ("b702e147", "3780b30b", "9695decf", "6718e714", "393f1e9f", "a8ae5dea")
"""The commits that brought the mistakes, by the beginning of their shas."""


@dataclass(frozen=True, slots=True)
class Incident:
    """Four commits: before the mistake, with it, and the repair with what was there before it."""

    repository: str
    before: str
    mistake: str
    unrepaired: str
    repair: str
    subject: str


def incidents(here: Corpus) -> Iterator[Incident]:
    """Those of which the corpus has all four commits, once for each mistake."""
    seen: set[str] = set()
    for one in json.loads((here.folder / "incidents.json").read_text()):
        mistake = one.get("introduced_by") or one.get("cr_introduced_by")
        before = one.get("introduced_by_parent") or one.get("cr_introduced_by_parent")
        if mistake and before and mistake not in seen:
            seen.add(mistake)
            yield Incident(one["repo"], before, mistake, one["parent"], one["commit"], one["subject"])


def changes(before: Snapshot, after: Snapshot) -> dict[str, Content]:
    """What a commit does to the files; None removes one."""
    paths = sorted({*before.files, *after.files})
    moved = [path for path in paths if before.files.get(path) != after.files.get(path)]
    return {path: after.data(path) if path in after.files else None for path in moved}


def followed(files: Mapping[str, Content]) -> str:
    """The branch that most sources in the repository follow: pull requests to another one reach no cluster."""
    written = [data for data in files.values() if isinstance(data, bytes) and b"kind: GitRepository" in data]
    bodies = [document.body for data in written for document in read(data).documents]
    sources = [body for body in bodies if text(body, "kind") == "GitRepository"]
    named = Counter(name for body in sources if (name := text(body, "spec", "ref", "branch")))
    return named.most_common(1)[0][0] if named else "main"


async def replayed(incident: Incident, repository: Repository) -> str:
    """The thread of one pull request, as Markdown."""

    def tree(commit: str) -> Snapshot:
        return repository.snapshot(repository.resolve(f"{incident.repository}/{commit}"))

    before, mistake = tree(incident.before), tree(incident.mistake)
    base = {path: blob.data or b"" for path, blob in before.files.items()}
    async with _bench(base) as bench:
        pull = await bench.pull(changes(before, mistake))
        await bench.review(pull)
        broken = bench.github.state(pull)
        repair = changes(tree(incident.unrepaired), tree(incident.repair))
        await bench.github.acts.push(bench.fleet, "topic", repair)
        await bench.review(pull)
        parts = [
            f"## {incident.repository}: {incident.mistake[:8]}, repaired by {incident.repair[:8]}",
            f"The repair's own subject: “{incident.subject}”",
            *_told("After the first push", broken, bench, pull),
            *_told("After the repair", bench.github.state(pull), bench, pull),
        ]
        return "\n\n".join(parts).replace(bench.github.url, "https://github.com")


def _told(when: str, standing: Standing, bench: Bench, pull: Pull) -> Iterator[str]:
    run = standing.check_runs[-1]
    yield f"### {when}: {run.conclusion}, {run.title}"
    yield f"Check run:\n\n{_quoted(run.summary or '')}"
    for thread in standing.threads:
        first = thread.comments[0]
        state = "resolved" if thread.resolved else f"hidden ({first.minimized})" if first.minimized else "open"
        yield f"On `{thread.path}:{thread.line}` ({state}):\n\n{_quoted(first.body)}"
    for each in run.annotations:
        yield f"Annotation {each.path}:{each.start_line} ({each.level}) {each.title}"
    for comment in standing.comments:
        yield f"Below the pull request:\n\n{_quoted(comment.body)}"
    if not (standing.threads or standing.comments):
        yield f"No comment on pull request {pull.number} of {bench.fleet.full_name}."


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.strip().splitlines())


@asynccontextmanager
async def _bench(files: Mapping[str, Content]) -> AsyncIterator[Bench]:
    with tempfile.TemporaryDirectory(prefix="fluxbot-replay-") as name:
        async with Simulator() as github, aiohttp.ClientSession() as session:
            fleet = await github.acts.add_repository("acme/fleet", files)
            fleet.default_branch = followed(files)
            await fleet.git.run("branch", "--force", fleet.default_branch, "main")
            installation = await github.add_installation("acme")
            credentials = Credentials(github.app.id, github.app.private_key)
            pace = Pace(lambda: github.clock.now().timestamp(), no_time)
            folder = Path(name)
            connection = connect(line_to(github, session, pace), credentials, Keep(folder))
            yield Bench(github, fleet, installation, connection, folder)


async def _all(here: Corpus, wanted: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory(prefix="fluxbot-replay-") as name:
        repository = require_repository(here.cloned(Path(name)))
        for incident in incidents(here):
            if incident.mistake.startswith(wanted):
                print(await replayed(incident, repository), end="\n\n", flush=True)


def main(arguments: tuple[str, ...]) -> int:
    """Print the threads of these mistakes, or of those in SHOWN."""
    here = corpus()
    if not here.is_there:
        print(f"there is no corpus in {here.folder}; FLUXBOT_CORPUS names its folder", file=sys.stderr)
        return 1
    asyncio.run(_all(here, arguments or SHOWN))
    return 0


if __name__ == "__main__":
    sys.exit(main(tuple(sys.argv[1:])))
