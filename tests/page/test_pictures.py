"""The pictures of the docs: ``make accept`` takes them anew, elsewhere they are only looked for."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final, Literal, NamedTuple

import pytest
from playwright.sync_api import ViewportSize

PICTURES: Final = Path(__file__).parents[2] / "docs" / "pictures"
DESK: Final[ViewportSize] = {"width": 1440, "height": 810}
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
FINDING: Final = "#finding=190ac8"
ORDER: Final = "#node=Kustomization/flux-system/shop"


class Shot(NamedTuple):
    """One picture: of which address, how large, and in which colours."""

    name: str
    scheme: Literal["light", "dark"]
    size: ViewportSize
    address: str


SHOTS: Final = (
    Shot("page-light", "light", DESK, FINDING),
    Shot("page-dark", "dark", DESK, FINDING),
    Shot("page-order", "light", DESK, ORDER),
    Shot("page-start", "dark", DESK, "#wave=2"),
    Shot("page-phone", "light", PHONE, FINDING),
)


@pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: shot.name)
def test_the_docs_show_the_page(request: pytest.FixtureRequest, shot: Shot) -> None:
    picture = PICTURES / f"{shot.name}.png"
    size = shot.size

    if request.config.getoption("--accept"):
        chromium, file = request.getfixturevalue("chromium"), request.getfixturevalue("file")
        with chromium.new_context(viewport=size, color_scheme=shot.scheme, reduced_motion="reduce") as context:
            page = context.new_page()
            page.goto(f"{file.as_uri()}{shot.address}")
            page.locator(".node").first.wait_for()
            page.screenshot(path=picture)

    head = picture.read_bytes()[:24]
    assert head.startswith(b"\x89PNG")
    assert struct.unpack(">II", head[16:]) == (size["width"], size["height"])
