"""Charts that lie in the repository itself."""

from __future__ import annotations

import posixpath

from bot.model.ask import Render
from bot.model.flux import Release
from bot.model.snapshot import Snapshot, clamped

_FILES = 2000


def chart_question(release: Release, snapshot: Snapshot) -> Render | None:
    """Render the chart of a release from the tree; None where no chart lies there, or one that is too large."""
    if release.chart is None:
        return None
    directory = clamped(release.chart.path)
    if posixpath.join(directory, "Chart.yaml") not in snapshot.files:
        return None
    prefix = f"{directory}/" if directory else ""
    files = {path.removeprefix(prefix): blob for path, blob in snapshot.files.items() if path.startswith(prefix)}
    if len(files) > _FILES or any(blob.data is None for blob in files.values()):
        return None
    return Render(files, release.values, release.ref.name, release.target_namespace)
