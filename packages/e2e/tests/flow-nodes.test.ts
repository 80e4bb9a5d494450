import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FlowDocumentInput } from '@crosspoint/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { flowPath, until, useWorld, writeToneFile } from '../src/index.ts';

const world = useWorld({ env: { CROSSPOINT_FLOWS_LOOKUP_NETWORKS: '127.0.0.1' } });
const agentToneHz = 700;
type Nodes = FlowDocumentInput['nodes'];

const asked: { method: string; url: string; body: string }[] = [];
const crm = createServer((request, response) => {
  void bodyOf(request).then((body) => {
    asked.push({ method: request.method ?? '', url: request.url ?? '', body });
    if (request.url?.startsWith('/slow') === true) return;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ customer: { name: 'Eva', orders: [{ state: 'sent' }], points: 42 } }));
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

test('[IVR-01] nobody comes, nothing answers: each failure has its way', async () => {
  const scene = await world().scene();
  const number = await answeredBy(
    {
      slow: {
        kind: 'http',
        url: `${crmUrl}/slow`,
        timeoutMs: 200,
        retries: 0,
        next: 'bye',
        failed: 'inside',
      },
      inside: { kind: 'http', url: 'http://10.0.0.1/', retries: 0, next: 'bye', failed: 'person' },
      person: { kind: 'transfer', to: { agent: scene.agent(1).username }, failed: 'nobody' },
      nobody: { kind: 'transfer', to: { number: '+420999888777' }, failed: 'callback' },
      callback: { kind: 'callback', queue: scene.queueName, number: '"none"', next: 'bye', failed: 'bye' },
      bye,
    },
    'slow',
  );
  const customer = await (await scene.caller()).call(number);
  const agent = await scene.agent(1).phone.nextCall();
  agent.reject(486);
  await customer.ended(15_000);
  const { contact, path } = await contactOf(number);
  expect(path).toEqual([
    'slow:failed',
    'inside:failed',
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
  await customer.sound.ear.hears('sound', { forMs: 200, timeoutMs: 20_000 });
  customer.sound.sendDigits('4');
  await customer.ended(15_000);
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
  await until(
    'the caller to be back in the flow',
    async () => {
      const { overflowed, waiting } = await scene.stats();
      return overflowed === 1 && waiting === 0;
    },
    { timeoutMs: 25_000 },
  );
  customer.sound.sendDigits('1');
  await customer.ended(15_000);
  const { path } = await contactOf(number);
  expect(path).toEqual(['wait:after', 'later:key-1', 'bye:end']);
  await scene.statsAre({ offered: 1, overflowed: 1, abandoned: 0 });
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
  await customer.ended(15_000);
  const { items } = await api.request<{ items: { id: string; origin: string }[] }>(
    'GET',
    '/prompts?language=en',
  );
  expect(items).toContainEqual(expect.objectContaining({ id: 'en.our-tone', origin: 'own' }));
  await expect(api.request('DELETE', '/prompts/en.our-tone')).rejects.toThrow('is played by flow');
  await api.request('DELETE', '/prompts/en.spare-tone');
  await expect(api.request('DELETE', '/prompts/en.spare-tone')).rejects.toThrow('404');
});
