"""What a process said when it failed, fit to be shown: one line, without places of this machine and file contents."""

from __future__ import annotations

import re

from bot.model.ask import Build, Render
from bot.model.redaction import redacted
from bot.render.contents import without_contents
from bot.render.room import Room

_LONGEST = 600
_MOST_READ = 6000
_ASIDE = re.compile(r"# Warning:|Warning:|Flag --|[IW][0-9]{4} [0-9:.]+ +[0-9]+ \S+\] ")
# The places where kustomize prints what stands in a file. Seen in kustomize 5.8; each has its test.
_CONTENTS = (
    (re.compile(r" with config: `\n.*?\n`", re.DOTALL), ""),
    (re.compile(r"( patch from) \[.*\]", re.DOTALL), r"\1 its text"),
    (re.compile(r":? ?node contents:.*", re.DOTALL), ""),
    (
        re.compile(r"literal sources \[.*\]: invalid literal source .*, expected", re.DOTALL),
        "literal sources: expected",
    ),
    (re.compile(r"(![\w!:./-]*) `[^`]*`"), r"\1"),
    (re.compile(r"(invalid map key): .*", re.DOTALL), r"\1"),
    (re.compile(r" in object \{.*?\}\}"), ""),
    # A password may begin with an asterisk.
    (re.compile(r"(unknown anchor) '[^']*'"), r"\1"),
    (re.compile(r"generator &\{[^}]*\}"), "a generator"),
    (re.compile(r"map\[.*\]", re.DOTALL), "map"),
)


def cleaned(complaint: bytes, room: Room, ask: Build | Render) -> str:
    """The error in a process's stderr; never empty. What it quotes of the files of ``ask`` is hidden."""
    said = complaint.decode(errors="replace")
    lines = [line for line in said.splitlines() if not _ASIDE.match(line)]
    text = "\n".join(lines).strip().removeprefix("error: ").removeprefix("Error: ")
    text = text.replace(f"{room.tree}/", "").replace(room.tree, ".").replace(f"{room.home}/", "")
    for content, rest in _CONTENTS:
        text = content.sub(rest, text)
    # Errors of yaml stand one a line below their title; what else has several lines quotes a file.
    title, *more = text.splitlines() or ["it failed without a word"]
    if title.endswith("errors:"):
        title = f"{title} {'; '.join(line.strip() for line in more if line.startswith('  line '))}"
    title = redacted(without_contents(title[:_MOST_READ], ask))
    return title if len(title) <= _LONGEST else title[: _LONGEST - 1] + "…"
