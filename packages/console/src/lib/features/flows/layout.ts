import type { FlowDocument, FlowNodeName } from '@crosspoint/contracts';
import { waysOf } from '@crosspoint/core/ivr';
import { gridPixels, type Point } from './document.ts';

/** How large a node is drawn, and how far below its top each way leaves it. */
export interface NodeSize {
  width: number;
  height: number;
}

/** Room for lines that run beside one another. */
const gapAcross = 60;
const gapDown = 30;
const sweeps = 4;

/**
 * Places for all nodes: the start at the left, every node right of what leads to it (ways back excepted), few crossings, none upon
 * another. The same document always gives the same picture.
 */
export function laidOut(
  document: FlowDocument,
  sizeOf: (name: FlowNodeName) => NodeSize,
): Map<FlowNodeName, Point> {
  const graph = new Graph(document);
  const columns = graph.columns();
  order(columns, graph);
  const places = new Map<FlowNodeName, Point>();
  let x = 0;
  for (const column of columns) {
    placeColumn(column, x, graph, places, sizeOf);
    x += Math.max(...column.map((name) => sizeOf(name).width)) + gapAcross;
  }
  return places;
}

/** The document as a graph without its ways back. */
class Graph {
  readonly names: FlowNodeName[];
  readonly after = new Map<FlowNodeName, FlowNodeName[]>();
  readonly before = new Map<FlowNodeName, FlowNodeName[]>();
  /** Every node behind all that lead to it. */
  readonly sorted: FlowNodeName[] = [];
  /** As somebody meets the nodes who takes the first way everywhere, then the second. */
  readonly #met = new Map<FlowNodeName, number>();

  constructor({ nodes, start }: FlowDocument) {
    this.names = Object.keys(nodes);
    for (const name of this.names) {
      this.after.set(name, []);
      this.before.set(name, []);
    }
    const state = new Map<FlowNodeName, 'open' | 'done'>();
    for (const first of nodes[start] === undefined ? this.names : [start, ...this.names]) {
      this.#walk(first, nodes, state);
    }
    this.sorted.reverse();
  }

  /** Depth first with a stack of its own; what leads back into the walk is left out. */
  #walk(first: FlowNodeName, nodes: FlowDocument['nodes'], state: Map<FlowNodeName, 'open' | 'done'>): void {
    if (state.has(first)) return;
    const stack: { name: FlowNodeName; to: FlowNodeName[] }[] = [];
    const enter = (name: FlowNodeName): void => {
      const node = nodes[name];
      state.set(name, 'open');
      this.#met.set(name, this.#met.size);
      stack.push({ name, to: node === undefined ? [] : waysOf(node).map(({ to }) => to) });
    };
    enter(first);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const to = top.to.shift();
      if (to === undefined) {
        state.set(top.name, 'done');
        this.sorted.push(top.name);
        stack.pop();
        continue;
      }
      if (nodes[to] === undefined || state.get(to) === 'open') continue;
      const targets = this.after.get(top.name);
      if (targets !== undefined && !targets.includes(to)) {
        targets.push(to);
        this.before.get(to)?.push(top.name);
      }
      if (!state.has(to)) enter(to);
    }
  }

  #turnOf(name: FlowNodeName): number {
    return this.#met.get(name) ?? 0;
  }

  columns(): FlowNodeName[][] {
    const depths = new Map<FlowNodeName, number>();
    for (const name of this.sorted) {
      const above = this.before.get(name) ?? [];
      depths.set(name, Math.max(0, ...above.map((each) => (depths.get(each) ?? 0) + 1)));
    }
    const columns: FlowNodeName[][] = [];
    for (const name of this.sorted) {
      const depth = depths.get(name) ?? 0;
      columns[depth] ??= [];
      columns[depth].push(name);
    }
    // Where nothing else decides, the target of an upper way is above that of a lower one.
    for (const column of columns) column.sort((one, other) => this.#turnOf(one) - this.#turnOf(other));
    return columns;
  }
}

/** Sorts each column by the middle of its neighbours, forth and back. */
function order(columns: FlowNodeName[][], graph: Graph): void {
  const ranks = new Map<FlowNodeName, number>();
  const remember = (column: FlowNodeName[]): void =>
    column.forEach((name, index) => ranks.set(name, index / Math.max(1, column.length - 1)));
  columns.forEach(remember);
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    const forth = sweep % 2 === 0;
    for (const column of forth ? columns : columns.toReversed()) {
      const neighbours = forth ? graph.before : graph.after;
      const middles = new Map(
        column.map((name) => {
          const found = (neighbours.get(name) ?? []).map((each) => ranks.get(each) ?? 0);
          const own = ranks.get(name) ?? 0;
          return [name, found.length === 0 ? own : found.reduce((sum, rank) => sum + rank, 0) / found.length];
        }),
      );
      column.sort((one, other) => (middles.get(one) ?? 0) - (middles.get(other) ?? 0));
      remember(column);
    }
  }
}

/** As near as possible to what leads to each node, without overlapping. */
function placeColumn(
  column: readonly FlowNodeName[],
  x: number,
  graph: Graph,
  places: Map<FlowNodeName, Point>,
  sizeOf: (name: FlowNodeName) => NodeSize,
): void {
  const wanted = column.map((name) => {
    const tops = (graph.before.get(name) ?? []).flatMap((each) => places.get(each)?.y ?? []);
    return tops.length === 0 ? 0 : tops.reduce((sum, top) => sum + top, 0) / tops.length;
  });
  const tops: number[] = [];
  let free = Number.NEGATIVE_INFINITY;
  for (const [index, name] of column.entries()) {
    const top = Math.max(free, wanted[index] ?? 0);
    tops.push(top);
    free = top + sizeOf(name).height + gapDown;
  }
  // What had to go down all together goes back up by half.
  const shift = tops.reduce((sum, top, index) => sum + top - (wanted[index] ?? 0), 0) / tops.length;
  for (const [index, name] of column.entries()) {
    const y = Math.round(((tops[index] ?? 0) - shift) / gridPixels) * gridPixels;
    places.set(name, { x: Math.round(x / gridPixels) * gridPixels, y });
  }
}
