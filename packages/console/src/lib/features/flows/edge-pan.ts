import type { Point } from './document.ts';
import type { NodeSize } from './layout.ts';

/** So near to an edge an arrow in the hand brings out what lies beyond. */
const edgePixels = 40;
/** As far as the picture moves with a frame at most. */
const pixelsPerFrame = 15;
/** Whoever is so near to a step means that step, and it must not run away. */
export const aimPixels = 16;

/**
 * How far the picture moves with this frame while the end of an arrow is held there.
 *
 * @param at from the upper left corner of the canvas, in pixels of the screen.
 */
export function panAtEdge(at: Point, { width, height }: NodeSize): Point {
  return { x: panAlong(at.x, width), y: panAlong(at.y, height) };
}

function panAlong(at: number, length: number): number {
  const share = Math.max(edgePixels - at, 0) - Math.max(at - (length - edgePixels), 0);
  return (Math.max(-edgePixels, Math.min(edgePixels, share)) / edgePixels) * pixelsPerFrame;
}
