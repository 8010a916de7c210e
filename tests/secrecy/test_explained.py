"""What `/fluxbot explain` answers to hostile names."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.app.explained import explained
from bot.app.local import Wish, audited, drive
from bot.engine import Examination, Question
from bot.model.config import Config
from bot.model.snapshot import Snapshot
from bot.render.answerer import LocalAnswerer
from bot.render.cache import AnswerCache
from tests.command_line import CommandLine
from tests.secrecy.canaries import SYNC

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
HOSTILE = st.text(
    st.sampled_from("`*_[]()<>!~#@|\\&;:/.-+=$%{}\"' \t\n1aZ\u202e\u200b\x1b\U000e0041"), min_size=1, max_size=40
)
LONG = "@octocat<b>\u202e`[x](http://e.org)%%{" + "🚀" * 250

THING = """\
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: {name}, namespace: flux-system}}
spec: {{path: ./apps, prune: true, dependsOn: {needs}, sourceRef: {{kind: GitRepository, name: flux-system}}}}
"""


def examined(question: Question) -> Examination:
    return drive(question, LocalAnswerer(AnswerCache()), lambda _done, _asked: None)


EMPTY = examined(Question(Snapshot("x", {}, frozenset()), None, Config(), date(2026, 11, 22)))


@given(HOSTILE | st.just("x" * 10_000))
def test_a_name_that_nobody_has_is_quoted_as_text_and_code_alone(name: str) -> None:
    answer = explained(EMPTY, name, "")

    inside = {leaf.type for token in MARKDOWN.parse(answer) for leaf in token.children or ()}
    assert [token.type for token in MARKDOWN.parse(answer)] == ["paragraph_open", "inline", "paragraph_close"]
    assert inside <= {"text", "code_inline"}
    assert answer.isprintable()
    assert len(answer) < 1_000


@pytest.mark.parametrize("count", [3, 40])
def test_hostile_names_in_a_cluster_leave_the_answer_below_what_github_takes(fluxbot: CommandLine, count: int) -> None:
    names = [f"'{number} {LONG.replace(chr(39), '')}'" for number in range(count)]
    needs = "[" + ", ".join(f"{{name: {name}}}" for name in names) + "]"
    fluxbot.write({"clusters/main/flux-system/gotk-sync.yaml": SYNC.replace("production", "main"), "apps/a.yaml": ""})
    fluxbot.write(
        {
            "clusters/main/apps.yaml": "".join(THING.format(name=name, needs="[]") for name in names)
            + THING.format(name="all", needs=needs)
        }
    )

    answer = explained(examined(audited(Wish(str(fluxbot.folder), date(2026, 11, 22)))), "Kustomization/all", "")

    kinds = {leaf.type for token in MARKDOWN.parse(answer) for leaf in token.children or ()}
    assert "octocat" in answer
    assert len(answer.encode()) < 65_535
    assert answer.count("```") in (0, 2)
    assert kinds <= {"text", "text_special", "code_inline"}
    assert all(line.isprintable() for line in answer.split("\n"))
