import type { EpochMs } from '@crosspoint/contracts';
import { describe, expect, it } from 'vitest';
import {
  createFlowSession,
  type FlowEffect,
  type FlowInput,
  type FlowSession,
  recordedVariable,
  type RunnableFlow,
} from '../ivr/index.ts';
import { promptLanguages, promptTexts } from '../prompts/index.ts';
import { promptMenu, promptServices, voicemailMenu, voicemailServices } from './index.ts';

const documents: [string, RunnableFlow][] = [
  ['the menu of a box', voicemailMenu('en', '')],
  ['the menu of recordings', promptMenu('en')],
];
const services = new Set<string>([...voicemailServices, ...promptServices, 'recording.review']);

function waysOf(node: RunnableFlow['nodes'][string]): string[] {
  const found: string[] = [];
  for (const name of ['next', 'otherwise', 'failed'] as const) {
    if (name in node) found.push((node as unknown as Record<string, string>)[name] ?? '');
  }
  if (node.kind === 'menu') found.push(...Object.values(node.keys).map(String));
  if (node.kind === 'service') found.push(...Object.values(node.ways));
  return found;
}

/** A caller of paper: services answer as they are told, everything said is heard at once unless a key is waiting. */
class Telephone {
  readonly session: FlowSession;
  readonly steps: { node: string; exit: string; input: string }[] = [];
  readonly asked: string[] = [];
  ended: string | undefined;
  now = 0;
  #request: Extract<FlowEffect, { type: 'request' }> | undefined;
  #isSaying = false;
  #due: EpochMs | undefined;

  constructor(document: RunnableFlow) {
    this.session = createFlowSession(document, { flow: () => undefined, hours: () => undefined });
    this.#apply({ type: 'started', caller: { callerPhone: '+420555', callerName: '', number: '*97' } });
  }

  get at(): string | undefined {
    return this.session.at;
  }

  /** What it asks of the shell now. */
  get service(): string | undefined {
    const request = this.#request?.request;
    return request?.kind === 'service' ? request.service : request?.kind;
  }

  answer(reason: string, values: Record<string, string | number | boolean> = {}, hears = false): this {
    const id = this.#request?.id ?? -1;
    this.#request = undefined;
    const says = hears ? ([{ kind: 'sound', path: '/sound.wav', language: 'en' }] as const) : [];
    this.#apply({ type: 'request.done', id, result: 'done', reason, values, says });
    return this;
  }

  fail(): this {
    const id = this.#request?.id ?? -1;
    this.#request = undefined;
    this.#apply({ type: 'request.done', id, result: 'failed', reason: 'away', values: {} });
    return this;
  }

  /** Everything that is being said is heard to its end. */
  hear(): this {
    for (let guard = 0; this.#isSaying && guard < 10; guard++) {
      this.#isSaying = false;
      this.#apply({ type: 'said' });
    }
    return this;
  }

  key(digits: string): this {
    for (const digit of digits) this.#apply({ type: 'digit', digit });
    return this;
  }

  leave(): this {
    this.#apply({ type: 'left', reason: 'customer-hung-up' });
    return this;
  }

  wait(): this {
    this.hear();
    this.now = Math.max(this.now, this.#due ?? this.now);
    this.#apply({ type: 'timer.due' });
    return this;
  }

  #apply(input: FlowInput): void {
    for (const effect of this.session.handle(input, this.now)) {
      if (effect.type === 'say') this.#isSaying = true;
      else if (effect.type === 'hush') this.#isSaying = false;
      else if (effect.type === 'timer.set') this.#due = effect.at;
      else if (effect.type === 'timer.cleared') this.#due = undefined;
      else if (effect.type === 'passed') this.steps.push(effect.step);
      else if (effect.type === 'ended') this.ended = effect.reason;
      else if (effect.type === 'request') {
        this.#request = effect;
        this.asked.push(this.service ?? '');
      }
    }
  }
}

const opened = () =>
  new Telephone(voicemailMenu('en', 'agent-1'))
    .answer('one')
    .hear()
    .key('1234#')
    .answer('open', { box: 'b1', language: 'cs' })
    .answer('told');

/** Everywhere where something is awaited of the caller. */
const places: [string, () => Telephone][] = [
  ['the number of the box', () => new Telephone(voicemailMenu('en', '')).answer('none')],
  ['the choice of a box', () => new Telephone(voicemailMenu('en', 'a')).answer('several', {}, true)],
  ['the PIN', () => new Telephone(voicemailMenu('en', 'a')).answer('one')],
  ['the main menu', opened],
  [
    'a message',
    () => opened().hear().key('1').answer('message', { message: 'm' }, true).hear().answer('noted'),
  ],
  ['the greeting', () => opened().hear().key('8')],
  [
    'a recording',
    () =>
      opened()
        .hear()
        .key('8')
        .hear()
        .key('2')
        .hear()
        .answer('', { [recordedVariable]: 'r' })
        .answer('heard', {}, true),
  ],
  ['the code', () => new Telephone(promptMenu('cs'))],
  [
    'a recording that is no good',
    () => new Telephone(promptMenu('es')).key('123456').answer('begun').hear().fail(),
  ],
];

describe('menus by telephone', () => {
  it.each(documents)('[TEL-1] no way leads nowhere, and every node is reached: %s', (_title, document) => {
    const reached = new Set<string>([document.start]);
    const open = [document.start];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      const node = document.nodes[name];
      expect(node, name).toBeDefined();
      for (const to of node === undefined ? [] : waysOf(node)) {
        if (!reached.has(to)) open.push(to);
        reached.add(to);
      }
    }
    expect(Object.keys(document.nodes).filter((name) => !reached.has(name))).toEqual([]);
    const wanted = Object.values(document.nodes).flatMap((node) =>
      node.kind === 'service' ? [node.service] : [],
    );
    expect(wanted.filter((name) => !services.has(name))).toEqual([]);
  });

  it.each(documents)('[TEL-1] everything it says is recorded in every language: %s', (_title, document) => {
    const names = JSON.stringify(document.nodes).matchAll(/"recording":"([^"]+)"/g);
    for (const [, name = ''] of names) {
      for (const language of promptLanguages) expect(promptTexts(language), language).toHaveProperty(name);
    }
  });

  it('[TEL-2] whoever keys nothing is hung up, wherever that is', () => {
    for (const [place, reach] of places) {
      const telephone = reach();
      for (let times = 0; telephone.ended === undefined && times < 10; times++) telephone.wait();
      telephone.hear();
      expect(telephone.ended, place).toBe('flow-ended');
    }
  });

  it.each(places)(
    '[TEL-7] whoever hangs up at %s ends the menu there, and nothing more is asked',
    (_place, reach) => {
      const telephone = reach();
      const asked = telephone.asked.length;
      telephone.leave();
      expect(telephone.ended).toBe('customer-hung-up');
      telephone.key('1').wait().hear();
      expect(telephone.asked).toHaveLength(asked);
    },
  );

  it('[TEL-2] wrong keys only end the call as well', () => {
    const telephone = opened().hear();
    for (let times = 0; times < 3; times++) telephone.key('5');
    telephone.hear();
    expect(telephone.ended).toBe('flow-ended');
  });

  it('[TEL-3] PIN and code stand in no step', () => {
    const box = opened();
    expect(box.steps.find(({ node }) => node === 'pin')).toMatchObject({ exit: 'next', input: '' });
    expect(JSON.stringify(box.steps)).not.toContain('1234');
    const prompt = new Telephone(promptMenu('en')).key('271828');
    expect(prompt.service).toBe('prompt.begin');
    expect(JSON.stringify(prompt.steps)).not.toContain('271828');
  });

  it('[TEL-3] a wrong PIN is asked for again, and too many end the call', () => {
    const telephone = new Telephone(voicemailMenu('en', 'a')).answer('one').key('9#').answer('wrong').hear();
    expect(telephone.at).toBe('pin');
    telephone.key('8#').answer('locked').hear();
    expect(telephone.ended).toBe('flow-ended');
  });

  it('[TEL-4] from elsewhere the number of the box is asked for, and again with a wrong PIN', () => {
    const telephone = new Telephone(voicemailMenu('en', '')).answer('none').key('801#').key('1#');
    expect(telephone.service).toBe('box.open');
    telephone.answer('wrong-number').hear();
    expect(telephone.at).toBe('number');
  });

  it('[TEL-5] a message is noted as heard at its end or by a key, and not before', () => {
    const telephone = opened().hear().key('1').answer('message', { message: 'm1' }, true);
    expect(telephone.at).toBe('play');
    expect(telephone.asked).not.toContain('box.heard');
    const cut = opened().hear().key('1').answer('message', { message: 'm1' }, true).key('2');
    expect(cut.service).toBe('box.heard');
    // The key counts: it asks for the next message at once.
    expect(cut.answer('noted').service).toBe('box.next');
    expect(telephone.hear().service).toBe('box.heard');
  });

  it('[TEL-6] a deleted message can be taken back', () => {
    const telephone = opened()
      .hear()
      .key('1')
      .answer('message', { message: 'm1' }, true)
      .hear()
      .answer('noted');
    telephone.hear().key('7').answer('done').hear().key('7');
    expect(telephone.service).toBe('box.restore');
    expect(telephone.answer('done').hear().at).toBe('message');
  });

  it('[TEL-7] a greeting is heard before it is kept', () => {
    const telephone = opened().hear().key('82').hear();
    expect(telephone.service).toBe('record');
    telephone.answer('', { [recordedVariable]: 'r1' });
    expect(telephone.service).toBe('recording.review');
    telephone.answer('heard', {}, true).hear();
    expect(telephone.asked).not.toContain('box.keep-greeting');
    expect(telephone.key('1').service).toBe('box.keep-greeting');
    expect(telephone.session.variables.get(recordedVariable)).toBe('r1');
  });

  it('[TEL-8] once the box is open its language is spoken', () => {
    expect(opened().session.variables.get('language')).toBe('cs');
  });

  it('[TEL-2] a service that fails or never answers ends the call with a word', () => {
    const failed = new Telephone(voicemailMenu('en', 'a')).fail().hear();
    const silent = new Telephone(voicemailMenu('en', 'a')).wait().hear();
    expect([failed.ended, silent.ended]).toEqual(['flow-ended', 'flow-ended']);
  });
});
