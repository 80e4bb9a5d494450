import type { ContactFact, QueueId } from '@crosspoint/contracts';
import { QueueSettings } from '@crosspoint/contracts';
import {
  createAgentStatistics,
  createAnnouncer,
  createQueueStatistics,
  type ReviewedQueue,
  reviewQueues,
} from '@crosspoint/core';
import { describe, expect, test } from 'vitest';
import { Stage } from '../../test/stage.ts';
import { Random } from '../world/index.ts';

/** Who was rung first, second … for which contact. */
const servedIn = (stage: Stage) => stage.of('queue.left').map(({ contactId }) => contactId);

/** The agent takes whatever rings, one after the other, until nobody waits in these queues. */
function serveAll(stage: Stage, agent: string, queues: string[]): void {
  while (stage.ringing().length > 0 || queues.some((queue) => stage.waiting(queue).length > 0)) {
    stage.answer(agent);
    stage.pass(10);
    stage.finish(agent);
    stage.pass(0);
  }
}

/** What people complain about in public of other systems, each played on the production machines: queues and figures. */
describe('public complaints', () => {
  test.each([1, 2, 3, 4, 5])(
    'Unfair order across queues: an agent of three queues serves strictly by age, seed %i',
    (seed) => {
      const random = new Random(seed);
      const queues = ['a', 'b', 'c'];
      const stage = new Stage();
      for (const name of queues) stage.queue(name);
      stage.agent('ann', { queues: [...queues].reverse() });
      stage.status('ann', 'break');
      const arrived: string[] = [];
      for (let call = 0; call < 40; call++) {
        stage.pass(random.exponential(5));
        arrived.push(stage.call(queues[Math.floor(random.unit() * 3)] ?? 'a'));
      }
      stage.status('ann', 'available');
      serveAll(stage, 'ann', queues);
      expect(servedIn(stage)).toEqual(arrived);
      stage.rest();
    },
  );

  test('Weights and penalties that starve a queue: behind a stream of important calls the ordinary one has its turn', () => {
    const stage = new Stage();
    const ageing = { everySeconds: 60, priorityMax: 5 };
    stage.queue('vip', { ageing, priorityRules: [{ priority: 5 }], maxSize: 1_000 });
    stage.queue('ordinary', { ageing });
    stage.agent('ann', { queues: ['vip', 'ordinary'] });
    stage.call('vip');
    stage.answer('ann');
    const poor = stage.call('ordinary');
    let rounds = 0;
    while (stage.waiting('ordinary').length > 0) {
      rounds += 1;
      expect(rounds, 'the ordinary call waits for ever').toBeLessThan(100);
      for (let call = 0; call < 2; call++) stage.call('vip');
      stage.pass(20);
      stage.finish('ann');
      stage.pass(0);
      stage.answer('ann');
    }
    expect(stage.talking()).toEqual([`ann=${poor}`]);
    const waitMs = stage.of('queue.left', poor)[0]?.data.waitMs ?? 0;
    expect(waitMs).toBeGreaterThanOrEqual(5 * 60_000);
    expect(waitMs, 'five classes of a minute, and one call that was on').toBeLessThan(6 * 60_000);
  });

  test('Transfers that lose or double statistics: each queue and each agent counts each stay once', () => {
    const stage = new Stage();
    stage.queue('sales', { wrapUp: { mode: 'timed', seconds: 10 } });
    stage.queue('support', { wrapUp: { mode: 'timed', seconds: 10 } });
    stage.agent('ann', { queues: ['sales'] });
    stage.agent('bob', { queues: ['support'] });
    const contact = stage.call('sales');
    stage.answer('ann');
    stage.pass(30);
    stage.transfer(contact, 'support', true);
    stage.pass(5);
    stage.answer('bob');
    stage.pass(40);
    stage.transfer(contact, 'sales', false);
    stage.pass(5);
    stage.answer('ann');
    stage.pass(50);
    stage.leave(contact);
    stage.rest();
    expect(stage.counts('sales')).toMatchObject({
      ...{ offered: 2, answered: 2, abandoned: 0, overflowed: 0, handled: 2 },
      ...{ talkMs: 80_000, wrapUpMs: 20_000 },
    });
    expect(stage.counts('support')).toMatchObject({ offered: 1, answered: 1, handled: 1, talkMs: 40_000 });
    expect(stage.day('ann')).toMatchObject({ answered: 2, handleSecondsMean: 50 });
    expect(stage.day('bob')).toMatchObject({ answered: 1, handleSecondsMean: 50 });
    expect(stage.of('contact.ended')).toHaveLength(1);
    expect(stage.of('contact.ended')).toMatchObject([{ data: { outcome: 'answered' } }]);
  });

  test('Callbacks overtaking waiting callers: one takes its place by the age it has, no better and no worse', () => {
    const stage = new Stage();
    stage.queue('support');
    stage.agent('ann', { queues: ['support'] });
    stage.status('ann', 'break');
    stage.call('support', { name: 'first' });
    stage.pass(60);
    const askedAt = stage.clock.now;
    stage.call('support', { name: 'asks' });
    stage.world.tellDistributor({ type: 'callback.accepted', contactId: 'asks' as never });
    stage.pass(60);
    stage.call('support', { name: 'last' });
    stage.pass(300);
    stage.callBack('support', 'back', askedAt);
    expect(stage.waiting('support')).toEqual(['first', 'back', 'last']);
    stage.status('ann', 'available');
    expect(stage.ringing()).toEqual(['ann<first']);
    expect(stage.counts('support')).toMatchObject({ offered: 4, callbacks: 1, abandoned: 0, waiting: 3 });
  });

  test('Re-entry losing the place: who was cut off and calls again at once stands where he stood', () => {
    const stage = new Stage();
    stage.queue('support', { resumeWindowSeconds: 120 });
    stage.call('support', { name: 'cut-off', caller: '+420111' });
    stage.pass(30);
    stage.call('support', { name: 'second', caller: '+420222' });
    stage.pass(300);
    stage.leave('cut-off');
    stage.pass(119);
    stage.call('support', { name: 'again', caller: '+420111' });
    expect(stage.waiting('support')).toEqual(['again', 'second']);
    stage.leave('again');
    stage.pass(121);
    stage.call('support', { name: 'too-late', caller: '+420111' });
    expect(stage.waiting('support')).toEqual(['second', 'too-late']);
    const [, , resumed] = stage.of('queue.entered');
    expect(resumed?.data, 'the true wait begins anew').toMatchObject({ position: 1, agedMs: 449_000 });
  });

  test('Announcements delaying the head of the queue: the agent rings at once and is heard in mid-sentence', () => {
    const stage = new Stage();
    stage.queue('support');
    const contact = stage.call('support');
    const announcer = createAnnouncer();
    const { announcements, callback } = QueueSettings.parse({
      name: 'support',
      announcements: { greeting: 'greeting', position: 'exact', intervalSeconds: 15 },
    });
    const began = {
      type: 'waiting.began',
      enteredAt: stage.clock.now,
      callbackNumber: '',
      place: null,
    } as const;
    const said = announcer.handle({ ...began, settings: { announcements, callback } }, stage.clock.now);
    expect(said[0]).toMatchObject({ type: 'say' });
    stage.agent('ann', { queues: ['support'] });
    const [phone] = stage.phones.filter(({ agent }) => agent === 'ann');
    expect(phone?.rangAt, 'while the greeting is still being said').toBe(stage.clock.now);
    const silent = announcer.handle({ type: 'waiting.ended', connected: true }, stage.clock.now);
    expect(silent.filter(({ type }) => type === 'say' || type === 'timer.set')).toEqual([]);
    stage.answer('ann');
    expect(stage.of('segment.started')).toMatchObject([{ contactId: contact, at: phone?.rangAt }]);
  });

  test('Wallboard and report disagreeing: facts as they happened and facts as stored give the same figures', () => {
    const random = new Random(3);
    const stage = new Stage();
    const settings = { ringTimeoutSeconds: 60, maxNonResponses: 100, maxSize: 6 };
    stage.queue('support', { ...settings, wrapUp: { mode: 'timed', seconds: 15 } });
    for (const name of ['ann', 'bob']) stage.agent(name, { queues: ['support'] });
    for (let round = 0; round < 300; round++) {
      stage.pass(random.exponential(6));
      const draw = random.unit();
      const [ringing] = stage.ringing();
      const [talking] = stage.talking();
      if (draw < 0.45) stage.call('support');
      else if (draw < 0.75 && ringing !== undefined) stage.answer(ringing.split('<')[0] ?? '');
      else if (draw < 0.95 && talking !== undefined) stage.finish(talking.split('=')[0] ?? '');
      else if (stage.waiting('support').length > 0) stage.leave(stage.waiting('support').at(-1) ?? '');
    }
    const live = { queue: stage.counts('support'), ann: stage.day('ann'), bob: stage.day('bob') };
    const stored = JSON.parse(JSON.stringify(stage.facts)) as ContactFact[];
    const queueStatistics = createQueueStatistics();
    const agentStatistics = createAgentStatistics();
    for (const fact of stored) {
      queueStatistics.apply(fact);
      agentStatistics.applyContactFact(fact);
    }
    for (const fact of stage.agentFacts) agentStatistics.applyAgentFact(fact);
    const { now } = stage.clock;
    expect({
      queue: queueStatistics.counts('support' as QueueId),
      ann: agentStatistics.day('ann' as never, now),
      bob: agentStatistics.day('bob' as never, now),
    }).toEqual(live);
    expect(live.queue.answered).toBe(live.ann.answered + live.bob.answered);
    expect(live.queue.answered).toBeGreaterThan(20);
  });

  test('Silent misconfiguration: circles, hours that never open and impossible steps are named with their path', () => {
    const queue = (key: string, rest: Partial<ReviewedQueue>): ReviewedQueue => ({
      ...{ key, steps: [], overflow: [], hours: null, members: [], unknownDispositions: [] },
      ...{ maxWaitSeconds: 0, hasHours: true, priorityForAll: [] },
      ...rest,
    });
    const to = (name: string) => ({
      ...{ queue: name, takesAll: false, leadsNowhere: false },
      condition: { when: 'waited' as const, afterSeconds: 10 },
    });
    const findings = reviewQueues(
      [
        queue('a', { overflow: [{ ...to('b'), condition: { when: 'full' } }, to('b')] }),
        queue('b', { overflow: [to('c')] }),
        queue('c', { overflow: [to('a')] }),
        queue('shut', { hours: { timeZone: 'Europe/Prague', week: {}, specialDays: [] } }),
        queue('experts', {
          steps: [2, 5].map((level) => ({ requirement: { skill: 'billing', level }, agents: [] })),
          members: [{ key: 'ann', skills: { billing: 3 }, languages: [], delaySeconds: 0 }],
        }),
      ],
      Date.UTC(2030, 0, 7),
    );
    expect(findings.map(({ key, path, code }) => `${key} ${path.join('.')} ${code}`)).toEqual([
      'a overflow.1.target overflow-circle',
      'b overflow.0.target overflow-circle',
      'c overflow.0.target overflow-circle',
      'shut hours never-opens',
      'experts requirementSteps.1 nobody-satisfies',
    ]);
  });
});
