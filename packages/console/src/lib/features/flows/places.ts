import type { FlowDocument, FlowNode, FlowNodeName } from '@crosspoint/contracts';
import { moved, type Point } from './document.ts';
import { laidOut, type NodeSize } from './layout.ts';
import { sizeOf } from './node.ts';

/** With a place for every node: where the document says, else where the layout puts it. */
export function placed(document: FlowDocument): FlowDocument {
  if (Object.values(document.nodes).every(({ position }) => position !== undefined)) return document;
  const automatic = laidOut(document, (name) => sizeOf(document.nodes[name] as FlowNode));
  const missing = [...automatic].filter(([name]) => document.nodes[name]?.position === undefined);
  return moved(document, new Map(missing));
}

export const placesOf = ({ nodes }: FlowDocument): Map<FlowNodeName, Point> =>
  new Map(Object.entries(nodes).map(([name, { position }]) => [name, position ?? { x: 0, y: 0 }]));

/** How wide and high the picture of all steps is. */
export function sizeOfAll({ nodes }: FlowDocument, places: ReadonlyMap<FlowNodeName, Point>): NodeSize {
  const bounds = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const [name, { x, y }] of places) {
    const node = nodes[name];
    if (node === undefined) continue;
    const { width, height } = sizeOf(node);
    bounds.left = Math.min(bounds.left, x);
    bounds.top = Math.min(bounds.top, y);
    bounds.right = Math.max(bounds.right, x + width);
    bounds.bottom = Math.max(bounds.bottom, y + height);
  }
  return { width: Math.max(1, bounds.right - bounds.left), height: Math.max(1, bounds.bottom - bounds.top) };
}
