import { FlowDocument, type FlowNode } from '@crosspoint/contracts';
import { flowJson } from '@crosspoint/core/ivr';
import { describe, expect, test } from 'vitest';
import { connected, moved, withNode } from './document.ts';
import { laidOut } from './layout.ts';
import { written } from './written.ts';

const read = FlowDocument.parse({
  name: 'from a file',
  start: 'menu',
  nodes: {
    menu: { kind: 'menu', prompt: [], keys: { 1: 'help', 2: 'bye' }, otherwise: 'bye' },
    help: { kind: 'say', prompt: [{ text: { en: 'Help.' } }], next: 'bye' },
    bye: { kind: 'end' },
  },
});

const size = ({ kind }: FlowNode) => ({ width: 240, height: kind === 'menu' ? 150 : 80 });

/** As the builder does it, with other sizes. */
function placed(document: FlowDocument): FlowDocument {
  const places = laidOut(document, (name) => size(document.nodes[name] as FlowNode));
  const missing = [...places].filter(([name]) => document.nodes[name]?.position === undefined);
  return moved(document, new Map(missing));
}
const left = (shown: FlowDocument): FlowDocument => written(shown, read, placed);

describe('places of steps', () => {
  test('[IVR-06] a flow without places leaves the builder byte for byte as it came', () => {
    const shown = placed(read);
    expect(Object.values(shown.nodes).every(({ position }) => position !== undefined)).toBe(true);
    expect(flowJson(left(shown))).toBe(flowJson(read));
  });

  test('[IVR-06] what is changed about a step adds no places to the others', () => {
    const shown = placed(read);
    const { help } = shown.nodes;
    if (help?.kind !== 'say') throw new Error('It is no such step.');
    const changed = withNode(shown, 'help', { ...help, prompt: [{ text: { en: 'Other words.' } }] });
    expect(Object.values(left(changed).nodes).map(({ position }) => position)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('[IVR-06] places are kept as soon as a step was put elsewhere, or the layout would move one', () => {
    const shown = placed(read);
    const dragged = moved(shown, new Map([['bye', { x: 900, y: 40 }]]));
    expect(left(dragged)).toBe(dragged);
    const led = connected(shown, 'menu', 'keys.1', 'bye');
    const stored = left(led);
    expect(placed(stored).nodes).toEqual(led.nodes);
    const own = { ...read.nodes, bye: { ...read.nodes['bye'], position: { x: 0, y: 600 } } };
    const partly = FlowDocument.parse({ ...read, nodes: own });
    expect(written(placed(partly), partly, placed)).toEqual(partly);
  });
});
