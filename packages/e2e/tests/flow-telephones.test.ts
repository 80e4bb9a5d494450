import { execFileSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { FlowDocumentInput, FlowNodeInput, PromptLanguage } from '@crosspoint/contracts';
import { synthesizeTone } from '@crosspoint/media';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import {
  BaresipPhone,
  callerToneHz,
  expectWalked,
  farewell,
  flowOfAllKinds,
  flowPath,
  keyTonesHz,
  kindsOf,
  pressesOf,
  promptToneHz,
  recordToneHz,
  Sipp,
  sippScenarios,
  SippSound,
  temporaryFolder,
  until,
  useWorld,
  walkAllKinds,
  type Walker,
  withoutEvents,
} from '../src/index.ts';

/** Flows as telephones meet them that were not written here. */
const world = useWorld({ env: { CROSSPOINT_FLOWS_LOOKUP_NETWORKS: '127.0.0.1' } });

let lookUps = 0;
let crm: Server;
let crmPort = 0;

async function startCrm(): Promise<void> {
  crm = createServer((request, response) => {
    lookUps += 1;
    if (request.url !== '/slow')
      response.setHeader('content-type', 'application/json').end('{"state": "known"}');
  });
  await new Promise<void>((resolve) => crm.listen(crmPort, '127.0.0.1', resolve));
  crmPort = (crm.address() as AddressInfo).port;
}

function stopCrm(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  crm.close(() => resolve());
  crm.closeAllConnections();
  return promise;
}

beforeAll(startCrm);
afterAll(stopCrm);

/** Callers of these numbers can be called back. */
let callers = 0;
const freshCaller = (): string => `+42077709${String((callers += 1)).padStart(4, '0')}`;

/** Numbers, each answered by this flow. */
async function answeredBy(nodes: FlowDocumentInput['nodes'], start: string, count = 1): Promise<string[]> {
  const flow = world().freshName('flow');
  const numbers = Array.from({ length: count }, () => world().freshNumber());
  await world().api.apply({
    flows: [{ name: flow, start, nodes }],
    numbers: numbers.map((number) => ({ number, target: { flow } })),
  });
  return numbers;
}

/** Longer than a call of these tests. */
const restSeconds = 120;

/** What sox makes of these pieces, one after the other, and silence behind them. */
function soundFile(pieces: readonly { tonesHz: readonly number[]; seconds: number }[]): string {
  const path = join(temporaryFolder(), 'sound.wav');
  const made = pieces.map(({ tonesHz, seconds }) => {
    const tones = tonesHz.map((hz) => `sine ${hz}`).join(' ');
    return `|sox -n -p synth ${seconds} ${tones} remix - gain -9 pad 0 0.15`;
  });
  execFileSync('sox', [
    '-r',
    '48000',
    ...made,
    '-r',
    '8000',
    '-b',
    '16',
    path,
    'pad',
    '0',
    String(restSeconds),
  ]);
  return path;
}

/** baresip in a call to that number. Its keys are telephone events, or sound to a provider that knows none. */
async function baresip(number: string, way: 'RFC 4733' | 'in-band'): Promise<Walker> {
  let server = world().product.sip;
  if (way === 'in-band') {
    const provider = await withoutEvents(server);
    onTestFinished(provider.close);
    server = provider.address;
  }
  const account = { username: freshCaller(), password: '', register: false };
  const phone = await BaresipPhone.start({ ...account, toneHz: callerToneHz, server });
  onTestFinished(() => phone.stop());
  await phone.dial(number);
  const sayKeys = (keys: string) =>
    phone.say(soundFile([...keys].map((key) => ({ tonesHz: keyTonesHz(key), seconds: 0.15 }))));
  return {
    hears: (toneHz, options) => phone.hears(toneHz, options),
    press: (keys) => (way === 'in-band' ? sayKeys(keys) : phone.press(keys)),
    sayBriefly: (ms) => phone.say(soundFile([{ tonesHz: [callerToneHz], seconds: ms / 1_000 }])),
    ended: () => phone.event('CALL_CLOSED', { timeoutMs: restSeconds * 1_000 }),
  };
}

/** sipp in a call to that number, which keys by INFO. */
async function sipp(
  number: string,
  presses: readonly string[],
  end: 'stays' | 'hangs up',
): Promise<Walker & { hangUp: () => Promise<void> }> {
  const sound = await SippSound.open();
  onTestFinished(() => sound.close());
  const scenario = sippScenarios.callerKeys(freshCaller(), sound.port, presses, end);
  const call = await Sipp.start({
    ...{ scenario, service: number, server: world().product.sip, timeoutMs: restSeconds * 1_000 },
  });
  onTestFinished(() => call.kill());
  return {
    hears: (toneHz, options) => sound.ear.hears(toneHz, options),
    press: () => call.nudge(),
    sayBriefly: (ms) =>
      sound.say(synthesizeTone({ frequenciesHz: [callerToneHz], levelDbm0: -10, onMs: ms })),
    ended: async () => expect(await call.finished()).toMatchObject({ successful: 1, failed: 0 }),
    hangUp: () => call.nudge(),
  };
}

test('[IVR-01] [IVR-03] [I18N-03] baresip with telephone events and with tones, and sipp with INFO, go through all nineteen kinds of nodes in three languages', async () => {
  const scene = await world().scene({ staffed: false });
  const nodes = await flowOfAllKinds(world(), scene, `http://127.0.0.1:${crmPort}/{caller}`);
  const numbers = await answeredBy(nodes, 'language', 3);
  const [english = '', spanish = '', czech = ''] = numbers;
  const phones: [Promise<Walker>, PromptLanguage][] = [
    [baresip(english, 'RFC 4733'), 'en'],
    [baresip(spanish, 'in-band'), 'es'],
    [sipp(czech, pressesOf('cs'), 'stays'), 'cs'],
  ];
  await Promise.all(phones.map(async ([phone, language]) => walkAllKinds(await phone, language)));
  for (const number of numbers) expectWalked(await world().api.closedContact(number));
});

test('[IVR-03] sipp hangs up wherever a flow is, and leaves nothing behind', async () => {
  const scene = await world().scene();
  const slow = `http://127.0.0.1:${crmPort}/slow`;
  const kinds = await kindsOf(world(), scene, slow, { promptSeconds: 15, silenceSeconds: 20 });
  const asksFor = (kind: Parameters<typeof promptToneHz>[0]) => (call: Walker) =>
    call.hears(promptToneHz(kind, 'en'), { forMs: 100 });
  /** What is recorded begins behind the prompt, which a key cuts short. */
  const records = (kind: 'record' | 'voicemail') => async (call: Walker) => {
    await asksFor(kind)(call);
    await call.press('1');
    await call.hears(recordToneHz, { forMs: 100 });
  };
  const before = lookUps;
  const moments: [keyof typeof kinds, (call: Walker) => Promise<unknown>, string[]?][] = [
    ...(['language', 'say', 'play', 'menu', 'collect', 'survey', 'record', 'voicemail'] as const).map(
      (kind) => [kind, asksFor(kind)] as [typeof kind, ReturnType<typeof asksFor>],
    ),
    ['record', records('record'), ['1']],
    ['voicemail', records('voicemail'), ['1']],
    ['http', () => until('the look-up', () => lookUps > before)],
    ['transfer', () => scene.agent(1).phone.nextCall()],
  ];
  const gone = moments.map(async ([kind, isThere, presses = []]) => {
    const [number = ''] = await answeredBy({ at: kinds[kind]('bye'), bye: farewell }, 'at');
    const call = await sipp(number, presses, 'hangs up');
    await isThere(call);
    await call.hangUp();
    await call.ended();
    const contact = await world().api.closedContact(number);
    expect(flowPath(contact)).toEqual(['at:customer-hung-up']);
    expect(contact.timeline.filter(({ type }) => type === 'flow.ended')).toHaveLength(1);
  });
  await Promise.all(gone);
});

test('[IVR-01] while a look-up cannot be asked callers hear so, and hear what it knows as soon as it can', async () => {
  const scene = await world().scene({ staffed: false });
  await kindsOf(world(), scene, '', { promptSeconds: 1, silenceSeconds: 1 });
  const say = (recording: string): FlowNodeInput => ({ kind: 'say', prompt: [{ recording }], next: 'bye' });
  const url = `http://127.0.0.1:${crmPort}/`;
  const [number = ''] = await answeredBy(
    {
      ask: { kind: 'http', url, timeoutMs: 10_000, retries: 1, next: 'known', failed: 'sorry' },
      known: say('odd'),
      sorry: say('even'),
      bye: { kind: 'end' },
    },
    'ask',
  );
  const path = async (heard: 'language' | 'say') => {
    const phone = await baresip(number, 'RFC 4733');
    await phone.hears(promptToneHz(heard, 'en'), { forMs: 200 });
    await phone.ended();
    return flowPath(await world().api.closedContact(number));
  };
  expect(await path('language')).toEqual(['ask:next', 'known:next', 'bye:end']);
  await stopCrm();
  onTestFinished(async () => void (crm.listening || (await startCrm())));
  expect(await path('say')).toEqual(['ask:failed', 'sorry:next', 'bye:end']);
  await startCrm();
  expect(await path('language')).toEqual(['ask:next', 'known:next', 'bye:end']);
});
