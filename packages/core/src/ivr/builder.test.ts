import { FlowDocument } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { text } from '../../test/flow-kit.ts';
import { defineFlow, FlowBuilder, flowJson, spoken } from './index.ts';

const written = defineFlow({
  name: 'main',
  start: 'menu',
  nodes: {
    menu: {
      kind: 'menu',
      prompt: [spoken({ cs: 'Dobrý den', en: 'Hello' })],
      keys: { 2: 'bye', 1: 'help' },
      otherwise: 'bye',
    },
    help: { kind: 'queue', queue: 'support', refused: 'bye', after: { seconds: 30, next: 'menu' } },
    bye: { kind: 'end' },
  },
});

describe('flows as code', () => {
  test('[IVR-06] the canonical form is one text, in whatever order a document was written', () => {
    const json = flowJson(written);
    expect(json.startsWith('{\n  "name": "main",\n  "description": "",\n')).toBe(true);
    expect(json.endsWith('}\n')).toBe(true);
    const shuffled = Object.fromEntries(Object.entries(JSON.parse(json) as object).reverse());
    expect(flowJson(FlowDocument.parse(shuffled))).toBe(json);
  });

  test('[IVR-06] import, builder and export lose nothing, byte for byte', () => {
    const json = flowJson(written);
    const imported = FlowDocument.parse(JSON.parse(json));
    expect(flowJson(FlowBuilder.from(imported).build())).toBe(json);
    const changed = FlowBuilder.from(imported).node('more', { kind: 'end' }).remove('more').build();
    expect(flowJson(changed)).toBe(json);
    expect(flowJson(imported)).toBe(json);
  });

  test('[IVR-06] a flow is built step by step', () => {
    const built = FlowBuilder.begin('small', 'hello', { kind: 'say', prompt: [text('Hello')], next: 'bye' })
      .node('bye', { kind: 'end' })
      .node('again', { kind: 'say', prompt: [text('Again')], next: 'hello' })
      .startAt('again')
      .describe('Says hello.')
      .speak('cs')
      .build();
    expect(built).toMatchObject({
      name: 'small',
      start: 'again',
      language: 'cs',
      description: 'Says hello.',
    });
    expect(() => FlowBuilder.from(built).node('bad name', { kind: 'end' }).build()).toThrow('small letters');
  });

  test('[IVR-06] a way that leads nowhere does not compile', () => {
    const build = () =>
      defineFlow({
        name: 'x',
        start: 'a',
        // @ts-expect-error There is no node of that name.
        nodes: { a: { kind: 'say', prompt: [text('?')], next: 'gone' } },
      });
    expect(build().nodes['a']).toHaveProperty('next', 'gone');
  });
});
