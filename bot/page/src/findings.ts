// The findings, each with its reasons and its fix as a diff.

import type { Finding, Page } from "./document";
import { counted, h, icon, place, prose } from "./dom";
import type { Store } from "./store";

const SIGNS: Record<Finding["severity"], string> = { error: "stuck", warning: "late", note: "pending" };

export function findings(store: Store): HTMLElement {
  const { page } = store;
  const shown = page.findings.filter((finding) => finding.ignored === null);
  const ignored = page.findings.filter((finding) => finding.ignored !== null);
  return h(
    "div",
    { class: "findings" },
    ...page.crashed.map((rule) => h("p", { class: "notice" }, "The rule ", h("code", {}, rule), " failed; the others went on.")),
    ...page.problems.map((one) => h("p", { class: "notice" }, ...prose(one.text), " ", place(page, one.at, "before"))),
    shown.length ? h("ol", { class: "cards" }, ...shown.map((finding) => h("li", {}, card(store, finding)))) : h("p", { class: "quiet" }, page.compared ? "Nothing found: the change brings nothing that would not come up." : "Nothing found."),
    more(`${counted(ignored.length, "finding")} ignored`, ignored.map((finding) => h("li", {}, h("code", {}, finding.rule), " ", finding.ignored))),
    more(`${counted(page.gaps.length, "thing")} not looked at`, page.gaps.map((gap) => h("li", {}, h("code", {}, gap.about), " ", ...prose(gap.why)))),
  );
}

function more(title: string, items: HTMLElement[]): HTMLElement | null {
  return items.length ? h("details", { class: "more" }, h("summary", {}, title), h("ul", {}, items)) : null;
}

function card(store: Store, finding: Finding): HTMLElement {
  const { page } = store;
  const isOpen = store.choice.finding === finding.id;
  const title = h(
    "button",
    { type: "button", class: "card-title", "aria-expanded": String(isOpen), click: () => (isOpen ? store.choose({ finding: null }) : store.chooseFinding(finding)) },
    icon(SIGNS[finding.severity]) as unknown as HTMLElement,
    h("span", { class: "severity" }, finding.severity),
    h("span", { class: "rule" }, finding.rule),
    h("span", { class: "id" }, finding.id),
  );
  return h(
    "article",
    { class: `card ${finding.severity} ${isOpen ? "open" : ""}`, "data-finding": finding.id },
    h("h2", {}, title),
    h("p", { class: "message-text" }, prose(finding.message)),
    place(page, [finding.at.path, finding.at.line], "after"),
    ...(isOpen ? body(store, finding) : []),
  );
}

function body(store: Store, finding: Finding): (HTMLElement | null)[] {
  const { page } = store;
  return [
    finding.predicted_error
      ? h("div", {}, h("h3", {}, "Flux will print"), h("pre", { class: "message", tabindex: 0, role: "group", "aria-label": "What Flux will print" }, finding.predicted_error))
      : null,
    finding.related.length ? h("div", {}, h("h3", {}, "Because"), related(page, finding)) : null,
    finding.advice ? h("div", {}, h("h3", {}, "To do"), h("p", {}, prose(finding.advice))) : null,
    fix(finding),
    h("p", { class: "facts" }, [...finding.when.map((when) => `${when} cluster`), finding.confidence, ...finding.clusters].join(" · ")),
  ];
}

function related(page: Page, finding: Finding): HTMLElement {
  return h("ul", { class: "related" }, finding.related.map((one) => h("li", {}, h("span", {}, prose(one.message)), place(page, [one.path, one.line], "after"))));
}

function fix(finding: Finding): HTMLElement | null {
  const { fix: found } = finding;
  if (!found) return null;
  const proof = found.safety === "safe" ? "Proven: it was applied to a copy, built and played again." : "Only in steps: what lives must not be moved at once.";
  return h(
    "div",
    { class: "fix" },
    h("h3", {}, "Fix"),
    h("p", {}, ...prose(found.title), ". ", ...prose(found.cost)),
    h("p", { class: "proof" }, proof),
    found.steps.length ? h("ol", { class: "steps" }, found.steps.map((step) => h("li", {}, prose(step)))) : null,
    found.patch ? diff(found.patch) : null,
  );
}

const LINES: [RegExp, string][] = [
  [/^(diff|index|new file|deleted file|similarity|rename|---|\+\+\+)/, "file"],
  [/^@@/, "hunk"],
  [/^\+/, "plus"],
  [/^-/, "minus"],
];

export function diff(patch: string): HTMLElement {
  const lines = patch.replace(/\n$/, "").split("\n");
  const shown = lines.map((line) => h("span", { class: `line ${LINES.find(([pattern]) => pattern.test(line))?.[1] ?? ""}` }, `${line}\n`));
  return h("pre", { class: "diff", tabindex: 0, role: "group", "aria-label": "The fix as a unified diff" }, h("code", {}, shown));
}
