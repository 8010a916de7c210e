// One Kustomization: what it waits for and why, what waits for it, and what it applies.

import type { Box, Cluster, Role, Side, State, Thing, Tie } from "./document";
import { changeOf, reasonsOn, shownOn, stateOn } from "./document";
import { counted, h, icon, place, prose, told } from "./dom";
import type { Store } from "./store";
import { KINDS, OUTCOMES, TAGS } from "./words";

const ROLES: [Role, string][] = [
  ["release", "HelmRelease"],
  ["definition", "CRD"],
  ["namespace", "Namespace"],
  ["custom", "Custom resource"],
  ["other", "Other object"],
];

export function details(store: Store): HTMLElement {
  const { box, cluster } = store;
  if (!box || !cluster) return h("div", { class: "details" }, h("p", { class: "quiet" }, "Choose a Kustomization in the graph, and here stands what it waits for and why."));
  const { side } = store.choice;
  const state = shownOn(box, side);
  if (!state) return h("div", { class: "details" }, heading(box), h("p", { class: "quiet" }, `It is not there ${side} the change.`));
  const number = cluster.nodes.indexOf(box);
  const there: Side = stateOn(box, side) ? side : "before";
  return h(
    "div",
    { class: "details" },
    heading(box),
    h("p", { class: "badges" }, badge(state), box.change !== "same" ? h("span", { class: `badge change ${box.change}` }, TAGS[box.change]) : null, h("span", { class: "badge" }, `wave ${state.layer + 1}`)),
    moved(box),
    place(store.page, state.at, there),
    h("p", { class: "gate" }, "builds ", h("code", {}, state.path), "; ", ...prose(state.gate)),
    concerns(store, cluster, box),
    state.why.length ? h("section", { class: `${state.outcome}-why` }, h("h3", {}, state.outcome === "late" ? "Why it needs a retry" : "Why it does not come up"), state.why.map((one) => told(store.page, one, there))) : null,
    tied(store, cluster, { title: "Waits for", number, end: "tail", other: "head" }),
    tied(store, cluster, { title: "Waits for it", number, end: "head", other: "tail" }),
    things(store, state, there),
  );
}

function heading(box: Box): HTMLElement {
  return h("h2", { class: "subject" }, h("span", { class: "kind" }, box.id.split("/")[0] ?? ""), h("span", {}, h("span", { class: "namespace" }, `${box.namespace}/`), box.name));
}

function badge(state: State): HTMLElement {
  return h("span", { class: `badge outcome ${state.outcome}` }, icon(state.outcome) as unknown as HTMLElement, OUTCOMES[state.outcome]);
}

function moved(box: Box): HTMLElement | null {
  const before = stateOn(box, "before");
  const after = stateOn(box, "after");
  if (!before || !after) return null;
  const parts = [];
  if (before.layer !== after.layer) parts.push(`was in wave ${before.layer + 1}`);
  if (before.outcome !== after.outcome) parts.push(`was ${OUTCOMES[before.outcome].replace("waits", "waiting").replace("becomes", "becoming")} before the change`);
  return parts.length ? h("p", { class: "moved" }, parts.join("; ")) : null;
}

function concerns(store: Store, cluster: Cluster, box: Box): HTMLElement | null {
  const some = store.page.findings.filter((one) => one.ignored === null && one.concerns[cluster.root]?.includes(box.id));
  if (!some.length) return null;
  const link = (finding: (typeof some)[number]): HTMLElement =>
    h("li", {}, h("button", { type: "button", class: `link ${finding.severity}`, click: () => store.chooseFinding(finding) }, `${finding.severity}: ${finding.rule}`));
  return h("section", {}, h("h3", {}, counted(some.length, "finding")), h("ul", { class: "plain" }, some.map(link)));
}

interface End {
  title: string;
  number: number;
  end: "tail" | "head";
  other: "tail" | "head";
}

const FIRST: Tie["kind"][] = ["missing", "depends on", "created by", "implied"];

function tied(store: Store, cluster: Cluster, { title, number, end, other }: End): HTMLElement | null {
  const { side } = store.choice;
  const some = cluster.ties.filter((tie) => tie[end] === number && (reasonsOn(tie, side) ?? (side === "after" && reasonsOn(tie, "before"))));
  some.sort((one, two) => FIRST.indexOf(one.kind) - FIRST.indexOf(two.kind));
  if (!some.length) return null;
  return h("section", {}, h("h3", {}, `${title} (${some.length})`), h("ul", { class: "tied" }, some.map((tie) => h("li", {}, oneTie(store, tie, cluster.nodes[tie[other]]!)))));
}

function oneTie(store: Store, tie: Tie, box: Box): HTMLElement {
  const { side } = store.choice;
  const now = reasonsOn(tie, side);
  const reasons = now ?? reasonsOn(tie, "before");
  const there: Side = now ? side : "before";
  const change = side === "after" ? changeOf(tie) : "same";
  const marks = [KINDS[tie.kind], reasons?.weak ? "too weak" : "", tie.kind === "missing" ? "" : TAGS[change]].filter(Boolean);
  const state = shownOn(box, side);
  const why = reasons?.why ?? [];
  return h(
    "div",
    { class: tie.kind.replace(" ", "-") },
    h("button", { type: "button", class: "link", click: () => store.chooseNode(box.id), "aria-description": marks.join(", ") }, state ? (icon(state.outcome) as unknown as HTMLElement) : null, box.name),
    h("span", { class: `marks ${change}` }, marks.join(" · ")),
    h(
      "details",
      { class: "late-why", open: tie.kind === "missing" || Boolean(reasons?.weak) || change !== "same" },
      h("summary", {}, counted(why.length, "reason")),
      why.map((one) => told(store.page, one, there)),
    ),
  );
}

function things(store: Store, state: State, side: Side): HTMLElement {
  const groups = ROLES.map(([role, noun]) => [noun, state.things.filter((thing) => thing.role === role)] as const);
  return h(
    "section",
    {},
    h("h3", {}, `Applies (${state.things.length + state.others})`),
    groups.filter(([, some]) => some.length).map(([noun, some]) =>
      h(
        "details",
        { class: "things", open: some.length <= 12 || some.some((thing) => thing.fails) },
        h("summary", {}, counted(some.length, noun)),
        h("ul", { class: "plain" }, some.map((thing) => h("li", {}, oneThing(store, thing, side)))),
      ),
    ),
    state.others ? h("p", { class: "quiet" }, `and ${counted(state.others, "object")} that no order depends on`) : null,
  );
}

function oneThing(store: Store, thing: Thing, side: Side): HTMLElement {
  const change = thing.change ?? "same";
  return h(
    "div",
    { class: `thing ${change} ${thing.fails ? "fails" : ""}` },
    h("span", { class: "thing-name" }, thing.fails ? (icon("stuck") as unknown as HTMLElement) : null, h("code", {}, thing.id), TAGS[change] ? h("span", { class: `badge change ${change}` }, TAGS[change]) : null),
    thing.note ? h("span", { class: "note" }, prose(thing.note)) : null,
    place(store.page, thing.at, side),
  );
}
