// What is chosen on the page, and the same as the part of the address behind "#".

import type { Box, Cluster, Finding, Page, Side } from "./document";

export type Tab = "findings" | "details" | "order";
export type Filter = "all" | "touched" | "unwell";

export interface Choice {
  cluster: number;
  side: Side;
  node: string | null;
  finding: string | null;
  /** How far the timeline is: null shows the end, 0 the empty cluster. */
  wave: number | null;
  query: string;
  filter: Filter;
  creators: boolean;
  tab: Tab;
}

type Listener = (now: Choice, before: Choice) => void;

export class Store {
  private readonly listeners: Listener[] = [];
  choice: Choice;

  constructor(readonly page: Page) {
    const first = page.findings.find((finding) => finding.ignored === null)?.clusters[0];
    const cluster = Math.max(0, page.clusters.findIndex((one) => one.root === first));
    this.choice = {
      cluster,
      side: "after",
      node: null,
      finding: null,
      wave: null,
      query: "",
      filter: "all",
      creators: (page.clusters[cluster]?.nodes.length ?? 0) <= 40,
      tab: "findings",
      ...this.fromAddress(),
    };
    window.addEventListener("hashchange", () => this.choose(this.fromAddress()));
  }

  get cluster(): Cluster | undefined {
    return this.page.clusters[this.choice.cluster];
  }

  get box(): Box | undefined {
    return this.cluster?.nodes.find((box) => box.id === this.choice.node);
  }

  get finding(): Finding | undefined {
    return this.page.findings.find((finding) => finding.id === this.choice.finding);
  }

  listen(listener: Listener): void {
    this.listeners.push(listener);
  }

  choose(some: Partial<Choice>): void {
    const before = this.choice;
    this.choice = { ...before, ...some };
    if (Object.keys(some).every((key) => before[key as keyof Choice] === this.choice[key as keyof Choice])) return;
    for (const listener of this.listeners) listener(this.choice, before);
    const address = this.address();
    if (address !== location.hash.slice(1)) history.replaceState(null, "", address ? `#${address}` : location.pathname + location.search);
  }

  chooseNode(node: string | null): void {
    this.choose({ node, finding: null, tab: node ? "details" : "findings" });
  }

  chooseFinding(finding: Finding): void {
    const here = this.cluster?.root;
    const root = here && finding.clusters.includes(here) ? here : finding.clusters[0];
    const cluster = this.page.clusters.findIndex((one) => one.root === root);
    this.choose({
      cluster: cluster < 0 ? this.choice.cluster : cluster,
      finding: finding.id,
      node: (root && finding.concerns[root]?.[0]) ?? null,
      side: "after",
      tab: "findings",
    });
  }

  private address(): string {
    const { cluster, side, node, finding, wave } = this.choice;
    const parts = new URLSearchParams();
    if (finding) parts.set("finding", finding);
    else if (node) parts.set("node", node);
    if ((node || finding || cluster) && this.page.clusters.length > 1) parts.set("cluster", this.cluster?.root ?? "");
    if (side === "before") parts.set("side", side);
    if (wave !== null) parts.set("wave", String(wave));
    return parts.toString().replaceAll("%2F", "/");
  }

  private fromAddress(): Partial<Choice> {
    const parts = new URLSearchParams(location.hash.slice(1));
    const some: Partial<Choice> = {};
    const root = parts.get("cluster");
    const cluster = this.page.clusters.findIndex((one) => one.root === root);
    if (cluster >= 0) some.cluster = cluster;
    const finding = this.page.findings.find((one) => one.id === parts.get("finding"));
    if (finding) {
      const at = cluster >= 0 ? (root as string) : (finding.clusters[0] ?? "");
      some.cluster = Math.max(0, this.page.clusters.findIndex((one) => one.root === at));
      Object.assign(some, { finding: finding.id, node: finding.concerns[at]?.[0] ?? null, tab: "findings" });
    } else if (parts.has("node")) {
      const node = parts.get("node");
      const where = this.page.clusters.findIndex((one) => one.nodes.some((box) => box.id === node));
      if (where >= 0) Object.assign(some, { cluster: some.cluster ?? where, node, finding: null, tab: "details" });
    }
    if (parts.get("side") === "before" && this.page.compared) some.side = "before";
    const wave = Number(parts.get("wave") ?? Number.NaN);
    if (Number.isInteger(wave) && wave >= 0) some.wave = wave;
    return some;
  }
}
