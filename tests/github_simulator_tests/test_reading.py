"""Repositories read over the API: trees, blobs, archives, comparisons, contents, refs."""

from __future__ import annotations

import base64
import io
import tarfile
from datetime import timedelta

from tests.github_simulator.git_writing import Content, Submodule, Symlink
from tests.github_simulator.simulator import Simulator
from tests.github_simulator.world import Repository
from tests.github_simulator_tests.conftest import REPOSITORY, Client

GIT = f"{REPOSITORY}/git"


async def test_a_recursive_tree_lists_what_is_below_and_blobs_hold_it(
    github: Simulator, client: Client, fleet: Repository
) -> None:
    files: dict[str, Content] = {"apps/b.yaml": "b: ü\n", "link": Symlink("a.yaml"), "sub": Submodule("1" * 40)}
    await github.acts.push(fleet, "main", files)

    tree = (await client.ask("GET", f"{GIT}/trees/main?recursive=1")).body

    kinds = {each["path"]: (each["mode"], each["type"]) for each in tree["tree"]}
    assert kinds == {
        "a.yaml": ("100644", "blob"),
        "apps": ("040000", "tree"),
        "apps/b.yaml": ("100644", "blob"),
        "link": ("120000", "blob"),
        "sub": ("160000", "commit"),
    }
    sha = next(each["sha"] for each in tree["tree"] if each["path"] == "apps/b.yaml")
    blob = await client.ask("GET", f"{GIT}/blobs/{sha}")
    raw = await client.ask("GET", f"{GIT}/blobs/{sha}", Accept="application/vnd.github.raw+json")
    assert base64.b64decode(blob.body["content"]) == raw.raw == "b: ü\n".encode()


async def test_a_tree_that_is_too_large_says_so(github: Simulator, client: Client, fleet: Repository) -> None:
    await github.acts.push(fleet, "main", {f"{number}.yaml": "x" for number in range(10)})
    fleet.tree_limit = 5

    tree = (await client.ask("GET", f"{GIT}/trees/main?recursive=1")).body

    assert (tree["truncated"], len(tree["tree"])) == (True, 5)


async def test_an_archive_is_behind_a_redirect_that_ends_after_five_minutes(
    github: Simulator, client: Client, fleet: Repository
) -> None:
    reply = await client.ask("GET", f"{REPOSITORY}/tarball/main")
    assert reply.status == 302

    async with client.session.get(reply.headers["Location"]) as answer:
        packed = await answer.read()
    github.clock.advance(timedelta(minutes=6))
    async with client.session.get(reply.headers["Location"]) as answer:
        late = answer.status

    sha = str(await fleet.git.resolve("main"))
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        files = [each.name for each in archive.getmembers() if each.isfile()]
    assert files == [f"acme-fleet-{sha[:7]}/a.yaml"]
    assert late == 404


async def test_a_comparison_starts_at_the_merge_base(github: Simulator, client: Client, fleet: Repository) -> None:
    base = await fleet.git.resolve("main")
    await github.acts.push(fleet, "topic", {"a.yaml": "one\n2\nthree\n"})
    await github.acts.push(fleet, "main", {"other": "x"})

    found = (await client.ask("GET", f"{REPOSITORY}/compare/main...topic")).body

    assert (found["status"], found["ahead_by"], found["behind_by"]) == ("diverged", 1, 1)
    assert found["merge_base_commit"]["sha"] == base
    assert [(each["filename"], each["patch"]) for each in found["files"]] == [
        ("a.yaml", "@@ -1,3 +1,3 @@\n one\n-two\n+2\n three")
    ]


async def test_a_branch_of_a_fork_can_be_compared(github: Simulator, client: Client, fleet: Repository) -> None:
    fork = await github.acts.fork(fleet, "mallory")
    await github.acts.push(fork, "topic", {"a.yaml": "x\n"})

    found = await client.ask("GET", f"{REPOSITORY}/compare/main...mallory:topic")

    assert (found.status, found.body["ahead_by"]) == (200, 1)


async def test_the_head_of_a_fork_is_read_through_the_base(
    github: Simulator, client: Client, fleet: Repository
) -> None:
    fork = await github.acts.fork(fleet, "mallory")
    sha = await github.acts.push(fork, "topic", {"a.yaml": "x\n"})
    await github.acts.open_pull(fleet, "topic", fork=fork)

    by_ref = await client.ask("GET", f"{GIT}/ref/pull/1/head")
    by_sha = await client.ask("GET", f"{GIT}/trees/{sha}")

    assert by_ref.body["object"]["sha"] == sha
    assert by_sha.status == 200


async def test_contents_are_files_directories_and_not_found(client: Client) -> None:
    file = await client.ask("GET", f"{REPOSITORY}/contents/a.yaml?ref=main")
    folder = await client.ask("GET", f"{REPOSITORY}/contents/")
    missing = await client.ask("GET", f"{REPOSITORY}/contents/no/such.yaml")

    assert base64.b64decode(file.body["content"]) == b"one\ntwo\nthree\n"
    assert [each["name"] for each in folder.body] == ["a.yaml"]
    assert missing.status == 404


async def test_a_renamed_repository_redirects(github: Simulator, client: Client, fleet: Repository) -> None:
    await github.acts.rename(fleet, "navy")

    read = await client.ask("GET", f"{REPOSITORY}/branches/main")
    written = await client.ask("POST", f"{REPOSITORY}/git/blobs", body={"content": ""})

    assert (read.status, written.status) == (301, 307)
    path = read.headers["Location"].removeprefix(f"{github.url}/api/v3")
    assert (await client.ask("GET", path)).body["name"] == "main"


async def test_commits_are_listed_by_path(github: Simulator, client: Client, fleet: Repository) -> None:
    await github.acts.push(fleet, "main", {"b.yaml": "x"}, message="Add b")

    listed = await client.ask("GET", f"{REPOSITORY}/commits?path=b.yaml")
    one = await client.ask("GET", f"{REPOSITORY}/commits/main")

    assert [each["commit"]["message"] for each in listed.body] == ["Add b"]
    assert [each["filename"] for each in one.body["files"]] == ["b.yaml"]


async def test_lists_come_in_pages(github: Simulator, client: Client, fleet: Repository) -> None:
    for number in range(3):
        await github.acts.push(fleet, f"b{number}", {"a.yaml": str(number)})

    first = await client.ask("GET", f"{REPOSITORY}/branches?per_page=3")
    second = await client.ask("GET", f"{REPOSITORY}/branches?per_page=3&page=2")

    assert (len(first.body), len(second.body)) == (3, 1)
    assert 'rel="next"' in first.headers["Link"]
    assert 'rel="next"' not in second.headers["Link"]


async def test_a_commit_is_made_from_blobs_and_trees(github: Simulator, client: Client, fleet: Repository) -> None:
    await github.acts.push(fleet, "fix", {"old": "x"})
    client.installation.permissions["contents"] = "write"
    head = (await client.ask("GET", f"{GIT}/ref/heads/fix")).body["object"]["sha"]
    blob = (await client.ask("POST", f"{GIT}/blobs", body={"content": "new\n"})).body["sha"]
    entries = [
        {"path": "x/new.yaml", "mode": "100644", "type": "blob", "sha": blob},
        {"path": "old", "mode": "100644", "type": "blob", "sha": None},
    ]
    tree = (await client.ask("POST", f"{GIT}/trees", body={"base_tree": head, "tree": entries})).body["sha"]
    commit = (await client.ask("POST", f"{GIT}/commits", body={"message": "m", "tree": tree, "parents": [head]})).body

    moved = await client.ask("PATCH", f"{GIT}/refs/heads/fix", body={"sha": commit["sha"]})
    back = await client.ask("PATCH", f"{GIT}/refs/heads/fix", body={"sha": head})

    assert (moved.status, back.status) == (200, 422)
    assert [each.path for each in await fleet.git.tree("fix", recursive=True)] == ["a.yaml", "x", "x/new.yaml"]


async def test_a_file_is_replaced_only_by_who_has_seen_it(client: Client, fleet: Repository) -> None:
    client.installation.permissions["contents"] = "write"
    path = f"{REPOSITORY}/contents/a.yaml"
    body = {"message": "m", "content": base64.b64encode(b"new").decode()}
    sha = (await client.ask("GET", path)).body["sha"]

    blind = await client.ask("PUT", path, body=body)
    seen = await client.ask("PUT", path, body={**body, "sha": sha})
    stale = await client.ask("PUT", path, body={**body, "sha": sha})

    assert (blind.status, seen.status, stale.status) == (422, 200, 409)
    assert await fleet.git.blob(str(await fleet.git.at("main", "a.yaml", "blob"))) == b"new"
