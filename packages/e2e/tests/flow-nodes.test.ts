import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EntryNumber, FlowDocumentInput, Page, PromptLanguage } from '@crosspoint/contracts';
import type { PhoneCall } from '@crosspoint/sim/phones';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  callerToneHz,
  expectWalked,
  farewell,
  flowOfAllKinds,
  flowPath,
  keyWays,
  type KeyWay,
  kindsOf,
  type Lengths,
  press,
  promptToneHz,
  recordToneHz,
  sayBriefly,
  spokenLanguages,
  until,
  useWorld,
  walkAllKinds,
  type Walker,
  writeToneFile,
} from '../src/index.ts';

const world = useWorld({ env: { CROSSPOINT_FLOWS_LOOKUP_NETWORKS: '127.0.0.1' } });
const agentToneHz = 700;
type Nodes = FlowDocumentInput['nodes'];

const asked: { method: string; url: string; body: string }[] = [];
const crm = createServer((request, response) => {
  void bodyOf(request).then((body) => {
    asked.push({ method: request.method ?? '', url: request.url ?? '', body });
    if (request.url?.startsWith('/slow') === true) return;
    if (request.url?.startsWith('/dies') === true) return void request.socket.end('no HTTP at all\r\n\r\n');
    if (request.url?.startsWith('/broken') === true) response.statusCode = 500;
    if (request.url?.startsWith('/babbles') === true) return void response.end('<html>');
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        customer: {
          name: 'Eva',
          orders: [{ state: 'sent' }],
          points: 42,
          balance: '2.00',
          due: '2026-03-05',
        },
      }),
    );
  });
});
let crmUrl = '';

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

beforeAll(async () => {
  await new Promise<void>((resolve) => crm.listen(0, '127.0.0.1', resolve));
  crmUrl = `http://127.0.0.1:${(crm.address() as AddressInfo).port}`;
});
afterAll(() => void crm.close());

let flows = 0;
async function answeredBy(nodes: Nodes, start: string): Promise<string> {
  flows += 1;
  const [name, number] = [`nodes ${flows}`, `77${flows}`];
  await world().api.apply({ flows: [{ name, start, nodes }], numbers: [{ number, target: { flow: name } }] });
  return number;
}

/** The newest contact of that number once it is closed, with the ways that it took. */
async function contactOf(number: string) {
  const contact = await world().api.closedContact(number);
  return { contact, path: flowPath(contact) };
}

const bye = { kind: 'end' } as const;
const hello = { text: { en: 'Hello.' } };

test('[IVR-01] a look-up brings values that decide, and the caller reaches the agent whom the flow names', async () => {
  const scene = await world().scene();
  const number = await answeredBy(
    {
      crm: {
        kind: 'http',
        method: 'POST',
        url: `${crmUrl}/callers/{caller}?from={dialled}`,
        body: '{"number": "{caller}"}',
        results: { state: 'customer.orders.0.state', points: 'customer.points' },
        next: 'known',
        failed: 'bye',
      },
      known: {
        kind: 'condition',
        cases: [{ when: 'state == "sent" && points > 40', next: 'person' }],
        otherwise: 'bye',
      },
      person: { kind: 'transfer', to: { agent: scene.agent(1).username }, failed: 'bye' },
      bye,
    },
    'crm',
  );
  const customer = await (await scene.caller()).call(number);
  const agent = await scene.agent(1).phone.nextCall();
  await customer.sound.ear.hears('sound', { forMs: 300 });
  agent.answer();
  await customer.sound.ear.hears(agentToneHz, { forMs: 500 });
  customer.hangUp();
  const { contact, path } = await contactOf(number);
  expect(path).toEqual(['crm:next', 'known:case-1', 'person:connected']);
  expect(contact.outcome).toBe('answered');
  const request = asked.find(({ url }) => url.endsWith(`=${number}`));
  expect(request?.method).toBe('POST');
  expect(request?.url).toMatch(new RegExp(`^/callers/[^/]+\\?from=${number}$`));
  expect(JSON.parse(request?.body ?? '')).toHaveProperty('number');
});

test('[I18N-03] [IVR-01] what a look-up brings is said as an amount and as a date, in the words of the language', async () => {
  const { api } = world();
  const number = await answeredBy(
    {
      czech: { kind: 'language', otherwise: 'cs', next: 'crm' },
      crm: {
        ...{ kind: 'http', url: crmUrl, next: 'tell', failed: 'bye' },
        results: { balance: 'customer.balance', due: 'customer.due' },
      },
      tell: { kind: 'say', prompt: [{ money: 'balance', currency: 'CZK' }, { date: 'due' }], next: 'bye' },
      bye,
    },
    'czech',
  );
  // Two crowns, on the fifth of March: each word has a tone of its own.
  const words = { 'number-feminine-2': 1_300, 'czk-few': 1_700, 'day-5': 600, 'month-3': 900 };
  const dir = mkdtempSync(join(tmpdir(), 'crosspoint-words-'));
  for (const [name, hz] of Object.entries(words)) {
    const path = join(dir, `${name}.wav`);
    writeToneFile(path, hz, 2);
    await api.upload(`/prompts?language=cs&name=${name}`, 'audio/wav', readFileSync(path));
  }
  rmSync(dir, { recursive: true });
  const scene = await world().scene({ staffed: false });
  const customer = await (await scene.caller()).call(number);
  for (const hz of Object.values(words)) await customer.sound.ear.hears(hz, { forMs: 300 });
  await customer.ended();
  expect((await contactOf(number)).path).toEqual(['czech:next', 'crm:next', 'tell:next', 'bye:end']);
  for (const name of Object.keys(words)) await api.request('DELETE', `/prompts/cs.${name}`);
});

test('[IVR-01] nobody comes, nothing answers: each failure has its way', async () => {
  const scene = await world().scene();
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const closedUrl = `http://127.0.0.1:${(closed.address() as AddressInfo).port}`;
  closed.close();
  const asks = (url: string, reason: string, index: number, failed: string): Nodes => ({
    [`ask-${index}`]: {
      kind: 'http',
      url,
      timeoutMs: reason === 'timeout' ? 1_000 : 10_000,
      retries: 0,
      next: 'bye',
      failed: `why-${index}`,
    },
    [`why-${index}`]: {
      kind: 'condition',
      cases: [{ when: `failure == "${reason}"`, next: failed }],
      otherwise: 'bye',
    },
  });
  const failures = [
    [`${crmUrl}/slow`, 'timeout'],
    ['http://10.0.0.1/', 'address-refused'],
    [closedUrl, 'no-connection'],
    [`${crmUrl}/broken`, 'status-500'],
    [`${crmUrl}/babbles`, 'not-json'],
    [`${crmUrl}/dies`, 'no-connection'],
  ] as const;
  const lookUps = failures.map(([url, reason], index) =>
    asks(url, reason, index, index + 1 < failures.length ? `ask-${index + 1}` : 'person'),
  );
  const number = await answeredBy(
    {
      // A host that has answered once is trusted again, whatever an earlier attempt has met.
      fine: { kind: 'http', url: crmUrl, next: 'ask-0', failed: 'bye' },
      ...Object.assign({}, ...lookUps),
      person: { kind: 'transfer', to: { agent: scene.agent(1).username }, failed: 'nobody' },
      nobody: { kind: 'transfer', to: { number: '+420999888777' }, failed: 'callback' },
      callback: { kind: 'callback', queue: scene.queueName, number: '"none"', next: 'bye', failed: 'bye' },
      bye,
    },
    'fine',
  );
  const customer = await (await scene.caller()).call(number);
  const agent = await scene.agent(1).phone.nextCall();
  agent.reject(486);
  await customer.ended();
  const { contact, path } = await contactOf(number);
  expect(path).toEqual([
    'fine:next',
    ...failures.flatMap((_, index) => [`ask-${index}:failed`, `why-${index}:case-1`]),
    'person:failed',
    'nobody:failed',
    'callback:failed',
    'bye:end',
  ]);
  expect(contact.outcome).toBe('deflected');
});

test('[IVR-01] what the caller says after the tone is recorded until silence, and kept', async () => {
  const scene = await world().scene();
  const number = await answeredBy(
    {
      say: {
        kind: 'record',
        prompt: [hello],
        silenceSeconds: 1,
        maxSeconds: 20,
        next: 'score',
        failed: 'bye',
      },
      score: {
        kind: 'survey',
        question: 'How was it?',
        prompt: [hello],
        next: 'bye',
        otherwise: 'bye',
      },
      bye,
    },
    'say',
  );
  const caller = await scene.caller();
  const customer = await caller.call(number);
  await customer.answered();
  await customer.sound.ear.hears(1_000, { forMs: 200 });
  await until('a second of what the caller says to be recorded', async () => {
    const contact = await world().api.newestContact(number);
    const begun = contact?.timeline.find(({ type }) => type === 'recording.started');
    return begun !== undefined && Date.now() - Date.parse(String(begun.at)) > 1_200;
  });
  customer.sound.say('silence');
  await customer.sound.ear.hears('sound', { forMs: 200 });
  customer.sound.sendDigits('4');
  await customer.ended();
  const { contact, path } = await contactOf(number);
  expect(path).toEqual(['say:next', 'score:next', 'bye:end']);
  expect(contact.timeline).toContainEqual(
    expect.objectContaining({ type: 'survey.answered', data: expect.objectContaining({ score: 4 }) }),
  );
  expect(contact.recordings[0]?.durationSeconds).toBeGreaterThan(1);
});

test('[IVR-01] a caller who waits too long comes back into the flow and goes elsewhere', async () => {
  const scene = await world().scene({ staffed: false });
  const number = await answeredBy(
    {
      wait: { kind: 'queue', queue: scene.queueName, refused: 'bye', after: { seconds: 15, next: 'later' } },
      later: { kind: 'menu', prompt: [hello], keys: { 1: 'bye' }, otherwise: 'bye' },
      bye,
    },
    'wait',
  );
  const customer = await (await scene.caller()).call(number);
  await customer.answered();
  await until('the caller to be back in the flow', async () => {
    const { overflowed, waiting } = await scene.stats();
    return overflowed === 1 && waiting === 0;
  });
  customer.sound.sendDigits('1');
  await customer.ended();
  const { path } = await contactOf(number);
  expect(path).toEqual(['wait:after', 'later:key-1', 'bye:end']);
  await scene.statsAre({ offered: 1, overflowed: 1, abandoned: 0 });
});

/** For those who are to hang up before anything is over. */
const lasting: Lengths = { promptSeconds: 15, silenceSeconds: 20 };

test('[IVR-01] [IVR-03] [I18N-03] callers of three languages go through all nineteen kinds of nodes, each with keys of another way', async () => {
  const scene = await world().scene({ staffed: false });
  const nodes = await flowOfAllKinds(world(), scene, `${crmUrl}/{caller}`);
  const number = await answeredBy(nodes, 'language');
  const walk = async (language: PromptLanguage, way: KeyWay) => {
    const says = way === 'in-band' ? 'silence' : callerToneHz;
    const caller = await scene.caller({ events: way === 'RFC 4733', says });
    const call = await caller.call(number);
    const { ear } = call.sound;
    const walker: Walker = {
      hears: (toneHz, options) => ear.hears(toneHz, options),
      press: (keys) => press(call, way, keys),
      sayBriefly: (ms) => sayBriefly(call, ms),
      ended: () => call.ended(),
    };
    await walkAllKinds(walker, language);
    return caller.username;
  };
  const callers = await Promise.all(
    spokenLanguages.map((language, index) => walk(language, keyWays[index] ?? 'RFC 4733')),
  );
  for (const caller of callers) expectWalked(await world().api.closedContact(number, caller));
});

test('[IVR-03] whoever hangs up, whatever node waits for them, leaves nothing behind', async () => {
  const scene = await world().scene();
  const lookUp = `/slow/${world().freshName('hung-up')}`;
  const kinds = await kindsOf(world(), scene, `${crmUrl}${lookUp}`, lasting);
  const hears = (toneHz: number) => (call: PhoneCall) => call.sound.ear.hears(toneHz, { forMs: 100 });
  const spoken = ['language', 'say', 'play', 'menu', 'collect', 'survey', 'record', 'voicemail'] as const;
  const moments: [keyof typeof kinds, (call: PhoneCall) => Promise<unknown>][] = [
    ...spoken.map((kind) => [kind, hears(promptToneHz(kind, 'en'))] as const satisfies [string, object]),
    [
      'collect',
      async (call) => {
        await hears(promptToneHz('collect', 'en'))(call);
        press(call, 'SIP INFO', '4');
      },
    ],
    ['record', hears(recordToneHz)],
    ['voicemail', hears(recordToneHz)],
    ['http', () => until('the look-up', () => asked.some(({ url }) => url === lookUp))],
    ['transfer', () => scene.agent(1).phone.nextCall()],
  ];
  const made = moments.map(([kind, isThere]) => {
    const nodes = { at: kinds[kind]('bye'), bye: farewell };
    return {
      isThere,
      number: world().freshNumber(),
      flow: { name: world().freshName(kind), start: 'at', nodes },
    };
  });
  await world().api.apply({
    flows: made.map(({ flow }) => flow),
    numbers: made.map(({ number, flow }) => ({ number, target: { flow: flow.name } })),
  });
  const gone = made.map(async ({ number, isThere }) => {
    const customer = await (await scene.caller()).call(number);
    await isThere(customer);
    customer.hangUp();
    const { path, contact } = await contactOf(number);
    expect(path).toEqual(['at:customer-hung-up']);
    expect(contact.timeline.filter(({ type }) => type === 'flow.ended')).toHaveLength(1);
  });
  await Promise.all(gone);
});

test('[IVR-01] a call ends on the version that answered it, and a queue that is gone is gone through by its way', async () => {
  const scene = await world().scene({ staffed: false });
  const { api } = world();
  const [name, number] = [world().freshName('versions'), world().freshNumber()];
  const menu = (key: string): Nodes => ({
    menu: { kind: 'menu', prompt: [], timeoutSeconds: 60, keys: { [key]: 'help' }, otherwise: 'bye' },
    help: { kind: 'queue', queue: scene.queueName, refused: 'bye' },
    bye,
  });
  const publish = (nodes: Nodes) =>
    api.apply({
      flows: [{ name, start: Object.keys(nodes)[0] ?? '', nodes }],
      numbers: [{ number, target: { flow: name } }],
    });
  await publish(menu('1'));
  const [queue] = (await api.queues()).filter((each) => each.name === scene.queueName);
  await expect(api.request('DELETE', `/queues/${queue?.id}`)).rejects.toThrow(name);
  const caller = await scene.caller();
  const customer = await caller.call(number);
  await customer.answered();
  await publish({ only: { kind: 'end' } });
  const numbers = await api.get<Page<EntryNumber>>(`/numbers?search=${encodeURIComponent(scene.number)}`);
  await api.request('DELETE', `/numbers/${numbers.items[0]?.id}`);
  await api.request('DELETE', `/queues/${queue?.id}`);
  customer.sendInfoDigit('1');
  await customer.ended();
  expect(flowPath(await api.closedContact(number, caller.username))).toEqual([
    'menu:key-1',
    'help:refused',
    'bye:end',
  ]);
  const next = await scene.caller();
  await (await next.call(number)).ended();
  expect(flowPath(await api.closedContact(number, next.username))).toEqual(['only:end']);
});

test('[IVR-04] a recording is uploaded, heard on a call, listed, kept while a flow plays it, and deleted', async () => {
  const { api } = world();
  const dir = mkdtempSync(join(tmpdir(), 'crosspoint-prompt-'));
  const path = join(dir, 'tone.wav');
  writeToneFile(path, 600, 2);
  const upload = (file: Buffer<ArrayBuffer>, name = 'our-tone') =>
    api.upload(`/prompts?language=en&name=${name}`, 'audio/wav', file);
  expect(await upload(readFileSync(path))).toMatchObject({ id: 'en.our-tone', name: 'our-tone' });
  await upload(readFileSync(path), 'spare-tone');
  await expect(upload(Buffer.from('no sound'))).rejects.toThrow('neither WAV, MP3 nor Ogg');
  rmSync(dir, { recursive: true });
  const number = await answeredBy(
    { tone: { kind: 'play', recording: 'our-tone', next: 'bye' }, bye },
    'tone',
  );
  const scene = await world().scene({ staffed: false });
  const customer = await (await scene.caller()).call(number);
  await customer.sound.ear.hears(600, { forMs: 500 });
  await customer.ended();
  const { items } = await api.request<{ items: { id: string; origin: string }[] }>(
    'GET',
    '/prompts?language=en',
  );
  expect(items).toContainEqual(expect.objectContaining({ id: 'en.our-tone', origin: 'own' }));
  await expect(api.request('DELETE', '/prompts/en.our-tone')).rejects.toThrow('is played by flow');
  await api.request('DELETE', '/prompts/en.spare-tone');
  await expect(api.request('DELETE', '/prompts/en.spare-tone')).rejects.toThrow('404');
});
