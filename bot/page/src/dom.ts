// Elements with text: whatever a repository says becomes text nodes and nothing else.

import type { At, Page, Side, Told } from "./document";

type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | ((event: Event) => void)>;

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Child | Child[])[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children.flat().filter((child): child is Node | string => Boolean(child)));
  return element;
}

export function svg(tag: string, attributes: Record<string, string | number> = {}, ...children: Node[]): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

const ICONS: Record<string, string> = {
  ready: "M3.5 8.5l3 3 6-7",
  late: "M12.5 8a4.5 4.5 0 1 1-1.4-3.3M12.6 2.2v3h-3",
  stuck: "M4 4l8 8M12 4l-8 8",
  blocked: "M5.5 3.5v9M10.5 3.5v9",
  pending: "M8 4v4l2.5 1.5",
  release: "M8 1.8l5.4 3.1v6.2L8 14.2l-5.4-3.1V4.9z",
  definition: "M5.5 2.5C3.5 2.5 5 8 2.5 8 5 8 3.5 13.5 5.5 13.5M10.5 2.5c2 0 .5 5.5 3 5.5-2.5 0-1 5.5-3 5.5",
  custom: "M8 2l6 6-6 6-6-6z",
  namespace: "M3 3h10v10H3z",
  other: "M8 5.5a2.5 2.5 0 1 0 .01 0",
  play: "M5 3l8 5-8 5z",
  pause: "M5 3v10M11 3v10",
  fit: "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4",
  in: "M8 3v10M3 8h10",
  out: "M3 8h10",
  theme: "M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12",
  external: "M6 3H3v10h10v-3M9 3h4v4M13 3L7 9",
};

export function icon(name: string): SVGElement {
  const path = svg("path", { d: ICONS[name] ?? "" });
  return svg("svg", { viewBox: "0 0 16 16", class: `icon icon-${name}`, "aria-hidden": "true", focusable: "false" }, path);
}

/** A sentence with its names in backticks as code. */
export function prose(text: string): Node[] {
  const pieces = text.split("`");
  return pieces.map((piece, at) =>
    at % 2 && at < pieces.length - 1 ? h("code", {}, piece) : document.createTextNode(at % 2 ? `\`${piece}` : piece),
  );
}

/** A sentence as plain text. */
export function plain(text: string): string {
  return text.replaceAll("`", "");
}

const ELSEWHERE = /^[\w.-]+\/[\w.-]+:/;

/** Where something is written: a link where the repository can be looked at. */
export function place(page: Page, at: At | null, side: Side): HTMLElement | null {
  if (at === null) return null;
  const [path, line] = at;
  const label = `${path}:${line}`;
  const start = page.links[side];
  if (!start || !/^https?:\/\//.test(start) || ELSEWHERE.test(path)) return h("code", { class: "place" }, label);
  const href = `${start}${path.split("/").map(encodeURIComponent).join("/")}#L${line}`;
  return h("a", { class: "place", href, target: "_blank", rel: "noopener noreferrer" }, label, icon("external"));
}

export function told(page: Page, one: Told, side: Side): HTMLElement {
  return h(
    "div",
    { class: "told" },
    h("p", {}, prose(one.text)),
    one.message ? h("pre", { class: "message", tabindex: 0, role: "group", "aria-label": "What Flux prints" }, one.message) : null,
    place(page, one.at, side),
  );
}

export function counted(number: number, noun: string): string {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}
