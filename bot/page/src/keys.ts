// Where an arrow key leads from a box.

import type { Spot } from "./layout";
import { WIDTH } from "./layout";

export const WAYS: Record<string, [number, number]> = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

/** The next box in a direction: of the nearest, the one that lies straightest ahead. */
export function nearest(spots: Map<number, Spot>, current: number, here: Spot, [dx, dy]: [number, number]): number | null {
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
