"""The main job as in production: ``python -m tests.demo`` (``make demo``; ``make demo KEEP=1`` leaves it running).

A GitHub simulator holds the example repository beside this file and a pull
request; the real server and worker take its signed webhooks, with a PostgreSQL
of their own. What is printed is what stands on GitHub in the end. Exits with 1
where that is not what it should be.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import dataclass
from typing import Final

from tests.example_repository import change, files
from tests.fluxbot_process import Fluxbot, NotRunning, fluxbot, fluxbot_without_app
from tests.github_simulator.conversation import Pull
from tests.github_simulator.simulator import Simulator, SimulatorMisused
from tests.github_simulator.standing import Standing
from tests.github_simulator.verdicts import CheckRun
from tests.github_simulator.world import Repository
from tests.open_postgres import reachable_postgres

_WITHIN: Final = 60.0
_FOLDED: Final = "all is well again"
_ISSUER: Final = ("infra/issuer.yaml", 2)


class NotAsExpected(Exception):
    """Something else stands on GitHub than should."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A pull request of a repository on GitHub, and fluxbot, which looks after it."""

    github: Simulator
    fleet: Repository
    process: Fluxbot

    async def run_of(self, pull: Pull) -> CheckRun:
        """The check run of the head, when it is completed."""

        async def is_completed() -> bool:
            runs = self.github.state(pull).check_runs
            return bool(runs) and all(run.status == "completed" for run in runs)

        await self.process.until(is_completed)
        (run,) = self.github.state(pull).check_runs
        return run


def main() -> int:
    """Show it; the exit status."""
    try:
        with reachable_postgres():
            asyncio.run(_demo(keep=os.environ.get("KEEP", "") not in ("", "0")))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130
    except TimeoutError:
        problem = f"not done within {_WITHIN:.0f} s"
    except (NotAsExpected, NotRunning, SimulatorMisused) as error:
        problem = " · ".join(str(error).splitlines())
    else:
        return 0
    print(f"make demo: {problem}", file=sys.stderr)
    return 1


async def _demo(*, keep: bool) -> None:
    demo = asyncio.current_task()
    assert demo is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, demo.cancel)
    async with asyncio.timeout(_WITHIN) as limit, Simulator() as github:
        fleet = await github.acts.add_repository("example/fleet", files("base"))
        async with fluxbot(github) as process:
            await github.add_installation("example")
            scene = Scene(github, fleet, process)
            await _repaired(scene, await _broken(scene))
            if keep:
                limit.reschedule(None)
                await _kept(scene)


async def _broken(scene: Scene) -> Pull:
    _heading("A pull request adds infra/issuer.yaml, a ClusterIssuer, to the Kustomization that installs cert-manager")
    await scene.github.acts.push(scene.fleet, "issuer", change("base", "head"))
    pull = await scene.github.acts.open_pull(scene.fleet, "issuer", title="issuer: Add it beside cert-manager")
    run = await scene.run_of(pull)
    standing = scene.github.state(pull)
    _show(scene, standing, run)
    _expect("the conclusion", run.conclusion, "failure")
    _expect("the lines with a comment", [(each.path, each.line) for each in standing.threads], [_ISSUER])
    _expect("the number of comments", len(standing.comments), 1)
    return pull


async def _repaired(scene: Scene, pull: Pull) -> None:
    _heading("The next push gives the issuer a Kustomization of its own, which depends on infra")
    await scene.github.acts.push(scene.fleet, "issuer", change("head", "fixed"))
    run = await scene.run_of(pull)
    standing = scene.github.state(pull)
    _show(scene, standing, run)
    _expect("the conclusion", run.conclusion, "success")
    _expect("the annotations", run.annotations, [])
    _expect("the comments that are folded", [_FOLDED in each.body for each in standing.comments], [True])


def _show(scene: Scene, standing: Standing, run: CheckRun) -> None:
    print(f"\ncheck run {run.name}: {run.conclusion} · {run.title}\n{_indented(run.summary or '')}")
    for each in run.annotations:
        print(f"\nannotation ({each.level}) {each.path}:{each.start_line} · {each.title}\n{_indented(each.message)}")
    for thread in standing.threads:
        print(f"\ncomment on {thread.path}:{thread.line}\n{_indented(thread.comments[0].body)}")
    for comment in standing.comments:
        print(f"\ncomment of {comment.author.login}\n{_indented(comment.body)}")
    pages = f"{scene.process.url}/reviews/"
    _expect("the address of the review page", (run.details_url or "")[: len(pages)], pages)
    print(f"\nreview page: {run.details_url}", flush=True)


async def _kept(scene: Scene) -> None:
    """Leave everything as it is until somebody interrupts."""
    _heading("Left running; Ctrl-C ends it and leaves nothing behind")
    print(f"fluxbot  {scene.process.url}/metrics, log in {scene.process.log}")
    print(f"GitHub   {scene.github.url}/api/v3/repos/{scene.fleet.full_name}/issues/1/comments", flush=True)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    setting_up = asyncio.create_task(_set_up(scene.github))
    await stop.wait()
    setting_up.cancel()
    await asyncio.gather(setting_up, return_exceptions=True)


async def _set_up(github: Simulator) -> None:
    """A second fluxbot that has no App: a person presses two buttons, and it reviews its first pull request."""
    async with fluxbot_without_app(github) as (process, link):
        print(f"setup    {link}\n         creates the App of another fluxbot, with two presses of a button", flush=True)
        await process.until(process.is_ready)
        _heading("The App is there; it is installed on example-two/fleet, and a pull request comes")
        fleet = await github.acts.add_repository("example-two/fleet", files("base"))
        await github.add_installation("example-two")
        await github.acts.push(fleet, "issuer", change("base", "head"))
        pull = await github.acts.open_pull(fleet, "issuer", title="issuer: Add it beside cert-manager")
        scene = Scene(github, fleet, process)
        run = await scene.run_of(pull)
        print(f"check run {run.name}: {run.conclusion} · {run.title}", flush=True)
        await asyncio.Event().wait()


def _expect(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise NotAsExpected(f"{what} should be {expected}, not {found}")


def _heading(words: str) -> None:
    print(f"\n== {words}", flush=True)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in text.rstrip().splitlines())


if __name__ == "__main__":
    sys.exit(main())
