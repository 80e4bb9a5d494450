import { expect, test } from 'vitest';
import { History } from './history.ts';

test('[IVR-05] a text that is typed is one step; undone it comes back by redoing', () => {
  const history = new History<string>();
  history.push('', 'a.text', 0);
  history.push('H', 'a.text', 200);
  history.push('He', 'a.text', 400);
  history.push('Hel', 'b.text', 500);
  expect(history.undo('Hel!')).toBe('Hel');
  expect(history.undo('Hel')).toBe('');
  expect(history.canUndo).toBe(false);
  expect(history.redo('')).toBe('Hel');
  history.push('Hel', null, 600);
  expect(history.canRedo).toBe(false);
});

test('[IVR-05] two hundred steps are kept', () => {
  const history = new History<number>();
  for (let step = 0; step < 250; step += 1) history.push(step, null, step);
  let value: number | undefined = 250;
  let count = 0;
  for (; value !== undefined; count += 1) value = history.undo(value);
  expect(count - 1).toBe(200);
});
