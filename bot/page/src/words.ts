// What states are called, for those who read and for those who listen.

import type { Box, Change, Cluster, Outcome, State, Tie } from "./document";
import { counted } from "./dom";

export const OUTCOMES: Record<Outcome, string> = {
  ready: "ready",
  late: "ready only by a retry",
  stuck: "never becomes ready",
  blocked: "waits for ever",
};

export const SHORT: Record<Outcome, string> = { ready: "ready", late: "late", stuck: "stuck", blocked: "waits" };

export const TAGS: Record<Change, string> = { same: "", added: "new", changed: "changed", removed: "removed" };

export const KINDS: Record<Tie["kind"], string> = {
  "depends on": "dependsOn",
  "created by": "created by",
  implied: "follows from what it uses",
  missing: "missing order",
};

/** What the eye sees of a box, for those who listen to it. */
export function described(box: Box, state: State): string {
  return ` – ${box.name} in ${box.namespace}, wave ${state.layer + 1}, ${OUTCOMES[state.outcome]}`;
}

export function summed(state: State): string {
  const number = (role: string): number => state.things.filter((thing) => thing.role === role).length;
  const parts = [
    [number("release"), "release"],
    [number("definition"), "CRD"],
    [number("custom"), "custom resource"],
  ] as const;
  const told = parts.filter(([some]) => some > 0).map(([some, noun]) => counted(some, noun));
  return told.slice(0, 2).join(" · ") || counted(state.things.length + state.others, "object");
}

export function name(cluster: Cluster): string {
  return cluster.root || "the whole repository";
}
