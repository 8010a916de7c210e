// The same as the graph, as a list: for screen readers, for printing, and for those who like lists.

import type { Box, State } from "./document";
import { shownOn } from "./document";
import { h, icon } from "./dom";
import { matches } from "./match";
import type { Store } from "./store";
import { OUTCOMES, summed, TAGS } from "./words";

export function order(store: Store): HTMLElement {
  const { cluster } = store;
  const { side, query, filter } = store.choice;
  const found = matches(query, filter, side);
  const waves: [Box, State][][] = [];
  for (const box of cluster?.nodes ?? []) {
    const state = shownOn(box, side);
    if (state && found(box)) (waves[state.layer] ??= []).push([box, state]);
  }
  const number = waves.reduce((sum, wave) => sum + (wave?.length ?? 0), 0);
  return h(
    "div",
    { class: "order" },
    number ? null : h("p", { class: "quiet" }, "Nothing here matches."),
    waves.map((wave, layer) => (wave?.length ? h("section", {}, h("h2", {}, `Wave ${layer + 1}`), h("ul", { class: "plain rows" }, wave.map((one) => h("li", {}, row(store, ...one))))) : null)),
  );
}

function row(store: Store, box: Box, state: State): HTMLElement {
  const { side, node } = store.choice;
  const tag = side === "after" ? TAGS[box.change] : "";
  return h(
    "button",
    { type: "button", class: `row ${state.outcome}`, "aria-pressed": String(node === box.id), click: () => store.chooseNode(box.id) },
    icon(state.outcome) as unknown as HTMLElement,
    h("span", { class: "row-name" }, box.name),
    h("span", { class: "row-sub" }, [OUTCOMES[state.outcome], summed(state), tag].filter(Boolean).join(" · ")),
  );
}
