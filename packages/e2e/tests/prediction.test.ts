import type { QueuePrediction } from '@crosspoint/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PostgresServer, type Scene, until, useWorld } from '../src/index.ts';

/** Handle time in seconds of each agent's contacts of the last weeks; the third one is the quickest by far. */
const handleSeconds = [300, 280, 120, 260, 320];

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server?.stop());
const world = useWorld(() => ({ env: { DATABASE_URL: server.url } }));

/** A queue whose agents have taken contacts in the last weeks: eighty each, every fourth one of the control. */
async function queueWithPast(staffed = true): Promise<{ scene: Scene; queueId: string }> {
  const scene = await world().scene({ agents: handleSeconds.length, staffed });
  const queueId = (await world().api.queue(scene.queueName)).id;
  const live = await world().api.liveAgents();
  for (const [index, { username }] of scene.agents.entries()) {
    const agentId = live.find((agent) => agent.username === username)?.id;
    const ms = 'floor(extract(epoch from t) * 1000)';
    const any = `'queueId', '${queueId}', 'agentId', '${agentId}', 'startedAt', ${ms}, 'endedAt', ${ms},
      'reason', null, 'recordingId', null, 'holdMs', null, 'wrapUpMs', null`;
    const stay = `'kind', 'queue', 'number', 1, ${any}, 'result', 'answered', 'waitMs', 0, 'talkMs', null`;
    const by = `'by', case when n % 4 = 0 then 'control' else 'predicted' end`;
    const talk = `'kind', 'conversation', 'number', 2, ${any}, 'result', 'customer-hung-up', 'waitMs', null,
      'talkMs', (${handleSeconds[index]} + n % 21 - 10) * 1000`;
    server.run(`
      insert into contacts (id, tenant_id, number, direction, caller_phone, queue_id, agent_id, outcome, started_at,
        queued_at, answered_at, ended_at, closed_at, state, segments, last_seq)
      select gen_random_uuid(), (select id from tenants limit 1), '${scene.number}', 'inbound', '+42060${index}' || n,
        '${queueId}', '${agentId}', 'answered', t, t, t, t + interval '5 minutes', t + interval '5 minutes', 'closed',
        jsonb_build_array(jsonb_build_object(${stay}, ${by}), jsonb_build_object(${talk})), 9
      from generate_series(1, 80) as n, lateral (select now() - interval '1 hour' * (n * 7) as t) as at`);
  }
  return { scene, queueId };
}

async function measured(queueId: string): Promise<QueuePrediction> {
  const path = `/queues/${queueId}/prediction`;
  return until('the queue to be measured', async () => {
    const answer = await world().api.request<QueuePrediction>('GET', path);
    return answer.kinds.length > 0 && answer;
  });
}

async function predict(scene: Scene, controlShare: number): Promise<void> {
  const agents = scene.agents.map(({ username }) => username);
  await world().api.apply({
    queues: [{ name: scene.queueName, agents, predictive: { controlShare, goodDispositions: [] } }],
  });
}

/** Calls, tells whose phone rings first and what chose it, and hangs up. */
async function ring(scene: Scene): Promise<{ agent: string; by: string | undefined }> {
  const caller = await scene.caller();
  const ringing = scene.firstToRing();
  const customer = await caller.call(scene.number);
  const { agent } = await ringing;
  await customer.answered();
  customer.hangUp();
  const { timeline } = await scene.lastContact();
  const offer = timeline.find(({ type }) => type === 'offer.made');
  for (const each of scene.agents) await scene.agentIs(each, 'ready', ({ readiness }) => readiness.ready);
  return { agent: agent.username, by: offer?.type === 'offer.made' ? offer.data.by : undefined };
}

test('[RTE-08] the phone of the agent with the best outcomes rings, that of the longest idle for the control', async () => {
  const { scene, queueId } = await queueWithPast();
  await predict(scene, 0.5);
  const { kinds, handleTime } = await measured(queueId);
  expect(kinds[0]?.agents[0]?.agent).toBe(scene.agent(3).username);
  expect(kinds[0]?.contacts).toBe(400);
  expect(handleTime.predicted.contacts).toBe(300);
  expect(handleTime.control.contacts).toBe(100);
  const rung = [];
  // With even chances twelve calls without either side happen once in two thousand runs.
  while (rung.length < 12 && new Set(rung.map(({ by }) => by)).size < 2) rung.push(await ring(scene));
  for (const { agent, by } of rung) {
    if (by === 'predicted') expect(agent).toBe(scene.agent(3).username);
    else expect(by).toBe('control');
  }
  expect(new Set(rung.map(({ by }) => by))).toEqual(new Set(['predicted', 'control']));
});

test('[RTE-08] after a restart it is measured again and goes on', async () => {
  const { scene, queueId } = await queueWithPast(false);
  await predict(scene, 0.5);
  await measured(queueId);
  expect(await world().product.stop()).toBe(0);
  await world().product.start();
  await world().login();
  expect((await measured(queueId)).kinds[0]?.agents[0]?.agent).toBe(scene.agent(3).username);
});
