// The review page: reads its data, builds everything, and keeps it in step with what is chosen.

import { details } from "./details";
import type { Page } from "./document";
import { readPage } from "./document";
import { counted, h, icon } from "./dom";
import { effect } from "./effect";
import { findings } from "./findings";
import { order } from "./order";
import { Stage } from "./stage";
import type { Choice, Filter, Tab } from "./store";
import { Store } from "./store";
import { themeSwitch } from "./theme";
import { Timeline } from "./timeline";
import { name } from "./words";

function start(): void {
  const page = readPage();
  const store = new Store(page);
  const main = h("main", { id: "main" });
  document.body.replaceChildren(header(page), main);
  if (!page.clusters.length) {
    main.className = "empty";
    main.append(h("p", {}, "There is no Flux cluster here, so there is no order to show."), findings(store));
    return;
  }
  const stage = new Stage(store);
  const timeline = new Timeline(store);
  main.append(h("section", { class: "graph", "aria-label": "Graph" }, bar(store), stage.element, legend(page.compared), timeline.element), panel(store));
  // Of a large graph everything else is shown first.
  if ((store.cluster?.nodes.length ?? 0) > 60) requestAnimationFrame(() => setTimeout(() => stage.begin()));
  else stage.begin();
  document.addEventListener("keydown", (event) => shortcut(event));
}

function shortcut(event: KeyboardEvent): void {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLInputElement) return;
  event.preventDefault();
  document.querySelector<HTMLInputElement>("input[type=search]")?.focus();
}

function header(page: Page): HTMLElement {
  const verdict = { failure: ["Fails", "stuck"], success: ["Passes", "ready"], neutral: ["Decides nothing", "pending"] }[page.conclusion];
  const sha = (text: string | null): string => (text && /^[0-9a-f]{40}$/.test(text) ? text.slice(0, 7) : "working tree");
  const title = page.pull ? h("a", { href: page.pull.url, rel: "noopener noreferrer" }, `${page.repository} #${page.pull.number}`) : h("span", {}, page.repository);
  return h(
    "header",
    {},
    h("div", { class: "brand", "aria-hidden": "true" }, "fluxbot"),
    h("div", { class: "title" }, h("h1", {}, page.headline), h("p", {}, title, h("span", { class: "commits" }, page.compared ? `${sha(page.base)} → ${sha(page.head)}` : sha(page.head)))),
    h("span", { class: `verdict ${page.conclusion}` }, icon(verdict?.[1] ?? "pending") as unknown as HTMLElement, verdict?.[0] ?? ""),
    themeSwitch(),
  );
}

/** Cluster, side, search and filter. */
function bar(store: Store): HTMLElement {
  const { page } = store;
  const cluster = h("select", { "aria-label": "Cluster" }, page.clusters.map((one, number) => h("option", { value: number }, `${name(one)} (${one.nodes.length})`)));
  cluster.addEventListener("change", () => store.choose({ cluster: Number(cluster.value), node: null, finding: null, wave: null }));
  const search = h("input", { type: "search", placeholder: "Search  /", "aria-label": "Search Kustomizations and what they apply" });
  search.addEventListener("input", () => store.choose({ query: search.value }));
  search.addEventListener("keydown", (event) => {
    const first = event.key === "Enter" && document.querySelector<HTMLElement>(".node:not(.faint)");
    if (first) store.chooseNode(first.dataset.id ?? null);
  });
  const filter = h("select", { "aria-label": "Filter" }, [["all", "Everything"], ...(page.compared ? [["touched", "Touched by the change"]] : []), ["unwell", "Not ready at once"]].map(([value, told]) => h("option", { value: value! }, told!)));
  filter.addEventListener("change", () => store.choose({ filter: filter.value as Filter }));
  const creators = h("input", { type: "checkbox" });
  creators.addEventListener("change", () => store.choose({ creators: creators.checked }));
  const sides = page.compared ? sideSwitch(store) : null;
  const sync = (now: Choice): void => {
    cluster.value = String(now.cluster);
    filter.value = now.filter;
    creators.checked = now.creators;
  };
  sync(store.choice);
  store.listen(sync);
  return h("div", { class: "bar" }, page.clusters.length > 1 ? cluster : h("span", { class: "root" }, name(page.clusters[0]!)), sides, search, filter, h("label", { class: "check" }, creators, "who creates whom"));
}

function sideSwitch(store: Store): HTMLElement {
  const buttons = (["before", "after"] as const).map((side) => h("button", { type: "button", class: "side", click: () => store.choose({ side }), "data-side": side }, side === "before" ? "Before" : "After"));
  const sync = (now: Choice): void => buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.side === now.side)));
  sync(store.choice);
  store.listen(sync);
  return h("div", { class: "sides", role: "group", "aria-label": "Side of the change" }, buttons);
}

function legend(compared: boolean): HTMLElement {
  const node = (outcome: string, told: string): HTMLElement => h("li", {}, h("span", { class: "sample", "data-outcome": outcome }, icon(outcome) as unknown as HTMLElement), told);
  const tie = (kind: string, told: string): HTMLElement => h("li", {}, h("span", { class: `stroke ${kind}` }), told);
  return h(
    "ul",
    { class: "legend", "aria-label": "Legend" },
    node("ready", "ready"), node("late", "late: by a retry"), node("stuck", "stuck"), node("blocked", "waits for a stuck one"),
    tie("depends-on", "dependsOn"), ...(compared ? [tie("added", "new"), tie("removed", "removed")] : []), tie("missing", "missing"), tie("created-by", "creates"),
  );
}

function panel(store: Store): HTMLElement {
  const { page } = store;
  const number = page.findings.filter((finding) => finding.ignored === null).length;
  const names: [Tab, string][] = [["findings", `${counted(number, "finding")}`], ["details", "Details"], ["order", "Order"]];
  const body = h("div", { class: "panel-body", id: "panel", role: "tabpanel", tabindex: 0 });
  const tabs = names.map(([tab, told]) => h("button", { type: "button", role: "tab", id: `tab-${tab}`, "aria-controls": "panel", click: () => store.choose({ tab }) }, told));
  const list = h("div", { class: "tabs", role: "tablist", "aria-label": "About the review" }, tabs);
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = (tabs.indexOf(document.activeElement as HTMLButtonElement) + step + tabs.length) % tabs.length;
    store.choose({ tab: names[at]![0] });
    tabs[at]!.focus();
  });
  const show = (now: Choice): void => {
    tabs.forEach((tab, at) => {
      const isOn = names[at]![0] === now.tab;
      tab.setAttribute("aria-selected", String(isOn));
      tab.tabIndex = isOn ? 0 : -1;
    });
    body.setAttribute("aria-labelledby", `tab-${now.tab}`);
    const content = { findings: () => h("div", {}, findings(store), effect(store)), details: () => details(store), order: () => order(store) }[now.tab]();
    body.replaceChildren(content);
    body.querySelector(".card.open")?.scrollIntoView({ block: "nearest" });
  };
  show(store.choice);
  store.listen((now, before) => {
    const keys: (keyof Choice)[] = ["tab", "node", "finding", "side", "cluster", ...(now.tab === "order" ? (["query", "filter"] as const) : [])];
    if (keys.some((key) => now[key] !== before[key])) kept(body, () => show(now));
  });
  return h("section", { class: "panel", "aria-label": "Review" }, list, body);
}

/** Redraw without taking the focus away from whoever has it inside. */
function kept(body: HTMLElement, redraw: () => void): void {
  const focused = document.activeElement;
  const label = focused && body.contains(focused) ? (focused.closest("[data-finding]")?.getAttribute("data-finding") ?? "") : null;
  redraw();
  if (label) body.querySelector<HTMLElement>(`[data-finding="${CSS.escape(label)}"] button`)?.focus({ preventScroll: true });
  else if (label === "") body.focus({ preventScroll: true });
}

start();
