from __future__ import annotations

import re

from bot.knowledge.charts import look_up
from bot.knowledge.references import references_of
from bot.knowledge.shipped import shipped
from bot.model.field import mappings, strings, text
from bot.model.ref import GroupKind


def test_every_chart_of_the_catalogue_is_found_by_its_name_and_its_own_urls() -> None:
    rows = list(mappings(shipped("charts"), "charts"))

    lost = [
        (text(row, "id"), url)
        for row in rows
        for url in strings(row, "urls")
        if not look_up(strings(row, "names")[0], url).known
    ]

    assert len(rows) > 200
    assert lost == []


def test_no_chart_brings_one_crd_twice_in_one_way() -> None:
    for row in mappings(shipped("charts"), "charts"):
        crds = look_up(strings(row, "names")[0], text(row, "urls", 0)).crds

        assert len(set(crds)) == len(crds), text(row, "id")


def test_every_pattern_of_an_url_compiles_and_brings_something() -> None:
    for row in mappings(shipped("remote"), "remote"):
        assert re.compile(text(row, "url")).pattern
        assert row["kinds"], text(row, "id")


def test_every_reference_has_a_path_and_a_target() -> None:
    rows = list(mappings(shipped("references"), "references"))

    for row in rows:
        for reference in references_of(GroupKind(text(row, "from", 0), text(row, "from", 1))):
            assert reference.path
            assert reference.targets
