"""Where a review comment may stand."""

from __future__ import annotations

from dataclasses import dataclass

from tests.github_simulator.conversation import Place, Pull
from tests.github_simulator.diff import Anchor, FileDiff, anchors, between, hunk_until
from tests.github_simulator.git_repository import GitRepository
from tests.github_simulator.json_value import JsonObject, as_number, as_text
from tests.github_simulator.refusal import unprocessable


@dataclass(frozen=True, slots=True)
class Ground:
    """The diff that comments of one commit of a pull request stand on."""

    files: dict[str, FileDiff]

    def place(self, wanted: JsonObject) -> Place:
        """Where ``wanted`` asks to stand; 422 where that is not in the diff. As on GitHub no path is named."""
        found = self.files.get(as_text(wanted.get("path", "")))
        if found is None:
            raise unprocessable("Unprocessable Entity", "Path could not be resolved")
        if wanted.get("subject_type") == "file":
            return Place(found.path, None, "RIGHT", None, None, 1, "")
        if found.patch is None:
            raise unprocessable("Unprocessable Entity", "Line could not be resolved")
        if "position" in wanted:
            line, side = _by_position(found.patch, as_number(wanted["position"]))
        elif "line" in wanted:
            line, side = as_number(wanted["line"]), as_text(wanted.get("side", "RIGHT"))
        else:
            raise unprocessable("Unprocessable Entity", "Line could not be resolved")
        anchor = anchors(found.patch, side).get(line)
        if anchor is None:
            raise unprocessable("Unprocessable Entity", "Line could not be resolved")
        start, start_side = _start(found.patch, wanted, line, side, anchor)
        return Place(
            found.path, line, side, start, start_side, anchor.position, hunk_until(found.patch, anchor.position)
        )


def _by_position(patch: str, position: int) -> tuple[int, str]:
    for side in ("RIGHT", "LEFT"):
        for line, anchor in anchors(patch, side).items():
            if anchor.position == position:
                return line, side
    raise unprocessable("Unprocessable Entity", "Position could not be resolved")


def _start(patch: str, wanted: JsonObject, line: int, side: str, end: Anchor) -> tuple[int | None, str | None]:
    if wanted.get("start_line") is None:
        return None, None
    start, start_side = as_number(wanted["start_line"]), as_text(wanted.get("start_side", side))
    if start_side == side and start >= line:
        raise unprocessable("Unprocessable Entity", "Start line must precede the end line.")
    anchor = anchors(patch, start_side).get(start)
    if anchor is None or anchor.hunk != end.hunk:
        raise unprocessable("Unprocessable Entity", "start line must be part of the same hunk as the line.")
    return start, start_side


async def ground(pull: Pull, commit_id: str) -> Ground:
    """The diff of ``commit_id``, which must be a commit of the pull request."""
    git: GitRepository = pull.repository.git
    base = await git.merge_base(pull.base_sha, pull.head_sha) or pull.base_sha
    if commit_id != pull.head_sha and commit_id not in await git.history(f"{base}..{pull.head_sha}"):
        raise unprocessable("Unprocessable Entity", "commit_id is not part of the pull request")
    return Ground({each.path: each for each in await between(git, base, commit_id)})
