"""What OCI artifacts of Flux tell of the repositories that they are made of."""

from __future__ import annotations

import pytest

from bot.model.ask import Fetch, Refused
from bot.model.pushed import Pushed
from tests.fetch.charts import Registry, chart, packed, sha256
from tests.fetch.conftest import Internet
from tests.fetch.web import Said, Web

REVISION = "main@sha1:3a5b1f0c2d4e6f708192a3b4c5d6e7f809102132"
MADE_OF = {
    "org.opencontainers.image.source": "https://github.com/acme/app",
    "org.opencontainers.image.revision": REVISION,
}
FILES = {"./app/web.yaml": "kind: ConfigMap\n", "kustomization.yaml": "resources: [app/web.yaml]\n"}


def own(web: Web, **more: str) -> Fetch:
    return Fetch(f"oci://registry.test:{web.port}/acme/widgets", "", **more)


def test_an_artifact_tells_its_source_its_revision_and_its_files_as_git_names_them(internet: Internet) -> None:
    web = internet.site("registry.test")
    digest = Registry(web).push(FILES, MADE_OF, "latest", "1.0.0")
    files = {
        "app/web.yaml": "51a34c6243e883df966c87100f12cddff0f6d3fd",
        "kustomization.yaml": "d5abf3e8ffbe4a9ed927acd43e04ab7d40e371c5",
    }

    for ask in (own(web), own(web, version="1.x"), own(web, tag="latest"), own(web, digest=digest)):
        told = internet.pushed(ask)
        assert told == Pushed("https://github.com/acme/app", REVISION, files)


def test_one_without_annotations_tells_nothing_of_its_source(internet: Internet) -> None:
    web = internet.site("registry.test")
    Registry(web).push(FILES, {}, "latest")

    told = internet.pushed(own(web))

    assert isinstance(told, Pushed)
    assert (told.source, told.revision, len(told.files)) == ("", "", 2)


def test_an_archive_that_is_known_by_its_digest_is_not_asked_for_again(internet: Internet) -> None:
    web = internet.site("registry.test")
    Registry(web).push(FILES, MADE_OF, "latest")

    assert internet.pushed(own(web)) == internet.pushed(own(web))

    assert sum("/blobs/" in path for path in web.paths) == 1


def test_a_chart_is_no_artifact(internet: Internet) -> None:
    web = internet.site("registry.test")
    Registry(web).hold(chart(), "latest")

    assert internet.pushed(own(web)) == Refused("what the registry has as `latest` is no artifact of Flux")


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", "a/../../b"])
def test_a_path_that_leads_out_is_refused(internet: Internet, path: str) -> None:
    web = internet.site("registry.test")
    Registry(web).push({path: "x"}, MADE_OF, "latest")

    assert internet.pushed(own(web)) == Refused("the archive holds a path that leads out of its folder")


def test_too_many_files_are_refused(internet: Internet) -> None:
    web = internet.site("registry.test")
    Registry(web).push({f"{number}.yaml": "" for number in range(2_001)}, MADE_OF, "latest")

    assert internet.pushed(own(web)) == Refused("the archive holds more than 2,000 files")


def test_a_layer_that_is_not_what_its_digest_says_is_refused(internet: Internet) -> None:
    web = internet.site("registry.test")
    Registry(web).push({"a.yaml": "x"}, MADE_OF, "latest")
    layer = sha256(packed({"a.yaml": b"x"}))
    web.says[f"/v2/acme/widgets/blobs/sha256:{layer}"] = Said(packed({"a.yaml": b"y"}))

    assert internet.pushed(own(web)) == Refused("the archive of version `latest` is not what its digest says")
