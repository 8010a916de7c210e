// Where everything stands: one column or more for each wave, orders running from left to right.

import { Graph, layout as dagre } from "@dagrejs/dagre";
import type { Cluster, Side } from "./document";
import { reasonsOn, shownOn } from "./document";

export const WIDTH = 190;
export const HEIGHT = 50;
const GAP = { nodesep: 16, edgesep: 8, ranksep: 64 };
const HEAD = 46;
const PAD = 26;

export interface Spot {
  x: number;
  y: number;
}

export interface Band {
  layer: number;
  x: number;
  width: number;
  count: number;
}

export interface Plan {
  /** Left upper corners, by the number of the node. */
  spots: Map<number, Spot>;
  /** SVG paths, by the number of the tie. */
  paths: Map<number, string>;
  bands: Band[];
  width: number;
  height: number;
}

/** The ties that are drawn without anybody asking. */
export function drawn(cluster: Cluster, side: Side, creators: boolean): number[] {
  return cluster.ties.flatMap((tie, number) => {
    if (tie.kind === "implied" || (tie.kind === "created by" && !creators)) return [];
    const there = reasonsOn(tie, side) ?? (side === "after" ? reasonsOn(tie, "before") : null);
    return there ? [number] : [];
  });
}

export function plan(cluster: Cluster, side: Side, creators: boolean, aspect: number): Plan {
  const layers = layersOf(cluster, side);
  const columns = inColumns(layers, aspect);
  const column = new Map<number, number>();
  columns.forEach(({ nodes }, at) => nodes.forEach((node) => column.set(node, at)));
  const graph = new Graph({ directed: true, multigraph: true });
  const ranker = (whole: { nodes(): string[]; node(id: string): { rank?: number } }): void => {
    for (const id of whole.nodes()) whole.node(id).rank = 2 * (column.get(Number(id)) ?? 0);
  };
  graph.setGraph({ rankdir: "LR", ...GAP, ranker } as object);
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { nodes } of columns) for (const node of nodes) graph.setNode(String(node), { width: WIDTH, height: HEIGHT });
  const forward: number[] = [];
  const others: number[] = [];
  for (const number of drawn(cluster, side, creators)) {
    const { tail, head, kind } = cluster.ties[number]!;
    const from = column.get(head);
    const to = column.get(tail);
    if (from === undefined || to === undefined) continue;
    // One that spans many waves would only push the others apart.
    const isPlaced = to > from && !(kind === "created by" && to - from > 1 && column.size > 40);
    (isPlaced ? forward : others).push(number);
    if (isPlaced) graph.setEdge(String(head), String(tail), { weight: kind === "created by" ? 1 : 3 }, String(number));
  }
  dagre(graph);
  return finished(cluster, graph, columns, forward, others);
}

interface Column {
  layer: number;
  nodes: number[];
}

function layersOf(cluster: Cluster, side: Side): number[][] {
  const layers: number[][] = [];
  cluster.nodes.forEach((box, number) => {
    const state = shownOn(box, side);
    if (state) (layers[state.layer] ??= []).push(number);
  });
  return Array.from(layers, (some) => some ?? []);
}

/** Each wave in as many columns as let the whole be as large as possible on the screen. */
function inColumns(layers: number[][], aspect: number): Column[] {
  const tallest = Math.max(1, ...layers.map((layer) => layer.length));
  let best = { rows: tallest, scale: 0 };
  for (let rows = Math.min(tallest, 6); rows <= tallest; rows++) {
    const number = layers.reduce((sum, layer) => sum + Math.ceil(layer.length / rows), 0);
    const width = number * (WIDTH + GAP.ranksep);
    const height = Math.min(rows, tallest) * (HEIGHT + GAP.nodesep) + HEAD;
    const scale = Math.min(aspect / width, 1 / height);
    if (scale > best.scale) best = { rows, scale };
  }
  return layers.flatMap((nodes, layer) => {
    const number = Math.ceil(nodes.length / best.rows);
    const size = Math.ceil(nodes.length / Math.max(1, number));
    return Array.from({ length: number }, (_, at) => ({ layer, nodes: nodes.slice(at * size, (at + 1) * size) }));
  });
}

function finished(cluster: Cluster, graph: Graph, columns: Column[], forward: number[], others: number[]): Plan {
  const spots = new Map<number, Spot>();
  const placed = columns.flatMap(({ nodes }) => nodes);
  const at = (node: number): Spot => graph.node(String(node)) as unknown as Spot;
  const top = Math.min(...placed.map((node) => at(node).y - HEIGHT / 2), 0);
  for (const node of placed) spots.set(node, { x: at(node).x - WIDTH / 2 + PAD, y: at(node).y - HEIGHT / 2 - top + HEAD });
  const paths = new Map<number, string>();
  for (const number of forward) {
    const { tail, head } = cluster.ties[number]!;
    const edge = graph.edge(String(head), String(tail), String(number)) as unknown as { points: Spot[] };
    const inner = edge.points.slice(1, -1).map(({ x, y }) => ({ x: x + PAD, y: y - top + HEAD }));
    paths.set(number, curve([right(spots.get(head)!), ...inner, left(spots.get(tail)!)]));
  }
  for (const number of others) paths.set(number, between(spots, cluster.ties[number]!));
  const bands = bandsOf(columns, spots);
  const last = bands.at(-1);
  const height = Math.max(0, ...[...spots.values()].map((spot) => spot.y)) + HEIGHT + PAD;
  return { spots, paths, bands, width: last ? last.x + last.width : 0, height };
}

function bandsOf(columns: Column[], spots: Map<number, Spot>): Band[] {
  const bands: Band[] = [];
  for (const { layer, nodes } of columns) {
    const x = Math.min(...nodes.map((node) => spots.get(node)!.x)) - PAD;
    const known = bands.at(-1);
    if (known?.layer === layer) {
      known.width = x + WIDTH + 2 * PAD - known.x;
      known.count += nodes.length;
    } else bands.push({ layer, x, width: WIDTH + 2 * PAD, count: nodes.length });
  }
  return bands;
}

/** A tie that has no place of its own between the columns. */
export function between(spots: Map<number, Spot>, tie: { tail: number; head: number }): string {
  const head = spots.get(tie.head);
  const tail = spots.get(tie.tail);
  if (!head || !tail) return "";
  if (tail.x > head.x + WIDTH) return curve([right(head), left(tail)]);
  const [start, end] = [right(head), right(tail)];
  const out = Math.max(start.x, end.x) + GAP.ranksep * 0.7;
  return `M${start.x} ${start.y}C${out} ${start.y} ${out} ${end.y} ${end.x + 6} ${end.y}`;
}

function right(spot: Spot): Spot {
  return { x: spot.x + WIDTH, y: spot.y + HEIGHT / 2 };
}

function left(spot: Spot): Spot {
  return { x: spot.x - 6, y: spot.y + HEIGHT / 2 };
}

/** Through all points, level at each. */
function curve(points: Spot[]): string {
  const [first, ...rest] = points;
  let path = `M${round(first!.x)} ${round(first!.y)}`;
  let before = first!;
  for (const point of rest) {
    const middle = round((before.x + point.x) / 2);
    path += `C${middle} ${round(before.y)} ${middle} ${round(point.y)} ${round(point.x)} ${round(point.y)}`;
    before = point;
  }
  return path;
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}
