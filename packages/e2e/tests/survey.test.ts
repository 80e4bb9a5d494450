import type { Flow, FlowAnalytics } from '@crosspoint/contracts';
import { expect, test } from 'vitest';
import { until, useWorld } from '../src/index.ts';

const world = useWorld();
const agentToneHz = 700;

test('[IVR-07] a caller stays for the survey of the queue when the agent has hung up', async () => {
  const { api } = world();
  const nodes = {
    ask: {
      kind: 'survey',
      question: 'How was it?',
      prompt: [{ text: { en: 'How was it, from one to five?' } }],
      timeoutSeconds: 20,
      next: 'thanks',
      otherwise: 'thanks',
    },
    thanks: { kind: 'end', prompt: [{ text: { en: 'Thank you.' } }] },
  };
  const surveyFlow = world().freshName('after the call');
  await api.apply({ flows: [{ name: surveyFlow, start: 'ask', nodes }] });
  const scene = await world().scene({ queue: { surveyFlow } });
  const queue = await api.queue(scene.queueName);
  expect(queue).toMatchObject({ surveyFlow });

  const customer = await (await scene.caller()).call(scene.number);
  const call = await scene.agent(1).phone.nextCall();
  call.answer();
  await customer.sound.ear.hears(agentToneHz, { forMs: 500 });
  call.hangUp();
  const { id } = await until('the contact to be stored', async () =>
    (await api.contacts()).find(({ queue: name }) => name === scene.queueName),
  );
  await until('the agent to be free again while the caller answers', async () =>
    (await api.liveAgents()).some(
      ({ username, readiness }) => username === scene.agent(1).username && readiness.ready,
    ),
  );
  await until('the question to be asked', async () =>
    (await api.contact(id)).timeline.some(({ type }) => type === 'flow.started'),
  );
  customer.sound.sendDigits('4');
  expect(await customer.ended()).toMatchObject({ by: 'remote' });
  const contact = await until('the contact to be closed', async () => {
    const one = await api.contact(id);
    return one.closedAt !== null && one;
  });
  expect(contact).toMatchObject({ outcome: 'answered', reason: 'agent-hung-up' });
  const order = contact.timeline.map(({ type }) => type as string);
  expect(order.indexOf('flow.started')).toBeGreaterThan(order.indexOf('segment.ended'));
  expect(contact.timeline).toContainEqual(
    expect.objectContaining({ type: 'survey.answered', data: expect.objectContaining({ score: 4 }) }),
  );

  const { items } = await api.request<{ items: Flow[] }>('GET', '/ivr/flows');
  const flow = items.find(({ name }) => name === surveyFlow);
  const figures = await api.request<FlowAnalytics>('GET', `/ivr/flows/${flow?.id}/analytics`);
  expect(figures.surveys).toMatchObject([{ question: 'How was it?', answers: 1, average: 4 }]);
  await expect(api.request('DELETE', `/ivr/flows/${flow?.id}`)).rejects.toThrow(
    `the queue \\"${scene.queueName}\\"`,
  );

  const hasty = await (await scene.caller()).call(scene.number);
  const second = await scene.agent(1).phone.nextCall();
  second.answer();
  await hasty.sound.ear.hears(agentToneHz, { forMs: 300 });
  hasty.hangUp();
  expect(await second.ended()).toMatchObject({ by: 'remote' });
});
