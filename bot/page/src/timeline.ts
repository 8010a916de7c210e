// A fresh cluster comes up, wave by wave: play it, or step through it.

import type { State } from "./document";
import { shownOn, stateOn } from "./document";
import { counted, h, icon, plain, prose } from "./dom";
import type { Choice, Store } from "./store";

const BEAT = 1100;

export class Timeline {
  readonly element: HTMLElement;
  private readonly button = h("button", { type: "button", class: "play" });
  private readonly slider = h("input", { type: "range", min: 0, step: 1, "aria-label": "Wave of the fresh start" });
  private readonly caption = h("div", { class: "caption", role: "status" });
  private timer = 0;

  constructor(private readonly store: Store) {
    this.button.addEventListener("click", () => (this.timer ? this.stop() : this.play()));
    this.slider.addEventListener("input", () => {
      const wave = Number(this.slider.value);
      this.stop();
      this.store.choose({ wave: wave > this.waves ? null : wave });
    });
    this.element = h("section", { class: "timeline", "aria-label": "A fresh cluster comes up" }, this.button, h("div", { class: "track" }, this.slider, this.caption));
    store.listen((now, before) => this.chosen(now, before));
    this.paint();
  }

  private get waves(): number {
    return this.store.cluster?.waves[this.store.choice.side] ?? 0;
  }

  private chosen(now: Choice, before: Choice): void {
    if (now.cluster !== before.cluster || now.side !== before.side) this.stop();
    this.paint();
  }

  private play(): void {
    const { wave } = this.store.choice;
    const tick = (): void => {
      const next = (this.store.choice.wave ?? -1) + 1;
      this.store.choose({ wave: next > this.waves ? null : next });
      if (next > this.waves) this.stop();
    };
    this.timer = window.setInterval(tick, BEAT);
    this.store.choose({ wave: wave === null || wave >= this.waves ? 0 : wave });
    this.paint();
  }

  private stop(): void {
    window.clearInterval(this.timer);
    this.timer = 0;
    this.paint();
  }

  private paint(): void {
    const { wave } = this.store.choice;
    const label = this.timer ? "Pause" : "Play the fresh start";
    this.button.replaceChildren(icon(this.timer ? "pause" : "play") as unknown as HTMLElement, h("span", {}, label));
    this.slider.max = String(this.waves + 1);
    this.slider.value = String(wave ?? this.waves + 1);
    this.slider.setAttribute("aria-valuetext", wave === null ? "the end" : wave === 0 ? "an empty cluster" : `wave ${wave} of ${this.waves}`);
    this.caption.replaceChildren(...this.told());
  }

  private states(): [name: string, state: State][] {
    const { side } = this.store.choice;
    return (this.store.cluster?.nodes ?? []).flatMap((box) => {
      const state = stateOn(box, side) ?? (side === "before" ? null : shownOn(box, side) && null);
      return state ? [[box.name, state] as [string, State]] : [];
    });
  }

  private told(): (Node | string)[] {
    const { wave } = this.store.choice;
    const states = this.states();
    if (wave === 0) return [h("strong", {}, "Empty cluster"), " Flux is installed and reads the repository."];
    const now = wave === null ? states : states.filter(([, state]) => state.layer === wave - 1);
    const head = h("strong", {}, wave === null ? "In the end" : `Wave ${wave} of ${this.waves}`);
    return [head, " ", tally(now), ...(wave === null ? [] : this.trouble(now))];
  }

  private trouble(now: [string, State][]): Node[] {
    return now
      .filter(([, state]) => state.why.length > 0)
      .slice(0, 3)
      .map(([name, { why }]) => {
        const first = why[0]!;
        return h("div", { class: "trouble" }, h("b", {}, name), " ", ...(first.message ? [h("code", {}, first.message)] : prose(plain(first.text))));
      });
  }
}

function tally(states: [string, State][]): string {
  const number = (outcome: string): number => states.filter(([, state]) => state.outcome === outcome).length;
  const parts = [`${number("ready").toLocaleString("en")} ready`];
  if (number("late")) parts.push(`${counted(number("late"), "one").replace(/ ones?$/, "")} only by a retry`);
  if (number("stuck")) parts.push(`${number("stuck").toLocaleString("en")} stuck`);
  if (number("blocked")) parts.push(`${number("blocked").toLocaleString("en")} waiting for ever`);
  return parts.join(", ");
}
