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

/** A step as it is drawn, seen from its place. */
interface Drawing {
  size: NodeSize;
  exits: readonly { path: string; to: FlowNodeName; at: Point }[];
}

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
  /** A step that is edited is another object, so what was found of one holds as long as there is that one. */
  readonly #drawings = new WeakMap<FlowNode, Drawing>();
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
    return this.#endsOf(document, places, isWanted).map(({ from, path, to, at }) => {
      const place = places.get(to) as Point;
      const end = { x: place.x + entryPoint.x, y: place.y + entryPoint.y };
      return { from, path, to, points: routed({ from: at, to: end, lane: lanes.get(to) ?? 0 }, cards) };
    });
  }

  #drawingOf(node: FlowNode): Drawing {
    let drawing = this.#drawings.get(node);
    if (drawing === undefined) {
      drawing = {
        size: this.#shape.sizeOf(node),
        exits: waysOf(node).map(({ path, to }, index) => ({
          path,
          to,
          at: this.#shape.exitPoint(node, index),
        })),
      };
      this.#drawings.set(node, drawing);
    }
    return drawing;
  }

  /** Every wanted way that leads to a step that is there, with the place where it begins. */
  #endsOf(
    { nodes }: FlowDocument,
    places: Places,
    isWanted: (way: { from: FlowNodeName; to: FlowNodeName }) => boolean,
  ): End[] {
    return Object.entries(nodes).flatMap(([from, node]) => {
      const place = places.get(from);
      if (place === undefined) return [];
      return this.#drawingOf(node).exits.flatMap(({ path, to, at }) => {
        const isThere = nodes[to] !== undefined && places.has(to);
        if (!isThere || !isWanted({ from, to })) return [];
        return [{ from, path, to, at: { x: place.x + at.x, y: place.y + at.y } }];
      });
    });
  }

  #cardsOf({ nodes }: FlowDocument, places: Places): Card[] {
    return [...places].flatMap(([name, place]) => {
      const node = nodes[name];
      return node === undefined ? [] : [{ ...place, ...this.#drawingOf(node).size }];
    });
  }

  #signatureOf(document: FlowDocument, places: Places): string {
    return Object.entries(document.nodes)
      .map(([name, node]) => {
        const place = places.get(name);
        const { size, exits } = this.#drawingOf(node);
        const ways = exits.map(({ path, to }) => `${path}>${to}`);
        return `${name}@${place?.x},${place?.y},${size.height}:${ways.join()}`;
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
