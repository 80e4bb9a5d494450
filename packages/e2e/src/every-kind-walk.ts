import type { Contact, FlowDocumentInput, PromptLanguage } from '@crosspoint/contracts';
import { expect } from 'vitest';
import {
  everyKind,
  farewell,
  innerNodes,
  promptToneHz,
  recordPrompts,
  type SpokenNode,
  spokenLanguages,
} from './every-kind.ts';
import type { Scene, World } from './world.ts';

/** Before what a caller records. */
export const recordToneHz = 1_000;

/** A phone in a call, whoever made it. */
export interface Walker {
  hears: (toneHz: number, options: { forMs: number }) => Promise<void>;
  press: (keys: string) => Promise<void> | void;
  /** Says something for that long, and nothing from then on. */
  sayBriefly: (ms: number) => Promise<void> | void;
  ended: () => Promise<unknown>;
}

/** How long prompts are, and what ends a recording. */
export interface Lengths {
  promptSeconds: number;
  silenceSeconds: number;
}
/** For callers who go through all of it. */
export const brief: Lengths = { promptSeconds: 1, silenceSeconds: 1 };

/** Records the tones that are the prompts, and makes everything else that nodes of all kinds name. */
export async function kindsOf(world: World, scene: Scene, lookupUrl: string, lengths: Lengths) {
  const { promptSeconds, silenceSeconds } = lengths;
  const { api, product } = world;
  recordPrompts(product.dataDir, promptSeconds);
  const closedQueue = world.freshName('closed');
  const box = world.freshName('box');
  const innerFlow = world.freshName('inner');
  const one = { name: 'Opening', day: '2099-01-01', open: [{ from: '09:00', to: '10:00' }] };
  await api.apply({
    queues: [{ name: closedQueue, agents: [], hours: { timeZone: 'UTC', specialDays: [one] } }],
    voicemailBoxes: [{ name: box }],
    // Nobody is there; callers can be called back by it.
    trunks: [
      {
        name: 'mobiles',
        host: '127.0.0.1',
        port: 9,
        keepAliveSeconds: 0,
        outgoing: { prefixes: ['+4207770'] },
      },
    ],
    flows: [{ name: innerFlow, start: 'inner', nodes: innerNodes }],
  });
  const { username: agent } = scene.agent(1);
  return everyKind({ queue: scene.queueName, closedQueue, agent, box, innerFlow, lookupUrl, silenceSeconds });
}

/** One flow through nodes of all nineteen kinds, from `language` to `bye`. */
export async function flowOfAllKinds(
  world: World,
  scene: Scene,
  lookupUrl: string,
): Promise<FlowDocumentInput['nodes']> {
  const kinds = await kindsOf(world, scene, lookupUrl, brief);
  const order = Object.keys(kinds) as (keyof typeof kinds)[];
  const nodes = order.map((kind, index) => [kind, kinds[kind](order[index + 1] ?? 'bye')]);
  return { ...Object.fromEntries(nodes), bye: farewell };
}

/** What somebody of that language keys on the way through that flow, one after the other. */
export const pressesOf = (language: PromptLanguage): string[] => [
  ...[String(spokenLanguages.indexOf(language) + 1), '9', '5', '472', '4'],
];

/** Goes through the flow to its end; every prompt is recognised by its tone. */
export async function walkAllKinds(caller: Walker, language: PromptLanguage): Promise<void> {
  const hears = (node: SpokenNode, of = language) => caller.hears(promptToneHz(node, of), { forMs: 200 });
  const presses = pressesOf(language);
  const pressNext = () => caller.press(presses.shift() ?? '');
  await hears('language', 'en');
  await pressNext();
  await hears('say');
  await hears('play');
  await hears('menu');
  // Nothing is keyed in time.
  await hears('wrong');
  await hears('menu');
  await pressNext();
  await hears('wrong');
  await hears('menu');
  await pressNext();
  await hears('collect');
  await pressNext();
  await hears('inner');
  await hears('survey');
  await pressNext();
  for (const recorded of ['record', 'voicemail'] as const) {
    await hears(recorded);
    await caller.hears(recordToneHz, { forMs: 100 });
    await caller.sayBriefly(1_500);
  }
  await hears('end');
  await caller.ended();
}

/** That contact went through every kind of node on the way that `walkAllKinds` takes. */
export function expectWalked(contact: Contact): void {
  const steps = contact.timeline.flatMap((fact) => (fact.type === 'flow.passed' ? [fact.data] : []));
  expect(steps.map(({ kind, exit }) => `${kind}:${exit.replace(/branch-\d/, 'branch')}`)).toEqual([
    ...['language:next', 'say:next', 'play:next', 'menu:key-5', 'collect:next', 'set:next'],
    ...['condition:case-1', 'split:branch', 'hours:open', 'http:next', 'say:next', 'return:return'],
    ...['sub-flow:next', 'survey:next', 'transfer:failed', 'record:next', 'voicemail:next'],
    ...['callback:next', 'queue:refused', 'end:end'],
  ]);
  expect(steps.find(({ kind }) => kind === 'collect')?.input).toBe('472');
  expect(contact.timeline).toContainEqual(
    expect.objectContaining({ type: 'survey.answered', data: expect.objectContaining({ score: 4 }) }),
  );
}
