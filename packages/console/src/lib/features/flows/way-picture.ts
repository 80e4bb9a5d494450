import type { FlowDocument, FlowNode, FlowNodeName } from '@crosspoint/contracts';
import { waysOf } from '@crosspoint/core/ivr';
import type { Point } from './document.ts';
import type { NodeSize } from './layout.ts';
import { arrowPath, type Card, linePath, nearestWay, routed } from './way-routes.ts';

/** A way that is drawn: from a step to another one. */
export interface DrawnWay {
  from: FlowNodeName;
  path: string;
  to: FlowNodeName;
  points: readonly Point[];
}

/** How nodes are drawn, each seen from its place. */
export interface NodeShape {
  sizeOf: (node: FlowNode) => NodeSize;
  /** Where the line of a way out begins. */
  exitPoint: (node: FlowNode, index: number) => Point;
  /** Where lines to a node end. */
  entryPoint: Point;
}

type Places = ReadonlyMap<FlowNodeName, Point>;

interface End {
  from: FlowNodeName;
  path: string;
  to: FlowNodeName;
  at: Point;
}

/**
 * The lines of a flow. They are found again only when a step or a way has changed its place; typing a text changes neither. While
 * steps are dragged, only their own lines are.
 */
export class WayPicture {
  readonly #shape: NodeShape;
  #signature = '';
  #ways: readonly DrawnWay[] = [];

  constructor(shape: NodeShape) {
    this.#shape = shape;
  }

  /** All lines as the document has its steps. The same array while nothing has moved. */
  all(document: FlowDocument, places: Places): readonly DrawnWay[] {
    const signature = this.#signatureOf(document, places);
    if (signature !== this.#signature) {
      this.#signature = signature;
      this.#ways = this.some(document, places, () => true);
    }
    return this.#ways;
  }

  /** The lines of some steps, as they stand now. */
  some(
    document: FlowDocument,
    places: Places,
    isWanted: (way: { from: FlowNodeName; to: FlowNodeName }) => boolean,
  ): DrawnWay[] {
    const { entryPoint } = this.#shape;
    const cards = this.#cardsOf(document, places);
    const lanes = new Map(Object.keys(document.nodes).map((name, index) => [name, index]));
    return this.#endsOf(document, places)
      .filter(isWanted)
      .map(({ from, path, to, at }) => {
        const place = places.get(to) as Point;
        const end = { x: place.x + entryPoint.x, y: place.y + entryPoint.y };
        return { from, path, to, points: routed({ from: at, to: end, lane: lanes.get(to) ?? 0 }, cards) };
      });
  }

  /** Every way that leads to a step that is there, with the place where it begins. */
  #endsOf({ nodes }: FlowDocument, places: Places): End[] {
    return Object.entries(nodes).flatMap(([from, node]) =>
      waysOf(node).flatMap(({ path, to }, index) => {
        const place = places.get(from);
        if (place === undefined || nodes[to] === undefined || !places.has(to)) return [];
        const exit = this.#shape.exitPoint(node, index);
        return [{ from, path, to, at: { x: place.x + exit.x, y: place.y + exit.y } }];
      }),
    );
  }

  #cardsOf({ nodes }: FlowDocument, places: Places): Card[] {
    return [...places].flatMap(([name, place]) => {
      const node = nodes[name];
      return node === undefined ? [] : [{ ...place, ...this.#shape.sizeOf(node) }];
    });
  }

  #signatureOf(document: FlowDocument, places: Places): string {
    return Object.entries(document.nodes)
      .map(([name, node]) => {
        const place = places.get(name);
        const ways = waysOf(node).map(({ path, to }) => `${path}>${to}`);
        return `${name}@${place?.x},${place?.y},${this.#shape.sizeOf(node).height}:${ways.join()}`;
      })
      .join('\n');
  }
}

/** Lines and arrows of many ways, each as one path for SVG: a page with one picture moves faster than one with hundreds. */
export function drawn(ways: readonly DrawnWay[]): { lines: string; arrows: string } {
  return {
    lines: ways.map(({ points }) => linePath(points)).join(''),
    arrows: ways.map(({ points }) => arrowPath(points.at(-1) as Point)).join(''),
  };
}

/** The way that somebody points at. */
export const wayAt = (ways: readonly DrawnWay[], point: Point, reach: number): DrawnWay | undefined =>
  nearestWay(ways, point, reach);
