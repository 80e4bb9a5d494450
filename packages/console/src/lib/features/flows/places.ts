import type { FlowDocument, FlowNode, FlowNodeName } from '@crosspoint/contracts';
import { moved, type Point } from './document.ts';
import { laidOut } from './layout.ts';
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
