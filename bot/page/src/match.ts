// Which boxes a search and a filter mean.

import type { Box, Side } from "./document";
import { shownOn } from "./document";
import type { Choice } from "./store";

export function matches(query: string, filter: Choice["filter"], side: Side): (box: Box) => boolean {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return (box) => {
    const state = shownOn(box, side);
    if (!state) return false;
    if (filter === "touched" && box.change === "same") return false;
    if (filter === "unwell" && state.outcome === "ready") return false;
    if (!words.length) return true;
    const text = [box.id, state.path, ...state.things.map((thing) => thing.id)].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  };
}
