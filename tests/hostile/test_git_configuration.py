"""The git configuration of a stranger's repository starts nothing, fetches nothing and leads nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.git import process
from bot.git.repository import require_repository
from bot.ports import BadQuestion
from tests.hostile.strange_repository import StrangeRepository, strange_repository


@pytest.fixture
def strange(tmp_path: Path) -> StrangeRepository:
    return strange_repository(tmp_path / "fleet")


@pytest.fixture
def tripwire(tmp_path: Path) -> Path:
    """A program that leaves ``tripped`` behind, whatever it is called as."""
    program = tmp_path / "tripwire"
    program.write_text(f"#!/bin/sh\ntouch '{tmp_path}/tripped'\ncat\n")
    program.chmod(0o755)
    return program


def looked_at(strange: StrangeRepository) -> None:
    """All that the command line asks of a repository."""
    found = require_repository(strange.root)
    found.working_tree()
    found.snapshot("HEAD")
    found.merge_base("HEAD", "main")


STARTING = {
    "watcher": {"core.fsmonitor": "{}"},
    "watcher with a daemon": {"core.fsmonitor": "true", "core.fsmonitorHookVersion": "2"},
    "hooks": {"core.hooksPath": "{hooks}"},
    "pager": {"core.pager": "{}", "pager.ls-files": "true", "pager.rev-parse": "true", "pager.ls-tree": "true"},
    "alias": {"alias.ls-files": "!{}", "alias.rev-parse": "!{}", "alias.cat-file": "!{}"},
    "filter": {"filter.x.clean": "{}", "filter.x.smudge": "{}", "filter.x.process": "{}", "filter.x.required": "true"},
    "textconv": {"diff.x.textconv": "{}", "diff.x.command": "{}", "diff.external": "{}"},
    "merge driver": {"merge.x.driver": "{}", "merge.default": "x"},
    "editor": {"core.editor": "{}", "sequence.editor": "{}"},
    "password": {"core.askPass": "{}", "credential.helper": "!{}"},
    "signatures": {"gpg.program": "{}", "log.showSignature": "true"},
    "transport": {"core.sshCommand": "{}", "core.gitProxy": "{}", "core.alternateRefsCommand": "{}"},
    "trace": {"trace2.eventTarget": "{trace}", "trace2.normalTarget": "{trace}"},
}


@pytest.mark.parametrize("options", STARTING.values(), ids=STARTING)
def test_nothing_that_a_repository_configures_is_started(
    strange: StrangeRepository, tripwire: Path, tmp_path: Path, options: dict[str, str]
) -> None:
    strange.write(".gitattributes", "* filter=x diff=x merge=x text eol=crlf working-tree-encoding=UTF-16\n")
    strange.write("apps/.gitattributes", "*.yaml ident export-subst\n")
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("post-checkout", "post-index-change", "pre-commit", "reference-transaction", "fsmonitor-watchman"):
        for folder in (hooks, strange.root / ".git/hooks"):
            folder.mkdir(exist_ok=True)
            (folder / name).symlink_to(tripwire)
    for key, value in options.items():
        strange.git("config", key, value.format(tripwire, hooks=hooks, trace=tmp_path / "tripped"))
    # A clean filter runs for a file whose stat changed; a hook for an index that is written.
    strange.write("apps/ks.yaml", "kind: B\n")

    looked_at(strange)

    assert not (tmp_path / "tripped").exists()


@pytest.mark.parametrize("where", ["include.path", "includeIf.gitdir:/.path"])
def test_configuration_that_is_included_starts_nothing_either(
    strange: StrangeRepository, tripwire: Path, tmp_path: Path, where: str
) -> None:
    included = tmp_path / "included"
    included.write_text(
        f'[core]\n\tfsmonitor = "{tripwire}"\n\tpager = "{tripwire}"\n[alias]\n\tls-files = "!{tripwire}"\n'
    )
    strange.git("config", where, str(included))

    looked_at(strange)

    assert not (tmp_path / "tripped").exists()


@pytest.mark.parametrize("url", ["ext::{} %S", "ssh://127.0.0.1/x", "http://127.0.0.1:{port}/x", "/nonexistent"])
def test_an_object_that_is_missing_is_not_fetched_from_a_promisor(
    strange: StrangeRepository, tripwire: Path, tmp_path: Path, url: str
) -> None:
    for key, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": url.format(tripwire, port=9),
        "remote.origin.uploadpack": str(tripwire),
        "protocol.ext.allow": "always",
        "core.sshCommand": str(tripwire),
    }.items():
        strange.git("config", key, value)
    blob = strange.git("rev-parse", "HEAD:apps/ks.yaml")
    (strange.root / ".git/objects" / blob[:2] / blob[2:]).unlink()

    with pytest.raises(BadQuestion):
        require_repository(strange.root).snapshot("HEAD")

    assert not (tmp_path / "tripped").exists()


def test_files_of_another_directory_are_not_taken_for_those_of_the_repository(
    strange: StrangeRepository, tmp_path: Path
) -> None:
    (tmp_path / "canary.yaml").write_text("kind: Secret\n")
    (tmp_path / ".git").mkdir()  # as the home of somebody who keeps it in git has
    strange.git("config", "core.worktree", str(tmp_path))

    with pytest.raises(BadQuestion, match=r"core\.worktree"):
        require_repository(strange.root)


def test_a_directory_beside_the_repository_is_not_read_as_its_files(strange: StrangeRepository, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/canary.yaml").write_text("kind: Secret\n")
    strange.git("config", "core.worktree", str(tmp_path / "outside"))

    found = require_repository(strange.root)

    assert set(found.snapshot("HEAD").files) == {"apps/ks.yaml"}
    with pytest.raises(BadQuestion, match="name a revision"):
        found.working_tree()


def test_a_bare_repository_hidden_in_a_working_tree_leads_nowhere_and_starts_nothing(
    strange: StrangeRepository, tripwire: Path, tmp_path: Path
) -> None:
    hidden = strange.root / "vendor"
    strange.git("init", "--quiet", "--bare", str(hidden))
    inner = StrangeRepository(hidden)
    for key, value in {"core.bare": "false", "core.worktree": str(tmp_path), "core.fsmonitor": str(tripwire)}.items():
        inner.git("--git-dir=.", "config", key, value)

    with pytest.raises(BadQuestion):
        require_repository(hidden).working_tree()

    assert not (tmp_path / "tripped").exists()


def test_worktrees_and_repositories_whose_configuration_is_elsewhere_are_read(
    strange: StrangeRepository, tmp_path: Path
) -> None:
    strange.git("worktree", "add", "--quiet", str(tmp_path / "second"), "-b", "second")
    strange.git("clone", "--quiet", str(strange.root), str(tmp_path / "super"))
    outer = StrangeRepository(tmp_path / "super")
    outer.git("config", "core.worktree", "..")

    for root in (tmp_path / "second", tmp_path / "super"):
        assert set(require_repository(root).working_tree().files) == {"apps/ks.yaml"}


@pytest.mark.parametrize("target", ["/nonexistent/objects", "../../../outside/objects", "\n\n#x\n", "relative"])
def test_object_stores_elsewhere_do_not_matter(strange: StrangeRepository, target: str) -> None:
    (strange.root / ".git/objects/info").mkdir(exist_ok=True)
    (strange.root / ".git/objects/info/alternates").write_text(target + "\n")

    assert set(require_repository(strange.root).snapshot("HEAD").files) == {"apps/ks.yaml"}


@pytest.mark.parametrize(
    "place", [".git/objects/info/alternates", ".git/index", ".git/info/exclude", ".git/packed-refs", ".git/config"]
)
def test_a_pipe_anywhere_in_a_git_folder_ends_in_one_line(
    strange: StrangeRepository, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setattr(process, "LONGEST", 1.0)
    pipe = strange.root / place
    pipe.parent.mkdir(exist_ok=True)
    pipe.unlink(missing_ok=True)
    os.mkfifo(pipe)

    with pytest.raises(BadQuestion) as raised:
        looked_at(strange)

    assert "\n" not in str(raised.value)
