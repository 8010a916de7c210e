// What stands on a box.

import type { Box, Change, Cluster, State } from "./document";
import { h, icon } from "./dom";
import { inside } from "./inside";
import { described, SHORT, summed, TAGS } from "./words";

export function face(cluster: Cluster, box: Box, state: State, change: Change, opens: boolean): HTMLElement[] {
  const kind = box.id.split("/")[0];
  const other = kind === "Kustomization" ? "" : `${kind} · `;
  const prefix = prefixOf(cluster);
  const shown = prefix && box.name !== prefix && box.name.startsWith(prefix) ? `…${box.name.slice(prefix.length)}` : box.name;
  return [
    h(
      "span",
      { class: "face" },
      h("span", { class: "mark" }, icon(change === "removed" ? "out" : state.outcome) as unknown as HTMLElement),
      h("span", { class: "text" }, h("span", { class: "name" }, shown), h("span", { class: "sub" }, `${other}${SHORT[state.outcome]} · ${summed(state)}`)),
    ),
    ...(opens ? [inside(state)] : []),
    ...(TAGS[change] ? [h("span", { class: "tag" }, TAGS[change])] : []),
    h("span", { class: "unseen" }, described(box, state)),
  ];
}

const PREFIXES = new WeakMap<Cluster, string>();

/** What most names begin with, as whole words: it tells nobody anything. */
function prefixOf(cluster: Cluster): string {
  const known = PREFIXES.get(cluster);
  if (known !== undefined) return known;
  const counts = new Map<string, number>();
  for (const { name } of cluster.nodes) {
    for (let at = name.indexOf("-"); at >= 0; at = name.indexOf("-", at + 1)) {
      const start = name.slice(0, at + 1);
      counts.set(start, (counts.get(start) ?? 0) + 1);
    }
  }
  const common = [...counts].filter(([start, number]) => start.length > 5 && number > cluster.nodes.length / 2);
  const longest = common.map(([start]) => start).sort((one, other) => other.length - one.length)[0] ?? "";
  PREFIXES.set(cluster, longest);
  return longest;
}
