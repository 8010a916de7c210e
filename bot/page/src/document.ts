// What bot/report/page_data.py writes; the page reads nothing else. All texts come from strangers.

export type Side = "before" | "after";
export type Change = "same" | "added" | "changed" | "removed";
export type Outcome = "ready" | "late" | "stuck" | "blocked";
export type TieKind = "depends on" | "created by" | "implied" | "missing";
export type Role = "release" | "definition" | "namespace" | "custom" | "other";
export type At = [path: string, line: number];

export interface Told {
  text: string;
  message?: string;
  at: At | null;
}

export interface Thing {
  id: string;
  role: Role;
  at: At;
  change?: Change;
  note?: string;
  fails?: boolean;
}

export interface State {
  layer: number;
  outcome: Outcome;
  at: At;
  path: string;
  gate: string;
  why: Told[];
  things: Thing[];
  others: number;
}

export interface Box {
  id: string;
  namespace: string;
  name: string;
  change: Change;
  before: State | "same" | null;
  after: State | null;
}

export interface Reasons {
  why: Told[];
  weak: boolean;
}

export interface Tie {
  tail: number;
  head: number;
  kind: TieKind;
  before: Reasons | "same" | null;
  after: Reasons | null;
}

export interface Names {
  number: number;
  names: string[];
}

export interface Effect {
  created: Names;
  changed: Names;
  deleted: Names;
  upgraded: [release: string, before: string, after: string][];
  new: boolean;
}

export interface Cluster {
  root: string;
  flux: string | null;
  waves: Record<Side, number | null>;
  nodes: Box[];
  ties: Tie[];
  releases: number;
  objects: number;
  effect: Effect | null;
}

export interface Fix {
  title: string;
  safety: "safe" | "staged" | "unsafe";
  patch: string;
  steps: string[];
  cost: string;
  proof: { resolves: string[] };
}

export interface Finding {
  id: string;
  fingerprint: string;
  rule: string;
  severity: "error" | "warning" | "note";
  outcome: string;
  when: string[];
  confidence: string;
  new: boolean;
  ignored: string | null;
  clusters: string[];
  concerns: Record<string, string[]>;
  about: string;
  missing: string | null;
  at: { path: string; line: number; end_line: number };
  related: { path: string; line: number; message: string }[];
  message: string;
  predicted_error: string | null;
  advice: string;
  fix: Fix | null;
}

export interface Page {
  schema: number;
  fluxbot: string;
  repository: string;
  pull: { number: number; url: string } | null;
  head: string | null;
  base: string | null;
  links: Record<Side, string | null>;
  compared: boolean;
  conclusion: "success" | "failure" | "neutral";
  headline: string;
  clusters: Cluster[];
  findings: Finding[];
  problems: { text: string; at: At }[];
  crashed: string[];
  gaps: { about: string; why: string }[];
}

export function stateOn(box: Box, side: Side): State | null {
  const state = box[side];
  return state === "same" ? box.after : state;
}

export function reasonsOn(tie: Tie, side: Side): Reasons | null {
  const reasons = tie[side];
  return reasons === "same" ? tie.after : reasons;
}

/** The state that is drawn on a side: after the change also what it removes. */
export function shownOn(box: Box, side: Side): State | null {
  return stateOn(box, side) ?? (side === "after" ? stateOn(box, "before") : null);
}

/** What the change does to an order; only what is written or missing can be news. */
export function changeOf(tie: Tie): Change {
  if (tie.before === null) return "added";
  return tie.after === null ? "removed" : "same";
}

export function readPage(): Page {
  return JSON.parse(document.getElementById("data")?.textContent ?? "") as Page;
}
