// The graph: boxes are buttons, ties are SVG beneath them; pan, zoom and arrow keys.

import { select } from "d3-selection";
import "d3-transition";
import type { D3ZoomEvent, ZoomBehavior } from "d3-zoom";
import { zoom, zoomIdentity } from "d3-zoom";
import type { Box, Cluster, Side, State, Tie } from "./document";
import { changeOf, reasonsOn, shownOn } from "./document";
import { h, icon, svg } from "./dom";
import { inside, isOpen } from "./inside";
import type { Plan, Spot } from "./layout";
import { between, drawn, HEIGHT, plan, WIDTH } from "./layout";
import type { Choice, Store } from "./store";
import { described, name, SHORT, summed, TAGS } from "./words";

const CALM = matchMedia("(prefers-reduced-motion: reduce)");
const FAR = 0.6;
const FEW = 60;
/** The height of the names of the waves above the graph. */
const RULER = 34;

export class Stage {
  readonly element: HTMLElement;
  private readonly view = h("div", { class: "view" });
  private readonly bands = h("div", { class: "bands", "aria-hidden": "true" });
  private readonly ruler = h("div", { class: "ruler", "aria-hidden": "true" });
  private readonly ties = svg("svg", { class: "ties", "aria-hidden": "true" });
  private readonly nodes = h("div", { class: "nodes", role: "group" });
  private readonly world = h("div", { class: "world" }, this.bands, this.ties as unknown as HTMLElement, this.nodes);
  private readonly behavior: ZoomBehavior<HTMLElement, unknown> = zoom<HTMLElement, unknown>();
  private readonly buttons = new Map<number, HTMLButtonElement>();
  private readonly lines = new Map<number, SVGElement>();
  private laid: Plan = { spots: new Map(), paths: new Map(), bands: [], width: 0, height: 0 };
  private current = -1;

  constructor(private readonly store: Store) {
    this.view.append(this.world);
    this.element = h("div", { class: "stage" }, this.view, this.ruler, this.tools());
    this.behavior.scaleExtent([0.08, 2.2]).on("zoom", (event: D3ZoomEvent<HTMLElement, unknown>) => {
      const { x, y, k } = event.transform;
      this.world.style.transform = `translate(${x}px, ${y}px) scale(${k})`;
      this.world.classList.toggle("far", k < FAR);
      this.measure(x, k);
    });
    select<HTMLElement, unknown>(this.view).call(this.behavior).on("dblclick.zoom", null);
    this.view.addEventListener("click", (event) => {
      // Not by its target: a box that was chosen just now has a new inside.
      if (!event.composedPath().some((one) => one instanceof HTMLButtonElement)) this.store.chooseNode(null);
    });
    this.nodes.addEventListener("keydown", (event) => this.key(event));
    store.listen((now, before) => this.chosen(now, before));
  }

  /** For the first time, when it stands in the page. */
  begin(): void {
    this.build();
    this.frame(false);
    performance.mark("drawn");
  }

  private get cluster(): Cluster | undefined {
    return this.store.cluster;
  }

  private chosen(now: Choice, before: Choice): void {
    if (now.cluster !== before.cluster) {
      this.buttons.forEach((button) => button.remove());
      this.buttons.clear();
      this.current = -1;
    }
    const isNew = now.cluster !== before.cluster || now.side !== before.side || now.creators !== before.creators;
    if (isNew) this.build();
    else {
      for (const id of new Set([now.node, before.node])) this.refill(id);
      this.paint();
    }
    if (now.cluster !== before.cluster) this.frame(false);
    else if (now.node && (now.node !== before.node || isNew)) this.reveal(now.node);
    else if (isNew && this.laid.spots.size < 40) this.frame(true);
  }

  private build(): void {
    const cluster = this.cluster;
    if (!cluster) return;
    const { side, creators } = this.store.choice;
    const { width, height } = this.view.getBoundingClientRect();
    performance.mark("layout-begin");
    this.laid = plan(cluster, side, creators, Math.max(0.5, width / Math.max(1, height)));
    performance.measure("layout", "layout-begin");
    this.nodes.setAttribute("aria-label", `Kustomizations of ${name(cluster)}, in the order in which they come up`);
    this.drawBands();
    this.drawNodes(cluster, side);
    this.drawTies(cluster, side);
    this.paint();
  }

  private drawBands(): void {
    const most = this.laid.height;
    this.bands.replaceChildren(
      ...this.laid.bands.map(({ x, width }) => {
        const band = h("div", { class: "band" });
        Object.assign(band.style, { left: `${x}px`, width: `${width}px`, height: `${most}px` });
        return band;
      }),
    );
    this.ruler.replaceChildren(
      ...this.laid.bands.map(({ layer, count }) => h("div", { class: "mark-of-wave" }, h("span", {}, `Wave ${layer + 1}`), h("span", { class: "band-count" }, String(count)))),
    );
    const { x, k } = zoomOf(this.view);
    this.measure(x, k);
  }

  /** The names of the waves stay above their columns, whatever is shown of these. */
  private measure(x: number, k: number): void {
    this.laid.bands.forEach((band, at) => {
      const mark = this.ruler.children[at] as HTMLElement | undefined;
      if (mark) Object.assign(mark.style, { transform: `translateX(${x + band.x * k}px)`, width: `${band.width * k}px` });
    });
  }

  private drawNodes(cluster: Cluster, side: Side): void {
    for (const [number, button] of this.buttons) {
      if (!this.laid.spots.has(number)) {
        button.remove();
        this.buttons.delete(number);
      }
    }
    const inOrder = [...this.laid.spots].sort(([, one], [, other]) => one.x - other.x || one.y - other.y);
    if (!this.laid.spots.has(this.current)) this.current = inOrder[0]?.[0] ?? -1;
    for (const [number, spot] of inOrder) {
      const box = cluster.nodes[number]!;
      const state = shownOn(box, side)!;
      const button = this.buttons.get(number) ?? this.button(number);
      this.fill(button, box, state);
      button.style.transform = `translate(${spot.x}px, ${spot.y}px)`;
      button.style.width = spot.width ? `${spot.width}px` : "";
      this.nodes.append(button);
    }
  }

  private button(number: number): HTMLButtonElement {
    const button = h("button", { type: "button", class: "node", tabindex: -1 });
    button.addEventListener("click", () => {
      const box = this.cluster?.nodes[number];
      if (box) this.store.chooseNode(this.store.choice.node === box.id && !this.store.choice.finding ? null : box.id);
    });
    button.addEventListener("focus", () => this.focused(number));
    this.buttons.set(number, button);
    return button;
  }

  private fill(button: HTMLButtonElement, box: Box, state: State): void {
    const { side, node } = this.store.choice;
    const cluster = this.cluster!;
    const change = side === "after" ? box.change : "same";
    const opens = isOpen(cluster, box, side) || node === box.id;
    button.dataset.outcome = state.outcome;
    button.dataset.change = change;
    button.dataset.id = box.id;
    button.classList.toggle("open", opens);
    button.title = box.name;
    const kind = box.id.split("/")[0];
    const other = kind === "Kustomization" ? "" : `${kind} · `;
    const prefix = prefixOf(cluster);
    const shown = prefix && box.name !== prefix && box.name.startsWith(prefix) ? `…${box.name.slice(prefix.length)}` : box.name;
    button.replaceChildren(
      h(
        "span",
        { class: "face" },
        h("span", { class: "mark" }, icon(change === "removed" ? "out" : state.outcome) as unknown as HTMLElement),
        h("span", { class: "text" }, h("span", { class: "name" }, shown), h("span", { class: "sub" }, `${other}${SHORT[state.outcome]} · ${summed(state)}`)),
      ),
      ...(opens ? [inside(state)] : []),
      ...(TAGS[change] ? [h("span", { class: "tag" }, TAGS[change])] : []),
      h("span", { class: "unseen" }, described(box, state)),
    );
  }

  private refill(id: string | null): void {
    const number = this.cluster?.nodes.findIndex((box) => box.id === id) ?? -1;
    const button = this.buttons.get(number);
    const box = this.cluster?.nodes[number];
    const state = box && shownOn(box, this.store.choice.side);
    if (button && state) this.fill(button, box, state);
  }

  private drawTies(cluster: Cluster, side: Side): void {
    const heads = ["plain", "added", "missing", "near"].map((kind) =>
      svg("marker", { id: `head-${kind}`, class: `head ${kind}`, viewBox: "0 0 8 8", refX: 6.5, refY: 4, markerWidth: 7, markerHeight: 7, markerUnits: "userSpaceOnUse", orient: "auto-start-reverse" }, svg("path", { d: "M0 0L8 4L0 8z" })),
    );
    this.ties.setAttribute("width", String(this.laid.width));
    this.ties.setAttribute("height", String(this.laid.height));
    this.ties.replaceChildren(svg("defs", {}, ...heads));
    this.lines.clear();
    for (const number of drawn(cluster, side, this.store.choice.creators)) this.drawTie(cluster.ties[number]!, number, side);
  }

  private drawTie(tie: Tie, number: number, side: Side): void {
    const d = this.laid.paths.get(number) ?? between(this.laid.spots, tie);
    if (!d) return;
    const reasons = reasonsOn(tie, side) ?? reasonsOn(tie, "before");
    const change = side === "after" && tie.kind !== "created by" ? changeOf(tie) : "same";
    const kind = tie.kind === "missing" || reasons?.weak ? "missing" : change === "added" ? "added" : "plain";
    const group = svg("g", { class: `tie ${tie.kind.replace(" ", "-")} ${change} ${reasons?.weak ? "weak" : ""}` });
    const path = svg("path", { d, "marker-end": `url(#head-${kind})` }) as SVGPathElement;
    group.append(path);
    this.ties.append(group);
    const told = tie.kind === "missing" ? "missing" : change === "added" ? "new" : change === "removed" ? "removed" : "";
    if (told && (change !== "same" || this.laid.spots.size <= FEW)) group.append(...label(path, told));
    this.lines.set(number, group);
  }

  /** What depends on the choice alone. */
  private paint(): void {
    const cluster = this.cluster;
    if (!cluster) return;
    const { side, node, wave, finding } = this.store.choice;
    const chosen = cluster.nodes.findIndex((box) => box.id === node);
    this.drawImplied(cluster, side, chosen);
    const near = new Set<number>();
    for (const [number, line] of this.lines) {
      const { tail, head } = cluster.ties[number]!;
      const isNear = chosen >= 0 && (tail === chosen || head === chosen);
      if (isNear) near.add(tail).add(head);
      line.classList.toggle("near", isNear);
      const path = line.firstElementChild;
      const end = path?.getAttribute("marker-end")?.replace(/plain|near/, isNear ? "near" : "plain");
      if (end) path?.setAttribute("marker-end", end);
      line.classList.toggle("pending", wave !== null && (shownOn(cluster.nodes[tail]!, side)?.layer ?? 0) >= wave);
    }
    const concerned = new Set(finding ? (this.store.finding?.concerns[cluster.root] ?? []) : []);
    const found = this.matcher();
    this.element.classList.toggle("has-choice", chosen >= 0 && !finding);
    this.element.classList.toggle("crowded", this.laid.spots.size > FEW);
    [...this.ruler.children].forEach((mark, at) => mark.classList.toggle("now", wave !== null && this.laid.bands[at]?.layer === wave - 1));
    for (const [number, button] of this.buttons) {
      const box = cluster.nodes[number]!;
      const layer = shownOn(box, side)?.layer ?? 0;
      button.classList.toggle("near", near.has(number));
      button.classList.toggle("concerned", concerned.has(box.id));
      button.classList.toggle("faint", !found(box));
      const stop = chosen >= 0 && this.buttons.has(chosen) ? chosen : this.current;
      set(button, "data-phase", wave === null || layer < wave - 1 ? "" : layer === wave - 1 ? "now" : "pending");
      set(button, "aria-pressed", String(number === chosen));
      set(button, "tabindex", number === stop ? "0" : "-1");
    }
  }

  private matcher(): (box: Box) => boolean {
    const { query, filter, side } = this.store.choice;
    return matches(query, filter, side);
  }

  /** What follows from use alone is drawn for the chosen box only: all of it would hide the rest. */
  private drawImplied(cluster: Cluster, side: Side, chosen: number): void {
    for (const [number, line] of this.lines) {
      if (cluster.ties[number]!.kind === "implied" || line.classList.contains("asked")) {
        line.remove();
        this.lines.delete(number);
      }
    }
    if (chosen < 0) return;
    cluster.ties.forEach((tie, number) => {
      const isAsked = !this.lines.has(number) && (tie.tail === chosen || tie.head === chosen) && reasonsOn(tie, side);
      if (!isAsked) return;
      this.drawTie(tie, number, side);
      this.lines.get(number)?.classList.add("asked");
    });
  }

  private focused(number: number): void {
    this.current = number;
    for (const [other, button] of this.buttons) set(button, "tabindex", other === number ? "0" : "-1");
    const spot = this.laid.spots.get(number);
    if (spot && !this.isVisible(spot)) this.centre(spot, true);
  }

  private key(event: KeyboardEvent): void {
    const here = this.laid.spots.get(this.current);
    const way = ({ ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] } as Record<string, [number, number]>)[event.key];
    if (event.key === "Escape") this.store.chooseNode(null);
    if (!here || !way) return;
    event.preventDefault();
    const next = nearest(this.laid.spots, this.current, here, way);
    if (next !== null) this.buttons.get(next)?.focus({ preventScroll: true });
  }

  focusNode(id: string): void {
    const number = this.cluster?.nodes.findIndex((box) => box.id === id) ?? -1;
    this.buttons.get(number)?.focus({ preventScroll: true });
  }

  private isVisible(spot: Spot): boolean {
    const { x, y, k } = zoomOf(this.view);
    const { width, height } = this.view.getBoundingClientRect();
    const [left, top] = [x + spot.x * k, y + spot.y * k];
    return left >= 8 && top >= RULER + 8 && left + (spot.width ?? WIDTH) * k <= width - 8 && top + HEIGHT * k <= height - 8;
  }

  private reveal(id: string): void {
    const number = this.cluster?.nodes.findIndex((box) => box.id === id) ?? -1;
    const spot = this.laid.spots.get(number);
    if (spot && (!this.isVisible(spot) || zoomOf(this.view).k < FAR)) this.centre(spot, true);
  }

  private centre(spot: Spot, moves: boolean): void {
    const { width, height } = this.view.getBoundingClientRect();
    const k = Math.max(zoomOf(this.view).k, 0.85);
    this.move(zoomIdentity.translate(width / 2 - (spot.x + (spot.width ?? WIDTH) / 2) * k, height / 2 - (spot.y + HEIGHT / 2) * k).scale(k), moves);
  }

  /** The whole where it can be read, else what matters most. */
  private frame(moves: boolean): void {
    const important = this.store.choice.node ?? this.importantNode();
    if (this.wholeScale() < 0.45 && important) {
      const number = this.cluster?.nodes.findIndex((box) => box.id === important) ?? -1;
      const spot = this.laid.spots.get(number);
      if (spot) return this.centre(spot, moves);
    }
    this.fit(moves);
  }

  private importantNode(): string | null {
    const cluster = this.cluster;
    const finding = this.store.page.findings.find((one) => one.ignored === null && one.concerns[cluster?.root ?? ""]);
    return finding?.concerns[cluster?.root ?? ""]?.[0] ?? cluster?.nodes.find((box) => box.change !== "same")?.id ?? null;
  }

  private wholeScale(): number {
    const { width, height } = this.view.getBoundingClientRect();
    return Math.min(1.25, width / (this.laid.width + 32), (height - RULER) / (this.laid.height + 24));
  }

  private fit(moves: boolean): void {
    const { width, height } = this.view.getBoundingClientRect();
    const k = this.wholeScale();
    this.move(zoomIdentity.translate((width - this.laid.width * k) / 2, RULER + Math.max(8, (height - RULER - this.laid.height * k) / 2.6)).scale(k), moves);
  }

  private move(to: typeof zoomIdentity, moves: boolean): void {
    const view = select<HTMLElement, unknown>(this.view);
    if (moves && !CALM.matches) view.transition().duration(280).call((some) => this.behavior.transform(some, to));
    else view.call((some) => this.behavior.transform(some, to));
  }

  private tools(): HTMLElement {
    const tool = (label: string, sign: string, act: () => void): HTMLElement =>
      h("button", { type: "button", class: "tool", "aria-label": label, title: label, click: act }, icon(sign) as unknown as HTMLElement);
    const scale = (by: number) => (): void => void select<HTMLElement, unknown>(this.view).call((some) => this.behavior.scaleBy(some, by));
    return h("div", { class: "tools" }, tool("Closer", "in", scale(1.3)), tool("Further away", "out", scale(1 / 1.3)), tool("Show all", "fit", () => this.fit(true)));
  }
}

function zoomOf(view: HTMLElement): { x: number; y: number; k: number } {
  return (view as unknown as { __zoom?: { x: number; y: number; k: number } }).__zoom ?? { x: 0, y: 0, k: 1 };
}

/** Touches nothing that stays as it is: of five hundred boxes a choice changes two. */
function set(button: HTMLButtonElement, name: string, value: string): void {
  if (button.getAttribute(name) !== value) button.setAttribute(name, value);
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

/** The next box in a direction: of the nearest, the one that lies straightest ahead. */
function nearest(spots: Map<number, Spot>, current: number, here: Spot, [dx, dy]: [number, number]): number | null {
  const middle = (spot: Spot): number => spot.x + (spot.width ?? WIDTH) / 2;
  let best: number | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const [number, spot] of spots) {
    const [right, down] = [middle(spot) - middle(here), spot.y - here.y];
    const along = right * dx + down * dy;
    const across = Math.abs(right * dy) + Math.abs(down * dx);
    if (number === current || along < (dx ? WIDTH / 2 : 10) || (dy !== 0 && across > WIDTH / 2)) continue;
    const distance = along + 2 * across;
    if (distance < least) [best, least] = [number, distance];
  }
  return best;
}
