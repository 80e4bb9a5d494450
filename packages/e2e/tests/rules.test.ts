import type {
  Replay,
  ReplayDifference,
  RoutingAnalytics,
  RoutingDecision,
  RoutingDraft,
  RoutingLogEntry,
} from '@crosspoint/contracts';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { ConsoleWindow, launchChromium, until, useWorld } from '../src/index.ts';

const world = useWorld();
const agentToneHz = 700;
const secondAgentToneHz = 850;
/** What became of a script that a machine which stood still kept from its 45 ms. */
const tooLate = /failed: (did not come to an end|found no free worker)/;
const callsMax = 20;

/** Each attempt begins without a rule, in the draft and for those who call. */
beforeEach(async () => {
  const { api } = world();
  const { items } = await api.request<RoutingDraft>('GET', '/routing/rules');
  for (const { id } of items) await api.request('DELETE', `/routing/rules/${id}`);
  await api.request('POST', '/routing/rules/publish', {});
});

/** What was decided about the calls of that number, once there are so many decisions, the latest first. */
function decisionsOf(number: string, count: number): Promise<RoutingLogEntry[]> {
  return until(`${count} decisions about ${number} to be logged`, async () => {
    const { items } = await world().api.request<{ items: RoutingLogEntry[] }>('GET', '/routing/logs');
    const mine = items.filter(({ dialled }) => dialled === number);
    return mine.length === count && mine;
  });
}

test('[RTE-01] [RTE-02] rules send callers on, with reasons, fall-backs and a way back', async () => {
  const scene = await world().scene();
  const { api } = world();
  const number = world().freshNumber();
  const from = new Date().toISOString();
  await api.apply({ numbers: [{ number, target: { rules: true } }] });
  const add = (rule: object) => api.request<{ id: string }>('POST', '/routing/rules', rule);
  const here = { field: 'dialled', is: 'one-of', values: [number] };

  const stranger = await scene.caller();
  const silent = await stranger.call(number);
  expect(await silent.ended()).toMatchObject({ by: 'remote', status: 480 });

  await add({
    name: 'known callers',
    when: { all: [here, { field: 'history', figure: 'contacts', is: 'at-least', value: 1 }] },
    targets: [{ to: { end: true } }],
  });
  await add({
    name: 'everybody',
    when: here,
    targets: [{ to: { number: '+420999000999' } }],
    fallbacks: [{ queue: scene.queueName }],
  });
  const bad = await add({ name: 'nowhere', targets: [{ to: { queue: 'gone' } }] });
  await expect(api.request('POST', '/routing/rules/publish', {})).rejects.toThrow('names no queue: gone');
  await api.request('DELETE', `/routing/rules/${bad.id}`);
  const draft = await api.request<RoutingDraft>('POST', '/routing/rules/publish', {});
  const version = draft.version ?? 0;
  expect(draft).toMatchObject({ version: expect.any(Number), hasChanges: false, faults: [] });
  expect(draft.hints.map(({ code }) => code)).toEqual(['nobody-left-over']);

  const eva = await scene.caller();
  const sample = { caller: eva.username, dialled: number };
  const tried = await api.request<RoutingDecision>('POST', '/routing/test', { sample, rules: 'published' });
  expect(tried).toMatchObject({ ruleName: 'everybody', target: { number: '+420999000999' } });
  expect(tried.tried.map(({ result }) => result)).toEqual(['does-not-fit', 'taken']);

  const customer = await eva.call(number);
  const agent = await scene.agent(1).phone.nextCall();
  agent.answer();
  await customer.sound.ear.hears(agentToneHz, { forMs: 500 });
  customer.hangUp();
  const contact = await until('the contact to be closed', async () => {
    const newest = (await api.contacts()).find(
      (each) => each.number === number && each.outcome === 'answered',
    );
    return newest !== undefined && newest.closedAt !== null && api.contact(newest.id);
  });
  const decided = contact.timeline.find(({ type }) => type === 'routing.decided');
  expect(decided?.data).toMatchObject({ version, rule: 'everybody', target: 'number +420999000999' });

  const again = await eva.call(number);
  expect(await again.ended()).toMatchObject({ by: 'remote', status: 603 });
  const logs = await decisionsOf(number, 3);
  expect(logs.map(({ ruleName }) => ruleName)).toEqual(['known callers', 'everybody', null]);
  const figures = await api.request<RoutingAnalytics>('GET', `/routing/analytics?from=${from}`);
  expect(figures.decisions).toBe(3);
  expect(figures.rules).toContainEqual(
    expect.objectContaining({ ruleName: 'everybody', hits: 1, answered: 1 }),
  );

  const [first, second] = draft.items;
  await api.request('POST', '/routing/rules/reorder', { ids: [second?.id, first?.id] });
  await api.request('POST', '/routing/rules/publish', {});
  const diff = await api.request('GET', `/routing/versions/diff?from=${version}&to=${version + 1}`);
  expect(diff).toMatchObject({ items: [{ change: 'moved' }, { change: 'moved' }] });
  const back = await api.request<RoutingDraft>('POST', '/routing/rules/restore', {
    version,
    publish: true,
  });
  expect(back).toMatchObject({ version: version + 2, hasChanges: false });
  expect(back.items.map(({ name }) => name)).toEqual(['known callers', 'everybody']);
});

test('[RTE-01] [RTE-05] a segment of customers decides about a call, and the log says so in words', async () => {
  const scene = await world().scene();
  const { api } = world();
  const number = world().freshNumber();
  await api.apply({
    segments: [{ name: 'VIP', numbers: ['+420 777 000*'] }],
    numbers: [{ number, target: { rules: true } }],
  });
  const here = { field: 'dialled', is: 'one-of', values: [number] };
  const vip = { field: 'segment', is: 'one-of', values: ['VIP'] };
  const rules = [
    { name: 'very important', when: { all: [here, vip] }, targets: [{ to: { queue: scene.queueName } }] },
    { name: 'the others', when: here, targets: [{ to: { end: true } }] },
  ];
  for (const rule of rules) await api.request('POST', '/routing/rules', rule);
  await api.request('POST', '/routing/rules/publish', {});

  const other = await (await scene.caller({ username: '+420777111222' })).call(number);
  expect(await other.ended()).toMatchObject({ by: 'remote', status: 603 });
  const customer = await (await scene.caller({ username: '+420777000111' })).call(number);
  const agent = await scene.agent(1).phone.nextCall();
  agent.answer();
  await customer.sound.ear.hears(agentToneHz, { forMs: 500 });
  customer.hangUp();
  const logs = await decisionsOf(number, 2);
  expect(logs.map(({ ruleName }) => ruleName)).toEqual(['very important', 'the others']);
  expect(logs[0]?.reason).toContain('the caller is in the segment VIP');
});

test('[RTE-04] a script sends callers on, and one that loops leaves them to the next rule', async () => {
  const scene = await world().scene();
  const { api } = world();
  const number = world().freshNumber();
  await api.apply({ numbers: [{ number, target: { rules: true } }] });
  const add = (rule: object) => api.request('POST', '/routing/rules', rule);
  const here = { field: 'dialled', is: 'one-of', values: [number] };
  const queue = JSON.stringify(scene.queueName);
  const script = `
    if (contact.caller === 'eva') return { queue: contact.queues[${queue}].waiting === 0 ? ${queue} : 'gone' };
    if (contact.caller === 'loop') for (;;) {}
    if (contact.caller === 'gone') return { queue: 'gone' };`;
  const end = { targets: [{ to: { end: true } }] };
  await add({ name: 'by script', when: here, script, ...end });
  await add({ name: 'the rest', when: here, ...end });
  await api.request('POST', '/routing/rules/publish', {});

  let calls = 0;
  /** Calls, and again when the machine stood still for longer than a script has: the call, and the reason of its decision. */
  const decided = async (username: string, isLate = false) => {
    for (;;) {
      const call = await (await scene.caller({ username })).call(number);
      const reason = (await decisionsOf(number, ++calls))[0]?.reason ?? '';
      if (isLate === tooLate.test(reason) || calls >= callsMax) return { call, reason };
      call.hangUp();
    }
  };
  const eva = await decided('eva');
  expect(eva.reason).toMatch(`its script): to queue ${scene.queueName}`);
  const agent = await scene.agent(1).phone.nextCall();
  agent.answer();
  await eva.call.sound.ear.hears(agentToneHz, { forMs: 500 });
  eva.call.hangUp();
  const loop = await decided('loop', true);
  const gone = await decided('gone');
  const anybody = await decided('anybody');
  for (const { call } of [loop, gone, anybody])
    expect(await call.ended()).toMatchObject({ by: 'remote', status: 603 });
  expect(loop.reason).toContain('failed: did not come to an end');
  expect(gone.reason).toContain('names what is not there: queue gone');
  expect(anybody.reason).toContain('the rest');
});

test('[QUE-05] a rule and a flow say whom the queue asks first', async () => {
  const scene = await world().scene({ agents: 2, queue: { sticky: { mode: 'preferred', waitSeconds: 0 } } });
  const { api } = world();
  const name = scene.queueName;
  const second = scene.agent(2);
  const nodes = {
    owner: { kind: 'set', variable: 'owner', value: `"${second.username}"`, next: 'to' },
    to: { kind: 'queue', queue: name, preferredAgent: 'owner', refused: 'end' },
    end: { kind: 'end' },
  };
  const flow = `flow of ${name}`;
  const [byFlow, byRule] = [world().freshNumber(), world().freshNumber()];
  await api.apply({
    flows: [{ name: flow, start: 'owner', nodes }],
    numbers: [
      { number: byFlow, target: { flow } },
      { number: byRule, target: { rules: true } },
    ],
  });
  const when = { field: 'dialled', is: 'one-of', values: [byRule] };
  const to = { queue: name, preferredAgent: second.username };
  await api.request('POST', '/routing/rules', { name: `prefers ${name}`, when, targets: [{ to }] });
  await api.request('POST', '/routing/rules/publish', {});
  for (const number of [byFlow, byRule, byFlow, byRule]) {
    const customer = await (await scene.caller()).call(number);
    // The first agent has been idle for longer.
    const call = await second.phone.nextCall();
    call.answer();
    await customer.sound.ear.hears(secondAgentToneHz, { forMs: 300 });
    customer.hangUp();
    await call.ended();
    await until('the agent to be ready again', async () =>
      (await api.liveAgents()).some(
        ({ username, readiness }) => username === second.username && readiness.ready,
      ),
    );
  }
});

test('[RTE-03] calls of the past are replayed against the draft of the rules', async () => {
  const scene = await world().scene();
  const { api } = world();
  const number = world().freshNumber();
  const from = new Date().toISOString();
  await api.apply({ numbers: [{ number, target: { rules: true } }] });
  const name = `replayed ${scene.queueName}`;
  const rule = {
    name,
    when: { field: 'dialled', is: 'one-of', values: [number] },
    targets: [{ to: { queue: scene.queueName } }],
  };
  const { id } = await api.request<{ id: string }>('POST', '/routing/rules', rule);
  await api.request('POST', '/routing/rules/publish', {});
  const customer = await (await scene.caller({ username: 'past' })).call(number);
  (await scene.agent(1).phone.nextCall()).answer();
  await customer.sound.ear.hears(agentToneHz, { forMs: 300 });
  customer.hangUp();
  await api.closedContact(number);

  const draft = { ...rule, targets: [{ to: { queue: scene.queueName, priority: 9 } }] };
  await api.request('PUT', `/routing/rules/${id}`, draft);
  const subject = { rules: 'draft' };
  const begun = await api.request<Replay>('POST', '/routing/replays', { subject, from });
  const done = await until('the replay to be over', async () => {
    const replay = await api.request<Replay>('GET', `/routing/replays/${begun.id}`);
    return replay.state === 'done' && replay;
  });
  expect(done).toMatchObject({ changed: 1, doubtful: 0, done: 1, total: 1 });
  const { items } = await api.request<{ items: ReplayDifference[] }>(
    'GET',
    `/routing/replays/${begun.id}/differences`,
  );
  expect(items).toMatchObject([
    {
      ...{ caller: 'past', dialled: number, doubts: [] },
      before: { rule: name, target: { queue: scene.queueName, priority: 0 } },
      after: { rule: name, target: { queue: scene.queueName, priority: 9 } },
    },
  ]);
  await api.request('POST', '/routing/rules/publish', {});
});

test('[I18N-01] [RTE-01] why the rules decided is told in the language of the person: in the log, for a contact and when they are tried', async () => {
  const { api, product } = world();
  const scene = await world().scene({ staffed: false });
  const number = world().freshNumber();
  await api.apply({ numbers: [{ number, target: { rules: true } }] });
  await api.request('POST', '/routing/rules', {
    ...{ name: 'Domů', when: { field: 'dialled', is: 'one-of', values: [number] } },
    targets: [{ to: { queue: scene.queueName } }],
  });
  await api.request('POST', '/routing/rules/publish', {});
  const customer = await (await scene.caller()).call(number);
  await customer.answered();
  const [decided] = await decisionsOf(number, 1);
  expect(decided).toMatchObject({ to: { queue: scene.queueName }, when: { field: 'dialled' } });
  const browser = await launchChromium();
  onTestFinished(() => browser.close());
  const opened = await ConsoleWindow.open(browser, product, { language: 'cs' });
  const { page } = opened;
  await opened.signIn();
  await api.request('PATCH', '/auth/me', { language: 'cs' });
  onTestFinished(async () => void (await api.request('PATCH', '/auth/me', { language: 'en' })));
  await opened.goTo('/operations/routing');
  const why = `Když volané číslo je ${number}`;
  const logged = page.getByRole('row').filter({ hasText: why });
  expect(await logged.innerText()).toContain(`fronta ${scene.queueName}`);
  await page.getByLabel('Volané číslo').fill(number);
  await page.getByRole('button', { name: 'Rozhodnout' }).click();
  await page
    .getByRole('listitem')
    .filter({ hasText: `volané číslo je ${number}` })
    .last()
    .waitFor();
  expect(await page.locator('main').innerText()).not.toMatch(/the dialled|Rule "/);
  await opened.goTo(`/contacts/${decided?.contactId}`);
  await page.getByText(why).waitFor();
  customer.hangUp();
});
