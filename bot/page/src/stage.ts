// The graph: boxes are buttons, ties are SVG beneath them; pan, zoom and arrow keys.

import { Camera } from "./camera";
import type { Box, Cluster, Side, State, Tie } from "./document";
import { reasonsOn, shownOn } from "./document";
import { h, svg } from "./dom";
import { face } from "./face";
import { isOpen } from "./inside";
import { WAYS, nearest } from "./keys";
import type { Plan } from "./layout";
import { between, drawn, plan } from "./layout";
import { arrowHeads, line, named } from "./lines";
import { matches } from "./match";
import type { Choice, Store } from "./store";
import { name } from "./words";

const FEW = 60;

export class Stage {
  readonly element: HTMLElement;
  private readonly view = h("div", { class: "view" });
  private readonly bands = h("div", { class: "bands", "aria-hidden": "true" });
  private readonly ruler = h("div", { class: "ruler", "aria-hidden": "true" });
  private readonly ties = svg("svg", { class: "ties", "aria-hidden": "true" });
  private readonly nodes = h("div", { class: "nodes", role: "group" });
  private readonly world = h("div", { class: "world" }, this.bands, this.ties as unknown as HTMLElement, this.nodes);
  private readonly camera = new Camera(this.view, this.world, () => this.measure());
  private readonly buttons = new Map<number, HTMLButtonElement>();
  private readonly lines = new Map<number, SVGElement>();
  private laid: Plan = { spots: new Map(), paths: new Map(), bands: [], width: 0, height: 0 };
  private current = -1;

  constructor(private readonly store: Store) {
    this.view.append(this.world);
    this.element = h("div", { class: "stage" }, this.view, this.ruler, this.camera.tools(() => this.camera.fit(this.laid, true)));
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
    this.measure();
  }

  /** The names of the waves stay above their columns, whatever is shown of these. */
  private measure(): void {
    const { x, k } = this.camera.at;
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
    button.replaceChildren(...face(cluster, box, state, change, opens));
  }

  private refill(id: string | null): void {
    const number = this.cluster?.nodes.findIndex((box) => box.id === id) ?? -1;
    const button = this.buttons.get(number);
    const box = this.cluster?.nodes[number];
    const state = box && shownOn(box, this.store.choice.side);
    if (button && state) this.fill(button, box, state);
  }

  private drawTies(cluster: Cluster, side: Side): void {
    this.ties.setAttribute("width", String(this.laid.width));
    this.ties.setAttribute("height", String(this.laid.height));
    this.ties.replaceChildren(arrowHeads());
    this.lines.clear();
    for (const number of drawn(cluster, side, this.store.choice.creators)) this.drawTie(cluster.ties[number]!, number, side);
  }

  private drawTie(tie: Tie, number: number, side: Side): void {
    const d = this.laid.paths.get(number) ?? between(this.laid.spots, tie);
    if (!d) return;
    const group = line(tie, d, side);
    this.ties.append(group);
    named(group, tie, side, this.laid.spots.size <= FEW);
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
    if (spot && !this.camera.sees(spot)) this.camera.centre(spot, true);
  }

  private key(event: KeyboardEvent): void {
    const here = this.laid.spots.get(this.current);
    const way = WAYS[event.key];
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

  private reveal(id: string): void {
    const number = this.cluster?.nodes.findIndex((box) => box.id === id) ?? -1;
    const spot = this.laid.spots.get(number);
    if (spot && (!this.camera.sees(spot) || this.camera.isFar)) this.camera.centre(spot, true);
  }

  /** The whole where it can be read, else what matters most. */
  private frame(moves: boolean): void {
    const important = this.store.choice.node ?? this.importantNode();
    if (this.camera.whole(this.laid) < 0.45 && important) {
      const number = this.cluster?.nodes.findIndex((box) => box.id === important) ?? -1;
      const spot = this.laid.spots.get(number);
      if (spot) return this.camera.centre(spot, moves);
    }
    this.camera.fit(this.laid, moves);
  }

  private importantNode(): string | null {
    const cluster = this.cluster;
    const finding = this.store.page.findings.find((one) => one.ignored === null && one.concerns[cluster?.root ?? ""]);
    return finding?.concerns[cluster?.root ?? ""]?.[0] ?? cluster?.nodes.find((box) => box.change !== "same")?.id ?? null;
  }
}

/** Touches nothing that stays as it is: of five hundred boxes a choice changes two. */
function set(button: HTMLButtonElement, name: string, value: string): void {
  if (button.getAttribute(name) !== value) button.setAttribute(name, value);
}
