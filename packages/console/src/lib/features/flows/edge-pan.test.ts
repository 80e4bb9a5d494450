import { expect, test } from 'vitest';
import { panAtEdge } from './edge-pan.ts';

const canvas = { width: 800, height: 600 };

test('[IVR-05] an arrow held near an edge brings out what lies beyond, the faster the nearer', () => {
  expect(panAtEdge({ x: 40, y: 560 }, canvas)).toEqual({ x: 0, y: 0 });
  expect(panAtEdge({ x: 20, y: 300 }, canvas)).toEqual({ x: 7.5, y: 0 });
  expect(panAtEdge({ x: 800, y: 580 }, canvas)).toEqual({ x: -15, y: -7.5 });
  // Outside of the canvas it is as fast as at its edge.
  expect(panAtEdge({ x: -500, y: 900 }, canvas)).toEqual({ x: 15, y: -15 });
});
