import type { FlowDocument, FlowNodeOf } from '@crosspoint/contracts';
import { expect, test } from 'vitest';
import { changesBetween, mergeFlows } from './changes.ts';

const say = (text: string, x = 0): FlowNodeOf<'say'> => ({
  ...{ kind: 'say', prompt: [{ text: { en: text } }], bargeIn: true, next: 'z', position: { x, y: 0 } },
});
const base: FlowDocument = {
  ...{ name: 'f', description: '', language: 'en', start: 'a' },
  nodes: { a: say('one'), b: say('two'), z: { kind: 'end', prompt: [] } },
};
const withNodes = (nodes: FlowDocument['nodes']): FlowDocument => ({
  ...base,
  nodes: { ...base.nodes, ...nodes },
});

test('[IVR-01] the difference names nodes that were added, removed and changed, and no move', () => {
  const { b: _b, ...others } = base.nodes;
  const after: FlowDocument = {
    ...base,
    language: 'cs',
    nodes: { ...others, a: say('uno', 40), c: say('new') },
  };
  expect(changesBetween(base, after).map(({ node, is, fields }) => [node, is, fields])).toEqual([
    [null, 'changed', ['language']],
    ['a', 'changed', ['prompt']],
    ['c', 'added', []],
    ['b', 'removed', []],
  ]);
  expect(changesBetween(base, withNodes({ a: say('one', 400) }))).toEqual([]);
});

test('[IVR-05] of two people each keeps the nodes that only he changed; where both did, mine stay and are named', () => {
  const mine = withNodes({ a: say('mine'), b: say('two', 100) });
  const theirs = withNodes({ a: say('theirs'), b: say('deux', 60), n: say('new') });
  const { merged, conflicts, taken } = mergeFlows(base, mine, theirs);
  expect(merged.nodes).toEqual({ ...base.nodes, a: say('mine'), b: say('deux', 100), n: say('new') });
  expect(conflicts).toEqual(['a']);
  expect(taken).toEqual(['b', 'n']);
});

test('[IVR-05] what one takes out and the other leaves alone is gone', () => {
  const { b: _b, ...others } = base.nodes;
  const { merged } = mergeFlows(base, withNodes({ a: say('mine') }), { ...base, nodes: others });
  expect(Object.keys(merged.nodes)).toEqual(['a', 'z']);
});
