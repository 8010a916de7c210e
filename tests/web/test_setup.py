"""The setup's own decisions, without a server: whose way back counts, what is kept, and where GitHub's form is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.environment import BadSettings
from bot.github.registering import Registered, Wanted, form_url
from bot.ports import BadQuestion, Unreachable
from bot.settings import lacks_app, server_settings
from bot.web.credentials import FolderKeeper, SecretKeeper
from bot.web.setup import Plan, Setup
from tests.browser_form import Page

PEM = "-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----\n"
APP = Registered(7, "fluxbot", "https://github.com/apps/fluxbot", PEM, 'a "secret"', "Iv1.a", "cc")
PUBLIC = "https://fluxbot.example.org"


@dataclass(slots=True)
class World:
    """GitHub's answers in their order, and the time."""

    answers: list[Registered | Exception]
    keeper: FolderKeeper
    now: float = 0.0
    codes: list[str] = field(default_factory=list)

    def setup(self) -> Setup:
        async def exchange(code: str) -> Registered:
            self.codes.append(code)
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        wanted = Wanted("fluxbot", PUBLIC, f"{PUBLIC}/setup")
        plan = Plan(lambda _: wanted, "https://github.com", "", exchange, self.keeper, lambda: self.now)
        return Setup(plan, PUBLIC, token="token")


Asking = Callable[[str], Awaitable[Page]]


def asking(client: TestClient[web.Request, web.Application]) -> Asking:
    async def ask(path: str) -> Page:
        answer = await client.get(path)
        return Page(f"{PUBLIC}{path}", answer.status, await answer.text(), dict(answer.headers))

    return ask


async def begun(ask: Asking) -> str:
    """The state of a page that was opened."""
    return parse_qs(urlsplit((await ask("/setup?token=token")).forms[0].action).query)["state"][0]


async def test_a_way_back_counts_for_an_hour_and_once(tmp_path: Path) -> None:
    world = World([APP], FolderKeeper(tmp_path / "app"))
    world.keeper.prepare()
    async with TestClient(TestServer(world.setup().application())) as client:
        ask = asking(client)
        late = await begun(ask)
        world.now = 3_601
        state = await begun(ask)

        said = [(await ask(f"/setup?code=c&state={each}")).status for each in (late, state, state)]

    assert said == [403, 200, 403]
    assert world.codes == ["c"]


async def test_where_github_does_not_answer_the_same_way_back_may_be_tried_again(tmp_path: Path) -> None:
    world = World([Unreachable("GitHub did not answer"), APP], FolderKeeper(tmp_path / "app"))
    world.keeper.prepare()
    setup = world.setup()
    async with TestClient(TestServer(setup.application())) as client:
        ask = asking(client)
        state = await begun(ask)

        said = [(await ask(f"/setup?code=c&state={state}")).status for _ in range(2)]

    assert (said, setup.done.is_set()) == ([503, 200], True)


async def test_when_the_app_is_there_the_page_is_gone(tmp_path: Path) -> None:
    world = World([APP], FolderKeeper(tmp_path / "app"))
    world.keeper.prepare()
    async with TestClient(TestServer(world.setup().application())) as client:
        ask = asking(client)
        state = await begun(ask)
        await ask(f"/setup?code=c&state={state}")

        assert (await ask("/setup?token=token")).status == 403


def test_neither_a_link_nor_a_credential_is_in_the_repr_of_anything() -> None:
    setup = World([], FolderKeeper(Path("app"))).setup()

    shown = repr(APP) + repr(setup)
    assert [text for text in ("token=", "'token'", "MII", "secret", "Iv1.a") if text in shown] == []


@pytest.mark.parametrize(
    ("github_url", "organization", "url"),
    [
        ("https://github.com", "", "https://github.com/settings/apps/new?state=s"),
        ("https://github.com", "acme", "https://github.com/organizations/acme/settings/apps/new?state=s"),
        ("https://git.example.org", "acme", "https://git.example.org/organizations/acme/settings/apps/new?state=s"),
        ("https://acme.ghe.com", "", "https://acme.ghe.com/settings/apps/new?state=s"),
    ],
)
def test_the_form_is_at_the_github_that_is_set(github_url: str, organization: str, url: str) -> None:
    assert form_url(github_url, organization, "s") == url


def test_a_name_that_is_too_long_for_github_is_refused_before_anything_begins() -> None:
    with pytest.raises(BadQuestion, match="1 to 34"):
        Wanted("x" * 35, PUBLIC, PUBLIC)


def test_a_folder_with_an_app_is_left_alone(tmp_path: Path) -> None:
    keeper = FolderKeeper(tmp_path / "app")
    keeper.prepare()
    keeper.keep(APP)

    with pytest.raises(BadQuestion, match="holds the credentials of an App already"):
        keeper.prepare()


def test_a_file_that_somebody_else_put_there_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "target").touch()
    (tmp_path / "secret.yaml").symlink_to(tmp_path / "target")

    with pytest.raises(BadQuestion):
        SecretKeeper(tmp_path / "secret.yaml", "fluxbot").keep(APP)

    assert (tmp_path / "target").read_text() == ""


def test_the_server_finds_what_setup_kept_unless_the_app_is_named_otherwise(tmp_path: Path) -> None:
    here = {"FLUXBOT_DATA_DIR": str(tmp_path)}
    before = lacks_app(here, tmp_path)
    keeper = FolderKeeper(tmp_path / "app")
    keeper.prepare()
    keeper.keep(APP)

    found = server_settings(here, tmp_path)

    assert (before, lacks_app(here, tmp_path)) == (True, False)
    assert (found.app_id, found.private_key, found.webhook_secrets) == (7, PEM, ('a "secret"',))
    with pytest.raises(BadSettings, match="FLUXBOT_PRIVATE_KEY is not set"):
        server_settings({**here, "FLUXBOT_APP_ID": "8"}, tmp_path)
    assert not lacks_app({"FLUXBOT_APP_ID": "8"}, tmp_path)
