import type { FlowDocument, FlowNode, FlowNodeName } from '@crosspoint/contracts';
import { waysOf } from '@crosspoint/core/ivr';

/**
 * Changes to a flow document. Each returns a new document that shares with the former one what did not change, so that undoing is
 * keeping the former one and drawing is comparing references.
 */

/** Where a way leads that nobody has connected yet. No node bears this name, so the check of flows names such a way. */
export const nowhere = 'nowhere';

export interface Point {
  x: number;
  y: number;
}

/** Nodes stand on a grid of so many pixels. */
export const gridPixels = 20;
const snapped = (value: number): number => Math.round(value / gridPixels) * gridPixels;

type Tree = Record<string, unknown> | unknown[];

/** What stands at a dotted path such as `cases.0.next`. */
export function valueAt(tree: unknown, path: string): unknown {
  let value = tree;
  for (const part of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[part];
  return value;
}

/** The same with another value at a dotted path; `undefined` takes a field out. */
export function withValueAt<Value>(tree: Value, path: string, value: unknown): Value {
  const [first = '', ...rest] = path.split('.');
  const inner = rest.length === 0 ? value : withValueAt(childOf(tree, first), rest.join('.'), value);
  if (Array.isArray(tree)) return tree.with(Number(first), inner) as Value;
  const { [first]: _former, ...others } = tree as Record<string, unknown>;
  if (inner === undefined) return others as Value;
  return { ...(tree as Record<string, unknown>), [first]: inner } as Value;
}

const childOf = (tree: unknown, name: string): Tree => (tree as Record<string, Tree>)[name] ?? {};

function withNodes(document: FlowDocument, nodes: FlowDocument['nodes']): FlowDocument {
  return { ...document, nodes };
}

export function withNode(document: FlowDocument, name: FlowNodeName, node: FlowNode): FlowDocument {
  return withNodes(document, { ...document.nodes, [name]: node });
}

/** Leads one way of a node elsewhere. */
export function connected(
  document: FlowDocument,
  from: FlowNodeName,
  path: string,
  to: FlowNodeName,
): FlowDocument {
  const node = document.nodes[from];
  if (node === undefined) return document;
  return withNode(document, from, withValueAt(node, path, to));
}

/** Every way that the function redirects; nodes without a change stay the same object. */
function redirected(
  nodes: FlowDocument['nodes'],
  change: (to: FlowNodeName) => FlowNodeName,
): FlowDocument['nodes'] {
  return Object.fromEntries(
    Object.entries(nodes).map(([name, node]) => {
      let changed = node;
      for (const { path, to } of waysOf(node)) {
        const next = change(to);
        if (next !== to) changed = withValueAt(changed, path, next);
      }
      return [name, changed];
    }),
  );
}

/** Takes nodes out. What led to a node with a single way goes on to where that led; other ways lead nowhere then. */
export function withoutNodes(document: FlowDocument, names: Iterable<FlowNodeName>): FlowDocument {
  const gone = new Set(names);
  const behind = (name: FlowNodeName): FlowNodeName => {
    const seen = new Set<FlowNodeName>();
    let at = name;
    while (gone.has(at) && !seen.has(at)) {
      seen.add(at);
      const node = document.nodes[at];
      const ways = node === undefined ? [] : waysOf(node);
      at = ways.length === 1 ? (ways[0]?.to ?? nowhere) : nowhere;
    }
    return gone.has(at) ? nowhere : at;
  };
  const kept = Object.fromEntries(Object.entries(document.nodes).filter(([name]) => !gone.has(name)));
  const nodes = redirected(kept, (to) => (gone.has(to) ? behind(to) : to));
  const start = gone.has(document.start) ? behind(document.start) : document.start;
  return { ...document, nodes, start: start === nowhere ? (Object.keys(nodes)[0] ?? nowhere) : start };
}

/** A name that no node has, made of the wanted one. */
export function freeName(nodes: FlowDocument['nodes'], wanted: string): FlowNodeName {
  const stem = wanted.slice(0, 44);
  if (nodes[stem] === undefined && stem !== nowhere) return stem;
  for (let number = 2; ; number += 1) {
    if (nodes[`${stem}-${number}`] === undefined) return `${stem}-${number}`;
  }
}

/** Gives a node another name, also where others lead to it; its place in the document stays. */
export function renamed(document: FlowDocument, from: FlowNodeName, to: FlowNodeName): FlowDocument {
  const entries = Object.entries(document.nodes).map(([name, node]) => [name === from ? to : name, node]);
  const nodes = redirected(Object.fromEntries(entries), (way) => (way === from ? to : way));
  return { ...document, nodes, start: document.start === from ? to : document.start };
}

/**
 * Puts a node into a way: the way leads to it, and it goes on by its own first way to where the way led before.
 * @param way of which node and by which path; null adds it without any way to it.
 */
export function inserted(
  document: FlowDocument,
  name: FlowNodeName,
  node: FlowNode,
  way: { from: FlowNodeName; path: string } | null,
): FlowDocument {
  const source = way === null ? undefined : document.nodes[way.from];
  if (way === null || source === undefined) {
    const added = withNode(document, name, node);
    return document.nodes[document.start] === undefined ? { ...added, start: name } : added;
  }
  const former = waysOf(source).find(({ path }) => path === way.path)?.to ?? nowhere;
  const first = waysOf(node)[0];
  const placed = first === undefined || former === nowhere ? node : withValueAt(node, first.path, former);
  return connected(withNode(document, name, placed), way.from, way.path, name);
}

/** Moves nodes to these places, on the grid. */
export function moved(document: FlowDocument, places: ReadonlyMap<FlowNodeName, Point>): FlowDocument {
  const nodes = { ...document.nodes };
  for (const [name, { x, y }] of places) {
    const node = nodes[name];
    const position = { x: snapped(x), y: snapped(y) };
    if (node === undefined || (node.position?.x === position.x && node.position.y === position.y)) continue;
    nodes[name] = { ...node, position };
  }
  return withNodes(document, nodes);
}

/** Nodes to be pasted, in this flow or another. */
export interface Clip {
  nodes: FlowDocument['nodes'];
}

export function clipOf(document: FlowDocument, names: Iterable<FlowNodeName>): Clip {
  const wanted = new Set(names);
  return { nodes: Object.fromEntries(Object.entries(document.nodes).filter(([name]) => wanted.has(name))) };
}

/**
 * Adds copies beside the originals. Ways among them lead to the copies; others lead where they led when that node is there.
 * @returns the document and the names of the copies.
 */
export function pasted(
  document: FlowDocument,
  { nodes }: Clip,
  by: Point,
): { document: FlowDocument; names: FlowNodeName[] } {
  const names = new Map<FlowNodeName, FlowNodeName>();
  const taken = { ...document.nodes };
  for (const [name, node] of Object.entries(nodes)) {
    const free = freeName(taken, name);
    names.set(name, free);
    taken[free] = node;
  }
  const copies = Object.entries(nodes).map(([name, node]): [FlowNodeName, FlowNode] => {
    const position = node.position && { x: node.position.x + by.x, y: node.position.y + by.y };
    return [names.get(name) ?? name, position === undefined ? node : { ...node, position }];
  });
  const led = redirected(
    Object.fromEntries(copies),
    (to) => names.get(to) ?? (document.nodes[to] === undefined ? nowhere : to),
  );
  return { document: withNodes(document, { ...document.nodes, ...led }), names: [...names.values()] };
}
