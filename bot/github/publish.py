"""Our check runs: begun, annotated and concluded, and never twice."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from bot.github.client import Client
from bot.github.events import FIX, RECHECK
from bot.github.keys import asked, judged, judges
from bot.github.payload import entries, found, number
from bot.github.reading import usable
from bot.model.publication import Annotation, Ending, Publication, Run, Subject
from bot.model.task import Repository

NAME: Final = "fluxbot"
"""The name of the check run, which branch protection rules refer to."""

BATCH: Final = 50
"""Annotations that GitHub takes at a time; each further batch is added to those that stand."""

MOST_TEXT: Final = 65_535
MOST_MESSAGE: Final = 64 * 1024
MOST_TITLE: Final = 255

MOVED: Final = Publication(
    Ending.CANCELLED,
    "Overtaken",
    "What was judged here is no longer what would be merged; the newest commit has a check run of its own.",
)
"""What a run says that was overtaken by a push or by another base branch."""

_CUT = "\n\n… (the rest does not fit here)"
_DIGEST = re.compile(r"<!-- fluxbot:says:([0-9a-f]{32}) -->\s*\Z")
_FIX = {"label": "Fix", "description": "Commit all proven fixes", "identifier": FIX}
_RECHECK = {"label": "Recheck", "description": "Judge this commit again", "identifier": RECHECK}


class CheckRuns:
    """The port Checks over one client."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def begin(self, repository: Repository, subject: Subject, *, recheck: bool, event: str = "") -> Run:
        """The run of ``subject``: what is in progress goes on; a completed run cannot, so a new one takes its place."""
        runs = await self._runs(repository, subject.head)
        for stale in runs:
            # The base branch changed while the run for the old one was under way.
            alike = judged(stale.key) == judged(subject.key)
            if alike and not stale.is_completed and not judges(stale.key, subject):
                await self.complete(repository, stale, MOVED)
        newest = max((run for run in runs if judges(run.key, subject)), key=lambda run: run.id, default=None)
        key = asked(subject, event if recheck else "")
        heard = bool(event) and any(run.key == key for run in runs)
        if newest is not None and (not newest.is_completed or not recheck or heard):
            return newest
        body = {
            "name": NAME,
            "head_sha": subject.head,
            "status": "in_progress",
            "external_id": key,
            "output": {"title": "Under way", "summary": "The change is being read the way Flux will."},
        }
        said = await self._client.post(repository, "/check-runs", body)
        with usable():
            return _run(said)

    async def annotate(self, repository: Repository, run: Run, publication: Publication) -> None:
        """Add the annotations that are missing, in batches. GitHub only ever adds, so those that stand are skipped."""
        for start in range(run.annotated, len(publication.annotations), BATCH):
            batch = publication.annotations[start : start + BATCH]
            output = {**_output(publication), "annotations": [_annotation(each) for each in batch]}
            await self._patch(repository, run, {"output": output}, again=False)

    async def complete(self, repository: Repository, run: Run, publication: Publication) -> None:
        """Conclude a run."""
        body = {
            "status": "completed",
            "conclusion": publication.ending.value,
            "output": _output(publication),
            "actions": [_FIX, _RECHECK] if publication.is_fixable else [_RECHECK],
        }
        if publication.details_url:
            body["details_url"] = publication.details_url
        await self._patch(repository, run, body, again=True)

    async def abandon(self, repository: Repository, number: int | None, head: str, said: Publication) -> None:
        """Conclude what is still open for a pull request at a head; without a number, for the merge group there."""
        for run in await self._runs(repository, head):
            its = judged(run.key)
            if not run.is_completed and (its == number if number else isinstance(its, tuple)):
                await self.complete(repository, run, said)

    async def _runs(self, repository: Repository, head: str) -> Sequence[Run]:
        app = await self._client.app()
        path = "/commits/{head}/check-runs?check_name={check}&app_id={app}&filter=all&per_page=100"
        said = await self._client.get(repository, path, head=head, check=NAME, app=app.id)
        with usable():
            return [_run(each) for each in entries(said, "check_runs") if found(each, "app", "id") == app.id]

    async def _patch(self, repository: Repository, run: Run, body: Mapping[str, object], *, again: bool) -> None:
        await self._client.patch(repository, "/check-runs/{run}", body, again=again, run=run.id)


def _run(said: object) -> Run:
    key, is_completed = str(found(said, "external_id") or ""), found(said, "status") == "completed"
    digest = _DIGEST.search(str(found(said, "output", "summary") or ""))
    annotated = number(said, "output", "annotations_count")
    return Run(number(said, "id"), key, is_completed, annotated, digest[1] if digest else "")


def _output(publication: Publication) -> dict[str, object]:
    summary = publication.summary
    mark = f"\n<!-- fluxbot:says:{publication.digest} -->\n" if publication.digest else ""
    if len(summary) > MOST_TEXT - len(mark):
        summary = summary[: MOST_TEXT - len(mark) - len(_CUT)] + _CUT
    summary += mark
    return {"title": publication.title[:MOST_TITLE], "summary": summary}


def _annotation(one: Annotation) -> dict[str, object]:
    message = one.message.encode()[:MOST_MESSAGE].decode(errors="ignore")
    return {
        "path": one.path,
        "start_line": one.line,
        "end_line": one.end_line,
        "annotation_level": one.level.value,
        "title": one.title[:MOST_TITLE],
        "message": message,
    }
