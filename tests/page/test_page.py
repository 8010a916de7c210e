"""What people do with the review page."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from bot.report.escape import embedded
from bot.report.page import page_of
from tests.page.fleet_page import FLEET
from tests.page.fleet_page import page as fleet_page

AXE = Path(__file__).parents[2] / "bot" / "page" / "node_modules" / "axe-core" / "axe.min.js"
VIOLATIONS = """axe.run().then(said => said.violations.flatMap(one => one.nodes.map(node =>
    [one.id, node.target.join(" "), ...node.any.map(some => some.message)].join(" · "))))"""
NAMES = {
    "flux-system": "^flux-system ready · 9 objects.* changed – flux-system in flux-system, wave 1, ready$",
    "cert-manager": "wave 2, ready$",
    "databases": "wave 2, ready$",
    "monitoring": "^monitoring stuck .*PrometheusRule disks.* changed – .* wave 2, never becomes ready$",
    "issuers": "wave 3, ready$",
    "dashboards": "waits · 1 object changed – .* wave 4, waits for ever$",
    "legacy": "removed – .* wave 4, ready$",
    "shop": "new – .* wave 4, ready only by a retry$",
    "web": "^web ready .* wave 4, ready$",
}
STUCK = "Kustomization/flux-system/monitoring"


def box(page: Page, name: str) -> Locator:
    return page.locator(f'.node[data-id="Kustomization/flux-system/{name}"]')


def panel(page: Page) -> Locator:
    return page.get_by_role("tabpanel")


def test_the_graph_tells_what_comes_up_and_what_the_change_does_in_words_too(page: Page) -> None:
    said = {name: box(page, name) for name in NAMES}

    for name, told in NAMES.items():
        expect(said[name]).to_have_accessible_name(re.compile(told))
    expect(page.locator(".node")).to_have_count(len(NAMES))


def test_a_finding_opens_with_its_reasons_its_fix_and_its_box(page: Page) -> None:
    page.get_by_role("button", name="error crd-in-same-kustomization").click()

    expect(panel(page)).to_contain_text('no matches for kind "PrometheusRule" in version "monitoring.coreos.com/v1"')
    expect(panel(page).locator(".diff .plus").first).to_have_text(
        re.compile(r"^\+apiVersion: kustomize\.toolkit\.fluxcd\.io")
    )
    expect(panel(page).get_by_role("link", name="infra/monitoring/alerts.yaml:2").first).to_have_attribute(
        "href",
        "https://github.com/example/fleet/blob/2b6f0cc904d137be2e1730235f5664094b831186/infra/monitoring/alerts.yaml#L2",
    )
    expect(box(page, "monitoring")).to_have_attribute("aria-pressed", "true")
    assert "#finding=" in page.url


def test_an_edge_is_followed_from_box_to_box(page: Page) -> None:
    box(page, "shop").click()
    expect(panel(page)).to_contain_text("Why it needs a retry")
    expect(panel(page)).to_contain_text("nothing orders the two")

    panel(page).get_by_role("button", name="databases").click()

    expect(panel(page).get_by_role("heading", level=2)).to_contain_text("databases")
    expect(panel(page).get_by_role("button", name="shop")).to_be_visible()
    expect(box(page, "databases")).to_have_attribute("aria-pressed", "true")
    assert page.url.endswith("#node=Kustomization/flux-system/databases")


def test_the_fresh_start_plays_to_its_end_and_says_where_it_gets_stuck(page: Page) -> None:
    page.clock.install()
    caption = page.get_by_role("status")
    page.get_by_role("button", name="Play the fresh start").click()
    expect(caption).to_contain_text("Empty cluster")
    expect(box(page, "monitoring")).to_have_attribute("data-phase", "pending")

    page.clock.run_for(2300)

    expect(caption).to_contain_text("Wave 2 of 4 2 ready, 1 stuck")
    expect(caption).to_contain_text('no matches for kind "PrometheusRule"')
    expect(box(page, "monitoring")).to_have_attribute("data-phase", "now")
    expect(box(page, "shop")).to_have_attribute("data-phase", "pending")
    page.clock.run_for(5000)
    expect(caption).to_contain_text("In the end 5 ready, 1 only by a retry, 1 stuck, 1 waiting for ever")
    expect(page.get_by_role("button", name="Play the fresh start")).to_be_visible()


def test_a_wave_is_chosen_by_hand(page: Page) -> None:
    page.get_by_role("slider").press("Home")
    page.get_by_role("slider").press("ArrowRight")

    expect(page.get_by_role("status")).to_contain_text("Wave 1 of 4 1 ready")
    expect(page.get_by_role("slider")).to_have_attribute("aria-valuetext", "wave 1 of 4")


def test_before_the_change_stands_what_it_removes_and_not_what_it_adds(page: Page) -> None:
    page.get_by_role("button", name="Before").click()

    expect(box(page, "legacy")).to_have_accessible_name(re.compile("^legacy ready · 1 object – .* wave 4, ready$"))
    expect(box(page, "shop")).to_have_count(0)
    expect(box(page, "monitoring")).to_have_attribute("data-outcome", "ready")
    expect(box(page, "dashboards")).to_have_accessible_name(re.compile("wave 3, ready$"))
    page.get_by_role("button", name="After").click()
    expect(box(page, "shop")).to_be_visible()


def test_everything_is_reached_with_the_keyboard_alone(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("prometheusrule")
    expect(page.locator(".node:not(.faint)")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(panel(page).get_by_role("heading", level=2)).to_contain_text("monitoring")

    page.get_by_role("searchbox").fill("")
    box(page, "monitoring").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")

    expect(panel(page).get_by_role("heading", level=2)).to_contain_text("shop")
    page.keyboard.press("Escape")
    expect(page.locator('.node[aria-pressed="true"]')).to_have_count(0)
    page.get_by_role("tab", name="2 findings").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Order")).to_be_focused()
    expect(panel(page).get_by_role("button")).to_have_count(9)


def test_one_press_of_tab_leads_into_the_graph_and_the_next_out_of_it(page: Page) -> None:
    in_order = page.locator('.node[tabindex="0"]')

    expect(in_order).to_have_count(1)
    box(page, "web").focus()
    expect(in_order).to_have_attribute("data-id", "Kustomization/flux-system/web")
    page.keyboard.press("Tab")
    expect(page.locator(".node:focus")).to_have_count(0)


def test_the_list_is_the_graph_in_words(page: Page) -> None:
    page.get_by_role("tab", name="Order").click()

    expect(panel(page).get_by_role("heading", level=2)).to_have_text(["Wave 1", "Wave 2", "Wave 3", "Wave 4"])
    page.get_by_label("Filter").select_option("unwell")
    expect(panel(page).get_by_role("button")).to_have_text(
        [
            re.compile("monitoring.*never becomes ready"),
            re.compile("dashboards.*waits"),
            re.compile("shop.*by a retry.*new"),
        ]
    )
    panel(page).get_by_role("button", name="shop").click()
    expect(box(page, "shop")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (f"#node={STUCK}", "Why it does not come up"),
        ("#node=Kustomization/flux-system/legacy&side=before", "Waits for (2)"),
        ("#finding=d60928", "Add databases to the dependsOn of shop"),
        ("#finding=d60928&wave=2", "Add databases to the dependsOn of shop"),
        (
            "#node=Kustomization/flux-system/gone&side=sideways&wave=x&cluster=y",
            "and both are in Kustomization/flux-system/monitoring",
        ),
    ],
)
def test_an_address_leads_to_its_node_or_finding(page: Page, file: Path, address: str, shown: str) -> None:
    page.goto("about:blank")
    page.goto(f"{file.as_uri()}{address}")

    expect(panel(page)).to_contain_text(shown)


def test_the_address_moves_with_the_choice_and_the_choice_with_the_address(page: Page) -> None:
    box(page, "web").click()
    assert page.url.endswith("#node=Kustomization/flux-system/web")

    page.evaluate("location.hash = 'node=Kustomization/flux-system/issuers'")

    expect(box(page, "issuers")).to_have_attribute("aria-pressed", "true")


def test_what_a_box_applies_is_named_with_its_line(page: Page) -> None:
    box(page, "monitoring").click()

    applied = panel(page).locator(".thing")
    expect(applied).to_have_text([
        re.compile(r"HelmRelease/flux-system/kube-prometheus-stack.*brings PrometheusRule.*release\.yaml:2"),
        re.compile(r"PrometheusRule/default/disks.*new.*comes only with kube-prometheus-stack.*alerts\.yaml:2"),
    ])  # fmt: skip
    expect(box(page, "monitoring").locator(".inner-name")).to_have_text(
        ["PrometheusRule disks", "HelmRelease kube-prometheus-stack"]
    )


@pytest.mark.parametrize(
    ("theme", "address"),
    [
        ("light", ""),
        ("dark", "#finding=190ac8"),
        ("light", "#node=Kustomization/flux-system/shop"),
        ("dark", "#node=Kustomization/flux-system/shop"),
        ("light", "#wave=2"),
    ],
)
def test_nobody_is_shut_out(page: Page, file: Path, theme: str, address: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.goto("about:blank")
    page.goto(f"{file.as_uri()}{address}")
    expect(page.locator(".node").first).to_be_visible()

    page.evaluate(AXE.read_text())
    found = page.evaluate(VIOLATIONS)

    assert found == []


def test_the_switch_of_the_colours_beats_the_system_and_is_kept(page: Page) -> None:
    switch = page.get_by_role("button", name="Colours")
    switch.click()
    switch.click()

    expect(switch).to_have_accessible_name("Colours: dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(15, 20, 27)"


def test_a_phone_shows_it_all_below_each_other_without_scrolling_sideways(chromium: Browser, file: Path) -> None:
    with chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True) as context:
        page = context.new_page()
        page.goto(file.as_uri())

        page.get_by_role("button", name="warning crd-not-ordered").tap()

        expect(panel(page).locator(".diff")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_change_that_does_nothing_wrong_says_so(chromium: Browser, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(fleet_page(FLEET / "base", FLEET / "base"))
    page = chromium.new_page()
    page.goto(file.as_uri())

    expect(panel(page)).to_contain_text("Nothing found")
    expect(page.locator(".verdict")).to_have_text("Passes")
    page.close()


def test_no_name_becomes_markup_and_no_address_but_one_of_the_web_becomes_a_link(
    chromium: Browser, file: Path, tmp_path: Path
) -> None:
    hostile = "<img src=x onerror=alert(1)><svg onload=alert(1)>"
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', file.read_text())
    assert found is not None
    data = json.loads(found[1].replace("shop", "\\u003c/script\\u003e" + hostile.replace("<", "\\u003c")))
    data["links"] = {"before": "javascript:alert(1)//", "after": "javascript:alert(1)//"}
    other = tmp_path / "hostile.html"
    other.write_text(page_of(embedded(data), hostile))
    page = chromium.new_page()
    said: list[str] = []
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("console", lambda message: said.append(message.text))
    page.goto(other.as_uri())

    page.get_by_role("button", name="warning crd-not-ordered").click()
    page.locator(".node", has_text="onerror").click()
    page.get_by_role("tab", name="Order").click()

    expect(panel(page).get_by_role("button", name="onerror")).to_have_count(1)
    assert page.locator("img, [onerror], [onload], a[href^=javascript]").count() == 0
    assert said == []
    page.close()


def test_another_cluster_is_chosen_and_stays_in_the_address(chromium: Browser, tmp_path: Path) -> None:
    shutil.copytree(FLEET, tmp_path / "fleet")
    for side in ("base", "head"):
        clusters = tmp_path / "fleet" / side / "clusters"
        shutil.copytree(clusters / "production", clusters / "staging")
        sync = clusters / "staging" / "flux-system" / "gotk-sync.yaml"
        sync.write_text(sync.read_text().replace("clusters/production", "clusters/staging"))
    (tmp_path / "fleet/head/clusters/staging/web.yaml").unlink()
    file = tmp_path / "page.html"
    file.write_text(fleet_page(tmp_path / "fleet" / "base", tmp_path / "fleet" / "head"))
    page = chromium.new_page()
    page.goto(file.as_uri())
    cluster = page.get_by_label("Cluster", exact=True)

    cluster.select_option("clusters/staging (9)")
    box(page, "web").click()

    expect(box(page, "web")).to_have_attribute("data-change", "removed")
    assert page.url.endswith("#node=Kustomization/flux-system/web&cluster=clusters/staging")
    page.reload()
    expect(cluster.locator("option:checked")).to_have_text("clusters/staging (9)")
    page.get_by_role("tab", name="findings").click()
    page.get_by_role("button", name="error crd-in-same-kustomization").click()
    expect(cluster.locator("option:checked")).to_have_text("clusters/staging (9)")
    page.close()
