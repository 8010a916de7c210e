// What a box shows of its inside: the objects that decide its order, and what Flux prints where it is stuck.

import type { Box, Cluster, Side, State, Thing } from "./document";
import { shownOn } from "./document";
import { h, icon, plain } from "./dom";
import { TAGS } from "./words";

const MOST = 5;
const FEW = 24;
const ROW = 22;
const NOTED = 37;
const MESSAGE = 44;
const PADDING = 10;

/** Whether a box stands open although nobody chose it: what the change touches or breaks, where there is room. */
export function isOpen(cluster: Cluster, box: Box, side: Side): boolean {
  if (cluster.nodes.length > FEW) return false;
  const state = shownOn(box, side);
  if (!state) return false;
  const isNews = (thing: Thing): boolean => Boolean(thing.change) && !thing.id.startsWith("Kustomization/") && side === "after";
  return state.things.some((thing) => thing.fails || (box.change === "changed" && isNews(thing)));
}

/** The objects that a box names. */
function named(state: State): Thing[] {
  return state.things.slice(0, MOST);
}

/** How much an open box is higher than a closed one. */
export function room(state: State): number {
  const rows = named(state).reduce((sum, thing) => sum + (thing.note ? NOTED : ROW), 0);
  const rest = state.things.length + state.others - named(state).length;
  return PADDING + rows + (rest ? ROW : 0) + (message(state) ? MESSAGE : 0);
}

function message(state: State): string {
  return state.outcome === "stuck" ? (state.why[0]?.message ?? "") : "";
}

export function inside(state: State): HTMLElement {
  const rest = state.things.length + state.others - named(state).length;
  const said = message(state);
  return h(
    "span",
    { class: "inside" },
    named(state).map(row),
    rest ? h("span", { class: "inner rest" }, named(state).length ? `and ${rest.toLocaleString("en")} more` : `${rest.toLocaleString("en")} objects that no order depends on`) : null,
    said ? h("span", { class: "said" }, said) : null,
  );
}

function row(thing: Thing): HTMLElement {
  const [kind, ...name] = thing.id.split("/");
  return h(
    "span",
    { class: `inner ${thing.fails ? "fails" : ""} ${thing.change ?? ""} ${thing.note ? "noted" : ""}` },
    icon(thing.fails ? "stuck" : thing.role) as unknown as HTMLElement,
    h("span", { class: "inner-text" }, h("span", { class: "inner-name" }, h("span", { class: "inner-kind" }, `${kind} `), name.at(-1) ?? ""), thing.note ? h("span", { class: "inner-note" }, plain(thing.note)) : null),
    thing.change ? h("span", { class: "inner-tag" }, TAGS[thing.change]) : null,
  );
}
