// What of the graph is in sight, and how near.

import { select } from "d3-selection";
import "d3-transition";
import type { D3ZoomEvent, ZoomBehavior, ZoomTransform } from "d3-zoom";
import { zoom, zoomIdentity, zoomTransform } from "d3-zoom";
import { h, icon } from "./dom";
import type { Plan, Spot } from "./layout";
import { HEIGHT, WIDTH } from "./layout";

const CALM = matchMedia("(prefers-reduced-motion: reduce)");
const FAR = 0.6;
/** The height of the names of the waves above the graph. */
const RULER = 34;

export class Camera {
  private readonly behavior: ZoomBehavior<HTMLElement, unknown> = zoom<HTMLElement, unknown>();

  constructor(
    private readonly view: HTMLElement,
    world: HTMLElement,
    moved: () => void,
  ) {
    this.behavior.scaleExtent([0.08, 2.2]).on("zoom", (event: D3ZoomEvent<HTMLElement, unknown>) => {
      const { x, y, k } = event.transform;
      world.style.transform = `translate(${x}px, ${y}px) scale(${k})`;
      world.classList.toggle("far", k < FAR);
      moved();
    });
    select<HTMLElement, unknown>(view).call(this.behavior).on("dblclick.zoom", null);
  }

  get at(): ZoomTransform {
    return zoomTransform(this.view);
  }

  get isFar(): boolean {
    return this.at.k < FAR;
  }

  sees(spot: Spot): boolean {
    const { x, y, k } = this.at;
    const { width, height } = this.view.getBoundingClientRect();
    const [left, top] = [x + spot.x * k, y + spot.y * k];
    return left >= 8 && top >= RULER + 8 && left + (spot.width ?? WIDTH) * k <= width - 8 && top + HEIGHT * k <= height - 8;
  }

  centre(spot: Spot, moves: boolean): void {
    const { width, height } = this.view.getBoundingClientRect();
    const k = Math.max(this.at.k, 0.85);
    this.move(zoomIdentity.translate(width / 2 - (spot.x + (spot.width ?? WIDTH) / 2) * k, height / 2 - (spot.y + HEIGHT / 2) * k).scale(k), moves);
  }

  /** How near the whole is when all of it is in sight. */
  whole(plan: Plan): number {
    const { width, height } = this.view.getBoundingClientRect();
    return Math.min(1.25, width / (plan.width + 32), (height - RULER) / (plan.height + 24));
  }

  fit(plan: Plan, moves: boolean): void {
    const { width, height } = this.view.getBoundingClientRect();
    const k = this.whole(plan);
    this.move(zoomIdentity.translate((width - plan.width * k) / 2, RULER + Math.max(8, (height - RULER - plan.height * k) / 2.6)).scale(k), moves);
  }

  tools(fit: () => void): HTMLElement {
    const tool = (label: string, sign: string, act: () => void): HTMLElement =>
      h("button", { type: "button", class: "tool", "aria-label": label, title: label, click: act }, icon(sign) as unknown as HTMLElement);
    const scale = (by: number) => (): void => void select<HTMLElement, unknown>(this.view).call((some) => this.behavior.scaleBy(some, by));
    return h("div", { class: "tools" }, tool("Closer", "in", scale(1.3)), tool("Further away", "out", scale(1 / 1.3)), tool("Show all", "fit", fit));
  }

  private move(to: typeof zoomIdentity, moves: boolean): void {
    const view = select<HTMLElement, unknown>(this.view);
    if (moves && !CALM.matches) view.transition().duration(280).call((some) => this.behavior.transform(some, to));
    else view.call((some) => this.behavior.transform(some, to));
  }
}
