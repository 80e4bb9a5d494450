import type { FlowDocument, FlowNode } from '@crosspoint/contracts';
import { waysOf } from '@crosspoint/core/ivr';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Point } from './document.ts';
import { laidOut } from './layout.ts';
import { drawn, type NodeShape, wayAt, WayPicture } from './way-picture.ts';
import { type Card, routed } from './way-routes.ts';

const shape: NodeShape = {
  sizeOf: (node) => ({ width: 240, height: 78 + 24 * waysOf(node).length }),
  exitPoint: (_node, index) => ({ x: 245, y: 85 + 24 * index }),
  entryPoint: { x: -5, y: 17 },
};
const pictureOf = () => new WayPicture(shape);

const document = (ways: Record<string, string[]>): FlowDocument => ({
  ...{ name: 'f', description: '', language: 'en', start: 'n0' },
  nodes: Object.fromEntries(
    Object.entries(ways).map(([name, to]): [string, FlowNode] => [
      name,
      { kind: 'split', branches: to.map((next) => ({ name: next, weight: 1, next })) },
    ]),
  ),
});
const placesIn = (flow: FlowDocument): Map<string, Point> =>
  laidOut(flow, (name) => shape.sizeOf(flow.nodes[name] as FlowNode));
const cardOf = (flow: FlowDocument, places: ReadonlyMap<string, Point>, name: string): Card => ({
  ...(places.get(name) as Point),
  ...shape.sizeOf(flow.nodes[name] as FlowNode),
});

/** Whether a stretch of a line runs through a card, its edges excepted. */
function crosses(start: Point, end: Point, { x, y, width, height }: Card): boolean {
  const isAcross = Math.max(start.x, end.x) > x && Math.min(start.x, end.x) < x + width;
  const isDown = Math.max(start.y, end.y) > y && Math.min(start.y, end.y) < y + height;
  return isAcross && isDown;
}

const stretches = (points: readonly Point[]): [Point, Point][] =>
  points.slice(1).map((point, index) => [points[index] as Point, point]);

const graphs = fc
  .array(fc.array(fc.nat(39), { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 40 })
  .map((all) =>
    Object.fromEntries(all.map((to, from) => [`n${from}`, to.map((each) => `n${each % all.length}`)])),
  );

test('[IVR-05] in a flow that lays itself out no line runs behind a card, whatever leads where', () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const flow = document(graph);
      const places = placesIn(flow);
      const cards = Object.keys(flow.nodes).map((name) => cardOf(flow, places, name));
      const all = pictureOf().all(flow, places);
      expect(all.length).toBe(Object.values(graph).flat().length);
      const hidden = all.filter(({ points }) =>
        stretches(points).some(([start, end]) => cards.some((card) => crosses(start, end, card))),
      );
      expect(hidden).toEqual([]);
    }),
  );
});

test('[IVR-05] a line begins and ends where it should and runs along the grid, also when cards lie upon one another', () => {
  const place = fc.record({
    x: fc.integer({ min: -900, max: 900 }),
    y: fc.integer({ min: -900, max: 900 }),
  });
  const card = place.map((at) => ({ ...at, width: 240, height: 120 }));
  fc.assert(
    fc.property(place, place, fc.nat(9), fc.array(card, { maxLength: 20 }), (from, to, lane, cards) => {
      const points = routed({ from, to, lane }, cards);
      expect(points.at(0)).toEqual(from);
      expect(points.at(-1)).toEqual(to);
      for (const [start, end] of stretches(points)) expect(start.x === end.x || start.y === end.y).toBe(true);
    }),
  );
});

test('[IVR-05] typing into a step finds no line again, moving a step does', () => {
  const flow = document({ n0: ['n1', 'n2'], n1: ['n2'], n2: ['n0'] });
  const places = placesIn(flow);
  const picture = pictureOf();
  const first = picture.all(flow, places);
  expect(picture.all({ ...flow, description: 'other words' }, new Map(places))).toBe(first);
  const moved = new Map(places).set('n2', { x: 2_000, y: 400 });
  expect(picture.all(flow, moved)).not.toBe(first);
});

test('[IVR-05] who points beside a line means it, and nothing where there is none', () => {
  const flow = document({ n0: ['n1'], n1: ['n1'] });
  const places = new Map([
    ['n0', { x: 0, y: 0 }],
    ['n1', { x: 600, y: 0 }],
  ]);
  const all = pictureOf().some(flow, places, () => true);
  const [line] = all.filter(({ from }) => from === 'n0');
  const begin = line?.points[0] as Point;
  expect(wayAt(all, { x: begin.x + 50, y: begin.y + 8 }, 10)).toBe(line);
  expect(wayAt(all, { x: begin.x + 50, y: begin.y - 80 }, 10)).toBeUndefined();
});

test('[IVR-05] all lines are two paths, with one arrow for each', () => {
  const flow = document({ n0: ['n1', 'n2'], n1: ['n2'], n2: ['n2'] });
  const { lines, arrows } = drawn(pictureOf().all(flow, placesIn(flow)));
  expect(lines.match(/M/g)).toHaveLength(4);
  expect(arrows.match(/z/g)).toHaveLength(4);
});
