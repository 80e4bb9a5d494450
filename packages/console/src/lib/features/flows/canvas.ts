import type { FlowNodeName } from '@crosspoint/contracts';
import type { Point } from './document.ts';
import type { CanvasNode } from './FlowNodeCard.svelte';
import type { FlowEditor } from './flow-editor.svelte.ts';
import { kindOf } from './kinds.ts';
import { contentOf, sizeOf } from './node.ts';
import type { Path } from './tester.svelte.ts';

/** The nodes as the canvas draws them. What did not change stays the same object, so that only changes are drawn. */
export function canvasNodes(
  editor: FlowEditor,
  former: readonly CanvasNode[],
  path: Path | null,
  found: ReadonlySet<FlowNodeName>,
): CanvasNode[] {
  const { document, places, faultsByNode, selected } = editor;
  const chosen = new Set(selected);
  const entry = selected[0] ?? document.start;
  const known = new Map(former.map((node) => [node.id, node]));
  return Object.entries(document.nodes).map(([id, node]) => {
    const position = places.get(id) ?? { x: 0, y: 0 };
    const data: CanvasNode['data'] = {
      ...{ node, language: document.language, isStart: id === document.start },
      faults: textsOf(faultsByNode.get(id)),
      lit: path?.passed.get(id) ?? null,
      isHere: path?.here === id,
      isFound: found.has(id),
      isEntry: id === entry,
    };
    // While it is dragged it stands elsewhere than this says, see the styles of the canvas.
    const style = `left:${position.x}px;top:${position.y}px`;
    const old = known.get(id);
    const isSelected = chosen.has(id);
    if (old === undefined) {
      const { width, height } = sizeOf(node);
      return {
        id,
        type: 'step',
        position,
        style,
        data,
        selected: isSelected,
        initialWidth: width,
        initialHeight: height,
      };
    }
    const same =
      (old.selected ?? false) === isSelected &&
      old.position.x === position.x &&
      old.position.y === position.y &&
      old.style === style &&
      sameData(old.data, data);
    return same ? old : { ...old, position, style, data, selected: isSelected };
  });
}

const noTexts: readonly string[] = [];
const textsOf = (faults: readonly { sentence: string }[] | undefined): readonly string[] =>
  faults === undefined ? noTexts : faults.map(({ sentence }) => sentence);

function sameData(one: CanvasNode['data'], other: CanvasNode['data']): boolean {
  return Object.entries(one).every(([name, value]) => {
    const theirs = other[name as keyof typeof other];
    return name === 'faults' ? String(value) === String(theirs) : value === theirs;
  });
}

export type Direction = 'left' | 'right' | 'up' | 'down';

/** The node that an arrow key leads to: the nearest one that lies in that direction. */
export function neighbour(
  editor: FlowEditor,
  from: FlowNodeName,
  direction: Direction,
): FlowNodeName | undefined {
  const here = editor.places.get(from);
  if (here === undefined) return undefined;
  let best: { name: FlowNodeName; distance: number } | undefined;
  for (const [name, { x, y }] of editor.places) {
    const [along, across] = alongAndAcross({ x: x - here.x, y: y - here.y }, direction);
    if (name === from || along <= 0) continue;
    const distance = along + across * 2;
    if (best === undefined || distance < best.distance) best = { name, distance };
  }
  return best?.name;
}

function alongAndAcross({ x, y }: Point, direction: Direction): [number, number] {
  if (direction === 'right') return [x, Math.abs(y)];
  if (direction === 'left') return [-x, Math.abs(y)];
  return [direction === 'down' ? y : -y, Math.abs(x)];
}

/** Nodes in whose name, kind or content the words occur. */
export function nodesFound(editor: FlowEditor, words: string): FlowNodeName[] {
  const wanted = words.trim().toLocaleLowerCase();
  if (wanted === '') return [];
  return Object.entries(editor.document.nodes).flatMap(([name, node]) => {
    const text = `${name} ${kindOf(node.kind).name()} ${contentOf(node, editor.document.language)}`;
    return text.toLocaleLowerCase().includes(wanted) ? [name] : [];
  });
}
