"""Links to lines on GitHub, for Markdown that is read there."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from bot.report.escape import uri

_SPAN = re.compile(r"`([^`\n]+):([1-9][0-9]{0,6})`")
_ELSEWHERE = re.compile(r"[\w.-]+/[\w.-]+:")
_FENCE = re.compile(r"`{3,}")


@dataclass(frozen=True, slots=True)
class Places:
    """Where a tree can be looked at: ``site`` is the repository's own address. Without one nothing is a link."""

    site: str = ""
    sha: str = ""
    paths: Collection[str] = field(default=frozenset())

    def is_elsewhere(self, path: str) -> bool:
        """Whether a place lies in another repository: its path begins with that one's name and a colon."""
        return bool(self.paths) and path not in self.paths and _ELSEWHERE.match(path) is not None

    def linked(self, markdown: str) -> str:
        """The Markdown with each code span that names a line of the tree made a link; blocks of code stay."""
        if not self.site:
            return markdown
        lines: list[str] = []
        fence = ""
        for line in markdown.split("\n"):
            marks = _FENCE.match(line)
            if fence or marks:
                fence = "" if fence and line == fence else fence or (marks[0] if marks else "")
                lines.append(line)
            else:
                lines.append(_SPAN.sub(self._link, line))
        return "\n".join(lines)

    def _link(self, found: re.Match[str]) -> str:
        path, line = found[1], found[2]
        return f"[{found[0]}]({self.site}/blob/{self.sha}/{uri(path)}#L{line})" if path in self.paths else found[0]


NOWHERE: Final = Places()
"""No links at all."""
