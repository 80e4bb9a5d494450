import type { FlowDocument, FlowNodeOf } from '@crosspoint/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as edit from './document.ts';

const say = (next: string): FlowNodeOf<'say'> => ({
  ...{ kind: 'say', prompt: [{ text: { en: 'Hello' } }], bargeIn: true, next },
});
const end: FlowNodeOf<'end'> = { kind: 'end', prompt: [] };
const flow = (nodes: FlowDocument['nodes'], start = 'a'): FlowDocument => ({
  ...{ name: 'f', description: '', language: 'en', start, nodes },
});

test('[IVR-05] a node put into a way goes on where the way led', () => {
  const before = flow({ a: say('z'), z: end });
  const after = edit.inserted(before, 'b', say(edit.nowhere), { from: 'a', path: 'next' });
  expect(after.nodes['a']).toMatchObject({ next: 'b' });
  expect(after.nodes['b']).toMatchObject({ next: 'z' });
  expect(after.nodes['z']).toBe(before.nodes['z']);
});

test('[IVR-05] what led to a node that is taken out goes on behind it, or nowhere when that is not clear', () => {
  const menu: FlowNodeOf<'menu'> = {
    ...{ kind: 'menu', prompt: [], invalidPrompt: [], timeoutPrompt: [], bargeIn: true },
    ...{ timeoutSeconds: 6, retries: 2, keys: { 1: 'b', 2: 'c' }, otherwise: 'z' },
  };
  const before = flow({ a: menu, b: say('c'), c: say('z'), z: end });
  expect(edit.withoutNodes(before, ['b', 'c']).nodes['a']).toMatchObject({ keys: { 1: 'z', 2: 'z' } });
  const first = edit.withoutNodes(flow({ a: say('m'), m: { ...menu, keys: { 1: 'z' } }, z: end }), ['m']);
  expect(first.nodes['a']).toMatchObject({ next: edit.nowhere });
  expect(edit.withoutNodes(flow({ a: say('z'), z: end }), ['a']).start).toBe('z');
  expect(
    edit.withoutNodes(flow({ a: say('b'), b: say('a'), z: say('a') }), ['a', 'b']).nodes['z'],
  ).toMatchObject({
    next: edit.nowhere,
  });
});

test('[IVR-05] a node that is renamed keeps its place, and all ways to it', () => {
  const after = edit.renamed(flow({ a: say('b'), b: say('a'), z: end }), 'a', 'hello');
  expect(Object.keys(after.nodes)).toEqual(['hello', 'b', 'z']);
  expect(after).toMatchObject({ start: 'hello', nodes: { b: { next: 'hello' } } });
});

test('[IVR-05] copies lead to one another; in a flow without their targets they lead nowhere', () => {
  const before = flow({ a: { ...say('b'), position: { x: 0, y: 0 } }, b: say('z'), z: end });
  const clip = edit.clipOf(before, ['a', 'b']);
  const { document, names } = edit.pasted(before, clip, { x: 40, y: 60 });
  expect(names).toEqual(['a-2', 'b-2']);
  expect(document.nodes).toMatchObject({
    'a-2': { next: 'b-2', position: { x: 40, y: 60 } },
    'b-2': { next: 'z' },
  });
  const other = edit.pasted(flow({ x: end }, 'x'), clip, { x: 0, y: 0 });
  expect(other.document.nodes).toMatchObject({ a: { next: 'b' }, b: { next: edit.nowhere } });
});

test('[IVR-05] a value that is set at a path is found there, and nothing else changes', () => {
  const tree = { cases: [{ when: 'a', next: 'b' }], keys: { 1: 'x' }, note: 'n' };
  fc.assert(
    fc.property(
      fc.constantFrom('cases.0.next', 'keys.1', 'keys.9', 'note', 'after.next'),
      fc.string(),
      (path, value) => {
        const after = edit.withValueAt(tree, path, value);
        expect(edit.valueAt(after, path)).toBe(value);
        expect(edit.valueAt(after, 'cases.0.when')).toBe('a');
        expect(tree).toEqual({ cases: [{ when: 'a', next: 'b' }], keys: { 1: 'x' }, note: 'n' });
      },
    ),
  );
  expect(edit.withValueAt(tree, 'note', undefined)).toEqual({ cases: tree.cases, keys: tree.keys });
});

test('[IVR-05] names stay free and fit the form of names', () => {
  const nodes = flow({ say: end, 'say-2': end }).nodes;
  expect(edit.freeName(nodes, 'say')).toBe('say-3');
  expect(edit.freeName(nodes, edit.nowhere)).not.toBe(edit.nowhere);
  expect(edit.freeName(nodes, 'x'.repeat(60)).length).toBeLessThanOrEqual(48);
});
