"""Links to lines."""

from __future__ import annotations

from bot.report.places import Places

HERE = Places("https://github.com/acme/fleet", "abc", {"a/b.yaml", "odd [x](y) #.yaml"})


def test_a_line_of_the_tree_is_a_link_and_nothing_else_is() -> None:
    text = "`a/b.yaml:3` `c.yaml:3` `HelmRelease/a:3` `a/b.yaml`"

    assert HERE.linked(text) == (
        "[`a/b.yaml:3`](https://github.com/acme/fleet/blob/abc/a/b.yaml#L3) `c.yaml:3` `HelmRelease/a:3` `a/b.yaml`"
    )


def test_a_path_cannot_leave_its_link() -> None:
    linked = HERE.linked("`odd [x](y) #.yaml:7`")

    assert linked.endswith("](https://github.com/acme/fleet/blob/abc/odd%20%5Bx%5D%28y%29%20%23.yaml#L7)")


def test_code_blocks_stay_as_they_are() -> None:
    text = "````\n`a/b.yaml:3`\n```\n`a/b.yaml:3`\n````\n`a/b.yaml:3`"

    linked = HERE.linked(text)

    assert linked.count("](https") == 1
    assert linked.startswith("````\n`a/b.yaml:3`\n```\n`a/b.yaml:3`\n````\n[")


def test_without_a_site_nothing_is_a_link() -> None:
    assert Places().linked("`a/b.yaml:3`") == "`a/b.yaml:3`"
