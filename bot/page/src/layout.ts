// Where everything stands: one column or more for each wave, orders running from left to right.

import { Graph, layout as dagre } from "@dagrejs/dagre";
import type { Cluster, Side } from "./document";
import { reasonsOn, shownOn } from "./document";
import { isOpen, room } from "./inside";

export const WIDTH = 216;
export const HEIGHT = 50;
/** Of a box that stands open. */
const OPEN = 300;
const GAP = { nodesep: 16, edgesep: 8, ranksep: 64 };
const HEAD = 24;
const PAD = 26;

export interface Spot {
  x: number;
  y: number;
  /** Where it is not as large as the others. */
  width?: number;
  height?: number;
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

/** From here on a grid: routes of their own for all ties would spread the boxes, and take seconds. */
const MANY = 60;

export function plan(cluster: Cluster, side: Side, creators: boolean, aspect: number): Plan {
  const layers = layersOf(cluster, side);
  const columns = inColumns(layers, aspect);
  const column = new Map<number, number>();
  columns.forEach(({ nodes }, at) => nodes.forEach((node) => column.set(node, at)));
  const ties = drawn(cluster, side, creators);
  const forward = ties.filter((number) => {
    const { tail, head } = cluster.ties[number]!;
    return (column.get(tail) ?? -1) > (column.get(head) ?? Number.POSITIVE_INFINITY);
  });
  const spots = new Map<number, Spot>();
  const paths = new Map<number, string>();
  if (column.size > MANY) grid(cluster, layers, columns, spots);
  else routed(cluster, side, columns, forward, { spots, paths });
  for (const number of ties) if (!paths.has(number)) paths.set(number, between(spots, cluster.ties[number]!));
  const bands = bandsOf(layers, spots);
  const last = bands.at(-1);
  const height = Math.max(0, ...[...spots.values()].map((spot) => spot.y + (spot.height ?? HEIGHT))) + PAD;
  return { spots, paths, bands, width: last ? last.x + last.width : 0, height };
}

/** By dagre, which gives each tie a way of its own. The columns are ours: they are the waves. */
function routed(cluster: Cluster, side: Side, columns: Column[], forward: number[], found: Pick<Plan, "spots" | "paths">): void {
  const sizeOf = (node: number): { width: number; height: number } => {
    const box = cluster.nodes[node]!;
    return isOpen(cluster, box, side) ? { width: OPEN, height: HEIGHT + room(shownOn(box, side)!) } : { width: WIDTH, height: HEIGHT };
  };
  const graph = new Graph({ directed: true, multigraph: true });
  const rank = new Map(columns.flatMap(({ nodes }, at) => nodes.map((node) => [String(node), 2 * at] as const)));
  const ranker = (whole: { nodes(): string[]; node(id: string): { rank?: number } }): void => {
    for (const id of whole.nodes()) whole.node(id).rank = rank.get(id) ?? 0;
  };
  graph.setGraph({ rankdir: "LR", ...GAP, ranker } as object);
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of rank.keys()) graph.setNode(node, sizeOf(Number(node)));
  for (const number of forward) {
    const { tail, head, kind } = cluster.ties[number]!;
    graph.setEdge(String(head), String(tail), { weight: kind === "created by" ? 1 : 3 }, String(number));
  }
  dagre(graph);
  const at = (id: string): Required<Spot> => graph.node(id) as unknown as Required<Spot>;
  const top = Math.min(...[...rank.keys()].map((id) => at(id).y - at(id).height / 2));
  for (const id of rank.keys()) {
    const { x, y, width, height } = at(id);
    found.spots.set(Number(id), { x: x - width / 2 + PAD, y: y - height / 2 - top + HEAD, width, height });
  }
  for (const number of forward) {
    const { tail, head } = cluster.ties[number]!;
    const edge = graph.edge(String(head), String(tail), String(number)) as unknown as { points: Spot[] };
    // Every second point lies in a column, the others between two.
    const inner = edge.points.slice(1, -1).filter((_, at) => at % 2).map(({ x, y }) => ({ x: x + PAD, y: y - top + HEAD }));
    found.paths.set(number, curve([right(found.spots.get(head)!), ...inner, left(found.spots.get(tail)!)]));
  }
}

/** Rows without gaps. In each wave a box stands about as high as what it is tied to, as far as there is room. */
function grid(cluster: Cluster, layers: number[][], columns: Column[], spots: Map<number, Spot>): void {
  const near = new Map<number, number[]>();
  for (const { tail, head, kind } of cluster.ties) {
    if (kind === "implied" || kind === "created by") continue;
    near.set(tail, [...(near.get(tail) ?? []), head]);
    near.set(head, [...(near.get(head) ?? []), tail]);
  }
  const starts: number[] = [];
  layers.forEach((_, layer) => {
    starts.push(columns.findIndex((column) => column.layer === layer));
  });
  const height = new Map<number, number>();
  const place = (nodes: number[], layer: number): void => {
    const across = columns.filter((column) => column.layer === layer).length;
    const rows = Math.ceil(nodes.length / across);
    nodes.forEach((node, at) => {
      const row = Math.floor(at / across);
      height.set(node, (row + 0.5) / rows);
      const x = (starts[layer]! + (at % across)) * (WIDTH + GAP.ranksep) - (at % across) * (GAP.ranksep - 24);
      spots.set(node, { x, y: HEAD + row * (HEIGHT + GAP.nodesep) });
    });
  };
  const wanted = (node: number): number => {
    const known = (near.get(node) ?? []).flatMap((other) => height.get(other) ?? []);
    return known.length ? known.reduce((sum, one) => sum + one, 0) / known.length : (height.get(node) ?? 0);
  };
  layers.forEach(place);
  for (let turn = 0; turn < 4; turn++) {
    const order = layers.map((_, layer) => (turn % 2 ? layers.length - 1 - layer : layer));
    for (const layer of order) {
      const sorted = [...layers[layer]!].sort((one, other) => wanted(one) - wanted(other) || one - other);
      layers[layer] = sorted;
      place(sorted, layer);
    }
  }
  closeUp(layers, spots);
}

/** Columns of one wave stand closer together than waves do. */
function closeUp(layers: number[][], spots: Map<number, Spot>): void {
  let edge = PAD;
  for (const nodes of layers) {
    if (!nodes.length) continue;
    const first = Math.min(...nodes.map((node) => spots.get(node)!.x));
    let last = edge;
    for (const node of nodes) {
      const spot = spots.get(node)!;
      spot.x += edge - first;
      last = Math.max(last, spot.x);
    }
    edge = last + WIDTH + GAP.ranksep;
  }
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

function bandsOf(layers: number[][], spots: Map<number, Spot>): Band[] {
  return layers.flatMap((nodes, layer) => {
    if (!nodes.length) return [];
    const all = nodes.map((node) => spots.get(node)!);
    const x = Math.min(...all.map((spot) => spot.x)) - PAD;
    return [{ layer, x, width: Math.max(...all.map((spot) => spot.x + (spot.width ?? WIDTH))) + PAD - x, count: nodes.length }];
  });
}

/** A tie that has no place of its own between the columns. */
export function between(spots: Map<number, Spot>, tie: { tail: number; head: number }): string {
  const head = spots.get(tie.head);
  const tail = spots.get(tie.tail);
  if (!head || !tail) return "";
  if (tail.x > right(head).x) return curve([right(head), left(tail)]);
  const [start, end] = [right(head), right(tail)];
  const out = Math.max(start.x, end.x) + GAP.ranksep * 0.7;
  return `M${start.x} ${start.y}C${out} ${start.y} ${out} ${end.y} ${end.x + 6} ${end.y}`;
}

function right(spot: Spot): Spot {
  return { x: spot.x + (spot.width ?? WIDTH), y: spot.y + HEIGHT / 2 };
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
