"""The forms of a page, filled in and sent as a browser without scripts would."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import aiohttp


@dataclass(slots=True)
class Form:
    """A form of a page: where it goes, how, and what is in its fields."""

    method: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """What a browser was shown."""

    url: str
    status: int
    text: str
    headers: dict[str, str]

    @property
    def forms(self) -> list[Form]:
        """Its forms, in their order."""
        reader = _Reader(self.url)
        reader.feed(self.text)
        return reader.forms


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given["method"].upper(), urljoin(self._url, given["action"])))
        elif tag == "input" and "name" in given:
            self.forms[-1].fields[given["name"]] = given.get("value", "")


async def opened(session: aiohttp.ClientSession, url: str) -> Page:
    """A page, redirects followed."""
    async with session.get(url) as answer:
        return Page(str(answer.url), answer.status, await answer.text(), dict(answer.headers))


async def sent(session: aiohttp.ClientSession, form: Form, **changed: str) -> Page:
    """The page that sending a form leads to."""
    given = {**form.fields, **changed}
    how = {"params": given} if form.method == "GET" else {"data": given}
    async with session.request(form.method, form.action, **how) as answer:  # type: ignore[arg-type] # one of the two
        return Page(str(answer.url), answer.status, await answer.text(), dict(answer.headers))
