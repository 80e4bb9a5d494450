import type { FlowAnalytics, FlowDocumentInput, FlowTestReport } from '@crosspoint/contracts';
import { synthesizeTone } from '@crosspoint/media';
import { expect, test } from 'vitest';
import { flowPath, type Scene, until, useWorld } from '../src/index.ts';

const world = useWorld();
const agentToneHz = 700;

/** Language, menu and queue; a caller who keys nothing hears goodbye. */
const reception = (queue: string, timeoutSeconds: number): FlowDocumentInput => ({
  name: `reception of ${queue}`,
  start: 'language',
  nodes: {
    language: {
      kind: 'language',
      prompt: [
        {
          text: { en: 'For English press 1.', es: 'Para español, pulse 2.', cs: 'Pro češtinu stiskněte 3.' },
        },
      ],
      choices: { 1: 'en', 2: 'es', 3: 'cs' },
      otherwise: 'en',
      next: 'menu',
    },
    menu: {
      kind: 'menu',
      prompt: [
        { text: { en: 'For help press 4.', es: 'Para ayuda, pulse 4.', cs: 'Pro pomoc stiskněte 4.' } },
      ],
      timeoutSeconds,
      retries: 0,
      keys: { 4: 'help' },
      otherwise: 'bye',
    },
    help: { kind: 'queue', queue, refused: 'bye' },
    bye: { kind: 'end', prompt: [{ recording: 'callback-noted' }] },
  },
});

/** @param timeoutSeconds how long the menu waits for a key: a caller of a slow machine needs long, one who keys nothing is there for it. */
async function withFlow(timeoutSeconds = 60): Promise<{ scene: Scene; number: string }> {
  const scene = await world().scene();
  const number = world().freshNumber();
  const flow = reception(scene.queueName, timeoutSeconds);
  await world().api.apply({ flows: [flow], numbers: [{ number, target: { flow: flow.name } }] });
  return { scene, number };
}

/** The ways that the newest contact of that number took, once it is closed. */
async function pathOf(number: string) {
  const contact = await world().api.closedContact(number);
  return { contact, path: flowPath(contact) };
}

test.each([
  ['English', '1'],
  ['Spanish', '2'],
  ['Czech', '3'],
])('[IVR-03] by keys through language and menu to an agent: %s', async (_language, key) => {
  const { scene, number } = await withFlow();
  const caller = await scene.caller();
  const customer = await caller.call(number);
  await customer.answered();
  await customer.sound.ear.hears('sound', { forMs: 300 });
  customer.sound.sendDigits(key);
  await customer.sound.ear.hears('sound', { forMs: 300 });
  customer.sendInfoDigit('4');
  const agent = await scene.agent(1).phone.nextCall();
  agent.answer();
  await customer.sound.ear.hears(agentToneHz, { forMs: 500 });
  customer.hangUp();
  const { contact, path } = await pathOf(number);
  expect(path).toEqual(['language:next', `menu:key-4`, 'help:queued']);
  expect(contact.outcome).toBe('answered');
  await scene.statsAre({ offered: 1, answered: 1 });
});

/** The key as a tone, followed by more silence than a test lasts. */
function keyTone(frequenciesHz: [number, number]): Int16Array {
  const sound = new Int16Array(8_000 * 30);
  sound.set(synthesizeTone({ frequenciesHz, levelDbm0: -10, onMs: 200 }));
  return sound;
}

test('[SUP-01] [IVR-02] a caller in a flow does not wait yet, and waits in the queue since it was entered', async () => {
  const { scene, number } = await withFlow();
  const caller = await scene.caller();
  const customer = await caller.call(number);
  await customer.answered();
  await customer.sound.ear.hears('sound', { forMs: 300 });
  const mine = async () =>
    (await world().api.calls()).find(
      ({ role, address }) => role === 'customer' && address === caller.username,
    );
  expect(await mine()).toMatchObject({ state: 'waiting', waitingSince: null, queueId: null });
  customer.sendInfoDigit('1');
  await customer.sound.ear.hears('sound', { forMs: 300 });
  customer.sendInfoDigit('4');
  const agent = await scene.agent(1).phone.nextCall();
  const waiting = await mine();
  const { longestWaitSince } = await scene.stats();
  expect(waiting).toMatchObject({ state: 'waiting', waitingSince: longestWaitSince });
  expect(Date.parse(longestWaitSince ?? '')).toBeGreaterThan(Date.parse(waiting?.since ?? ''));
  agent.answer();
  await customer.sound.ear.hears(agentToneHz, { forMs: 500 });
  expect(await mine()).toMatchObject({ state: 'talking', waitingSince: null });
  customer.hangUp();
});

test('[IVR-03] keys of a phone without telephone events are heard in the sound', async () => {
  const { scene, number } = await withFlow();
  const customer = await (await scene.caller({ events: false, says: 'silence' })).call(number);
  await customer.answered();
  await customer.sound.ear.hears('sound', { forMs: 300 });
  customer.sound.say(keyTone([697, 1_477]));
  await until('the language to be chosen', async () => {
    const contact = await world().api.newestContact(number);
    return contact?.timeline.some(({ type }) => type === 'flow.passed');
  });
  customer.sound.say(keyTone([770, 1_209]));
  const agent = await scene.agent(1).phone.nextCall();
  agent.answer();
  await customer.sound.ear.hears(agentToneHz, { forMs: 500 });
  customer.hangUp();
  const { path } = await pathOf(number);
  expect(path).toEqual(['language:next', 'menu:key-4', 'help:queued']);
});

test('[IVR-02] a caller who keys nothing hears goodbye and is hung up; one who hangs up is seen where it was', async () => {
  const { scene, number } = await withFlow(1);
  const silent = await (await scene.caller()).call(number);
  await silent.answered();
  silent.sound.sendDigits('1');
  await silent.ended();
  const first = await pathOf(number);
  expect(first.path).toEqual(['language:next', 'menu:otherwise', 'bye:end']);
  expect(first.contact.outcome).toBe('deflected');
  const hasty = await (await scene.caller()).call(number);
  await hasty.answered();
  await hasty.sound.ear.hears('sound', { forMs: 200 });
  hasty.hangUp();
  expect((await pathOf(number)).path).toEqual(['language:customer-hung-up']);
  await scene.statsAre({ offered: 0 });
});

test('[IVR-08] drafts, publication, versions, a sample call, and what is refused', async () => {
  const { scene, number } = await withFlow();
  const { api } = world();
  const ask = (method: string, path: string, body?: object) =>
    api.request<Record<string, never> & { id: string }>(method, path, body);
  const { items } = await api.request<{
    items: { id: string; version: number; state: string; draft: FlowDocumentInput }[];
  }>('GET', `/ivr/flows?search=${encodeURIComponent(scene.queueName)}`);
  const [flow] = items;
  expect(flow).toMatchObject({ version: 1, state: 'published', hasChanges: false, faults: [] });
  await expect(api.request('DELETE', `/ivr/flows/${flow?.id}`)).rejects.toThrow(number);

  const sample = await ask('POST', `/ivr/flows/${flow?.id}/test`, { inputs: ['3', '4'] });
  expect(sample['trace']).toContainEqual({ type: 'heard', text: 'Pro pomoc stiskněte 4.', language: 'cs' });
  expect(sample['trace']).toContainEqual({ type: 'queue', queue: scene.queueName });

  const round = {
    ...flow?.draft,
    nodes: { ...flow?.draft.nodes, bye: { kind: 'set', variable: 'x', value: '1', next: 'language' } },
  };
  await ask('PUT', `/ivr/flows/${flow?.id}`, round);
  await expect(api.request('POST', `/ivr/flows/${flow?.id}/publish`, {})).rejects.toThrow(
    'goes round for ever',
  );
  await ask('POST', `/ivr/flows/${flow?.id}/restore`, { version: 1 });
  // What callers hear already is no new version.
  expect(await ask('POST', `/ivr/flows/${flow?.id}/publish`, {})).toMatchObject({ version: 1 });
  await ask('PUT', `/ivr/flows/${flow?.id}`, { ...flow?.draft, description: 'Changed' });
  expect(await ask('POST', `/ivr/flows/${flow?.id}/publish`, {})).toMatchObject({ version: 2 });
  await ask('POST', `/ivr/flows/${flow?.id}/restore`, { version: 1 });
  expect(await ask('POST', `/ivr/flows/${flow?.id}/publish`, {})).toMatchObject({ version: 3 });
  const versions = await ask('GET', `/ivr/flows/${flow?.id}/versions`);
  expect(versions['items']).toMatchObject([{ version: 3 }, { version: 2 }, { version: 1 }]);
});

test('[IVR-03] [IVR-06] [IVR-07] logs, figures, export, tests and sample calls of a flow over the API', async () => {
  const { scene, number } = await withFlow(1);
  const { api } = world();
  const silent = await (await scene.caller()).call(number);
  await silent.answered();
  silent.sound.sendDigits('1');
  await silent.ended();
  const { contact } = await pathOf(number);
  const logs = await api.request<{ items: { node: string; exit: string }[] }>(
    'GET',
    `/ivr/logs?contactId=${contact.id}`,
  );
  expect(logs.items.map(({ node, exit }) => `${node}:${exit}`)).toEqual([
    'bye:end',
    'menu:otherwise',
    'language:next',
  ]);
  const { items } = await api.request<{ items: { id: string; draft: FlowDocumentInput }[] }>(
    'GET',
    `/ivr/flows?search=${encodeURIComponent(scene.queueName)}`,
  );
  const [flow] = items;
  const figures = await api.request<FlowAnalytics>('GET', `/ivr/flows/${flow?.id}/analytics`);
  expect(figures).toMatchObject({ started: 1, completionRate: 1 });
  expect(figures.nodes).toContainEqual(expect.objectContaining({ node: 'menu', entries: 1, givenUp: 1 }));

  const exported = await api.request<FlowDocumentInput>('GET', `/ivr/flows/${flow?.id}/export`);
  expect(Object.keys(exported)).toEqual(['name', 'description', 'language', 'start', 'nodes']);
  const report = await api.request<FlowTestReport>('POST', '/ivr/tests', {
    tests: [
      { name: 'help', flow: exported.name, steps: [{ keys: '34' }], expect: { queue: scene.queueName } },
      { name: 'wrong', flow: exported.name, steps: [{ hears: 'Bonjour' }] },
    ],
  });
  expect(report).toMatchObject({ passed: 1, failed: 1 });
  const call = await api.request<{ sessionId: string }>('POST', `/ivr/flows/${flow?.id}/start`, {});
  const gone = await api.request<{ result: { trace: object[] } }>(
    'POST',
    `/ivr/sessions/${call.sessionId}/input`,
    { inputs: ['2'] },
  );
  expect(gone.result.trace).toContainEqual({ type: 'heard', text: 'Para ayuda, pulse 4.', language: 'es' });
  const templates = await api.request<{ items: { id: string }[] }>('GET', '/ivr/templates');
  expect(templates.items).toHaveLength(6);
  expect(await api.request('GET', '/ivr/schema')).toMatchObject({
    $ref: '#/$defs/FlowDocument',
  });
  const node = { kind: 'queue', queue: 'gone', refused: 'bye' };
  const checked = await api.request<{ faults: { code: string }[] }>('POST', '/ivr/nodes', { node });
  expect(checked.faults.map(({ code }) => code)).toEqual(['no-queue']);
});
