// What a tie looks like.

import type { Side, Tie } from "./document";
import { changeOf, reasonsOn } from "./document";
import { svg } from "./dom";

export function arrowHeads(): SVGElement {
  const size = { viewBox: "0 0 8 8", refX: 6.5, refY: 4, markerWidth: 7, markerHeight: 7, markerUnits: "userSpaceOnUse" };
  const heads = ["plain", "added", "missing", "near"].map((kind) =>
    svg("marker", { id: `head-${kind}`, class: `head ${kind}`, ...size, orient: "auto-start-reverse" }, svg("path", { d: "M0 0L8 4L0 8z" })),
  );
  return svg("defs", {}, ...heads);
}

export function line(tie: Tie, d: string, side: Side): SVGElement {
  const reasons = reasonsOn(tie, side) ?? reasonsOn(tie, "before");
  const change = side === "after" && tie.kind !== "created by" ? changeOf(tie) : "same";
  const kind = tie.kind === "missing" || reasons?.weak ? "missing" : change === "added" ? "added" : "plain";
  const path = svg("path", { d, "marker-end": `url(#head-${kind})` });
  return svg("g", { class: `tie ${tie.kind.replace(" ", "-")} ${change} ${reasons?.weak ? "weak" : ""}` }, path);
}

/** Puts a word on a line that stands in the page; on one that is as it was only where there is room. */
export function named(group: SVGElement, tie: Tie, side: Side, hasRoom: boolean): void {
  const change = side === "after" && tie.kind !== "created by" ? changeOf(tie) : "same";
  const word = tie.kind === "missing" ? "missing" : change === "added" ? "new" : change === "removed" ? "removed" : "";
  if (word && (change !== "same" || hasRoom)) group.append(...label(group.firstElementChild as SVGPathElement, word));
}

function label(path: SVGPathElement, told: string): SVGElement[] {
  const length = path.getTotalLength();
  const { x, y: line } = path.getPointAtLength(length / 2);
  const y = length < 100 ? line - 14 : line; // a short line would be hidden behind its word
  const width = told.length * 6.4 + 10;
  const back = svg("rect", { x: x - width / 2, y: y - 8, width, height: 16, rx: 8 });
  const text = svg("text", { x, y: y + 3.6, "text-anchor": "middle" });
  text.textContent = told;
  return [back, text];
}
