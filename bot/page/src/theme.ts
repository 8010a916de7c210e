// Light, dark, or as the system has it.

import { h, icon } from "./dom";

const THEMES = ["auto", "light", "dark"] as const;
const KEY = "fluxbot-theme";

function kept(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // a file from disk, or storage that the browser refuses
  }
}

function keep(theme: string): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // It holds for this page then.
  }
}

export function themeSwitch(): HTMLElement {
  let theme: string = THEMES.find((one) => one === kept()) ?? "auto";
  const button = h("button", { type: "button", class: "tool theme" }, icon("theme") as unknown as HTMLElement);
  const show = (): void => {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    button.setAttribute("aria-label", `Colours: ${theme === "auto" ? "as the system has it" : theme}`);
    button.title = button.getAttribute("aria-label") ?? "";
  };
  button.addEventListener("click", () => {
    theme = THEMES[(THEMES.indexOf(theme as (typeof THEMES)[number]) + 1) % THEMES.length]!;
    keep(theme);
    show();
  });
  show();
  return button;
}
