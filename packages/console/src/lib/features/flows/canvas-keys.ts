import type { FlowNodeName } from '@crosspoint/contracts';
import { type Direction, neighbour } from './canvas.ts';
import { gridPixels, type Point } from './document.ts';
import type { FlowEditor } from './flow-editor.svelte.ts';

/** What the keys of a step work on. */
interface Worked {
  readonly editor: FlowEditor;
  readonly readonly: boolean;
  add: (after: FlowNodeName) => void;
  connect: (from: FlowNodeName) => void;
  /** Somebody wants to edit the selected step. */
  open: () => void;
  remove: () => void;
}

const directions: Record<string, Direction> = {
  ...{ ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' },
};
const steps: Record<Direction, Point> = {
  ...{ left: { x: -1, y: 0 }, right: { x: 1, y: 0 } },
  ...{ up: { x: 0, y: -1 }, down: { x: 0, y: 1 } },
};

/** What a key does on a step; true when it did something. */
export function actOnStep(event: KeyboardEvent, name: FlowNodeName, worked: Worked): boolean {
  const { editor, readonly } = worked;
  const direction = directions[event.key];
  if (direction !== undefined) {
    const next = neighbour(editor, name, direction);
    if (!event.altKey && next !== undefined) editor.select([next], 'focus');
    if (event.altKey && !readonly)
      editor.nudge(steps[direction].x * gridPixels, steps[direction].y * gridPixels);
    return true;
  }
  if (event.key === 'Home') editor.select([editor.document.start], 'focus');
  else if (event.key === 'Enter') worked.open();
  else if (event.key === 'Escape') editor.select([]);
  else if (event.ctrlKey || event.metaKey) return actWithControl(event, worked);
  else if (readonly) return false;
  else if (event.key === 'a') worked.add(name);
  else if (event.key === 'c') worked.connect(name);
  else if (event.key === 'Delete' || event.key === 'Backspace') worked.remove();
  else return false;
  return true;
}

function actWithControl({ key }: KeyboardEvent, { editor, readonly }: Worked): boolean {
  if (key === 'a') editor.select(Object.keys(editor.document.nodes));
  else if (key !== 'd') return false;
  else if (!readonly) editor.paste(editor.copy());
  return true;
}
