// What the merge does to the running cluster.

import type { Names } from "./document";
import { counted, h } from "./dom";
import type { Store } from "./store";
import { name } from "./words";

export function effect(store: Store): HTMLElement | null {
  const { cluster } = store;
  const found = cluster?.effect;
  if (!cluster || !found) return null;
  const lists = ([["created", found.created], ["changed", found.changed], ["deleted", found.deleted]] as const).filter(([, names]) => names.number);
  return h(
    "section",
    { class: "effect" },
    h("h2", {}, "On merge"),
    lists.length || found.upgraded.length ? null : h("p", { class: "quiet" }, `Nothing changes of what Flux applies in ${name(cluster)}.`),
    lists.map(([word, names]) => list(word, names)),
    found.upgraded.length
      ? h("details", { class: "more" }, h("summary", {}, `${counted(found.upgraded.length, "chart")} upgraded`), h("ul", {}, found.upgraded.map(([release, before, after]) => h("li", {}, h("code", {}, release), ` ${before || "?"} → ${after || "?"}`))))
      : null,
  );
}

function list(word: string, { number, names }: Names): HTMLElement {
  const left = number - names.length;
  return h(
    "details",
    { class: `more ${word}`, open: word === "deleted" && number <= 20 },
    h("summary", {}, `${counted(number, "object")} ${word}`),
    h("ul", {}, names.map((one) => h("li", {}, h("code", {}, one))), left > 0 ? h("li", {}, `and ${left.toLocaleString("en")} more`) : null),
  );
}
