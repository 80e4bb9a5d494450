import { describe, expect, test } from 'vitest';
import { Stage } from '../../test/stage.ts';
import { Random } from '../world/index.ts';

/** What people complain about in public of other systems, each played on the production machines: agents and their phones. */
describe('public complaints', () => {
  test.each([
    ['in the same millisecond', undefined],
    ['while the news travels', () => 80],
  ])('Two agents answer one call: %s only one has it, the other is free at no cost', (_when, delay) => {
    const stage = new Stage(delay === undefined ? {} : { machineDelayMs: delay });
    stage.queue('support', { strategy: 'ring-all', maxNonResponses: 1 });
    for (const name of ['ann', 'bob', 'cid']) stage.agent(name, { queues: ['support'] });
    stage.pass(1);
    const contact = stage.call('support');
    stage.pass(1);
    expect(stage.ringing()).toEqual(['ann<c1', 'bob<c1', 'cid<c1']);
    const phones = ['bob', 'ann'].map((name) => stage.ringingPhone(name));
    for (const phone of phones) phone.state = 'up';
    for (const phone of phones) stage.report(phone, { type: 'leg.answered', legId: phone.legId });
    stage.pass(0.5);
    expect(stage.talking()).toEqual(['bob=c1']);
    expect(stage.ringing()).toEqual([]);
    expect(stage.of('segment.started')).toHaveLength(1);
    const results = stage.of('offer.ended').map(({ data }) => `${data.agentId} ${data.result}`);
    expect(results.sort()).toEqual(['ann rescinded', 'bob accepted', 'cid rescinded']);
    for (const name of ['ann', 'cid']) {
      expect(stage.view(name)).toMatchObject({ activity: 'idle', readiness: { ready: true } });
    }
    stage.leave(contact);
    stage.rest();
    expect(stage.counts('support')).toMatchObject({ offered: 1, answered: 1 });
  });

  test('Agents stuck in reserved: whatever a phone leaves unsaid, its agent is free in time and the caller goes on', () => {
    const stage = new Stage();
    stage.queue('support', { ringTimeoutSeconds: 15, noAnswerDelaySeconds: 5, maxNonResponses: 5 });
    stage.agent('ann', { queues: ['support'] });
    stage.agent('bob', { queues: ['support'], priority: 2 });
    // Ann's phone is called and says nothing from then on, not even that it was cancelled.
    stage.deaf.add('ann');
    stage.call('support');
    stage.pass(14);
    expect(stage.view('ann').activity).toBe('offered');
    stage.pass(1);
    expect(stage.ringing()).toContain('bob<c1');
    expect(stage.view('ann').activity).toBe('idle');
    stage.pass(5);
    expect(stage.view('ann').readiness.ready).toBe(true);
    stage.answer('bob');
    // A contact whose machine is lost with its offer is seen by the reconciler, and only by it.
    const lost = stage.call('support');
    stage.world.contacts.delete(lost);
    for (const _look of [1, 2]) {
      stage.look();
      stage.pass(2);
    }
    expect(stage.view('ann')).toMatchObject({ activity: 'idle', contacts: [] });
    expect(stage.waiting('support')).toEqual([]);
    expect(stage.repairs.map((repair) => repair.split(':')[0])).toEqual([
      'offer-not-ringing',
      'contact-gone',
    ]);
  });

  test.each(['the caller first', 'the agent first', 'the answer after the cancellation'])(
    'Zombie calls to agents after the caller left: %s, and no leg lives 100 ms longer',
    (order) => {
      const stage = new Stage();
      stage.queue('support');
      stage.agent('ann', { queues: ['support'] });
      const contact = stage.call('support');
      stage.pass(3);
      const phone = stage.ringingPhone('ann');
      if (order === 'the agent first') {
        stage.answer('ann');
        stage.leave(contact);
      } else {
        if (order === 'the answer after the cancellation') stage.deaf.add('ann');
        stage.leave(contact);
        stage.deaf.clear();
        if (phone.state === 'ringing') stage.answer('ann');
      }
      stage.pass(0.1);
      expect(phone.state).toBe('over');
      expect(stage.view('ann')).toMatchObject({ activity: 'idle', readiness: { ready: true } });
      const answered = order === 'the agent first' ? 1 : 0;
      expect(stage.counts('support')).toMatchObject({ offered: 1, answered, abandoned: 1 - answered });
      expect(stage.day('ann').answered).toBe(answered);
      stage.rest();
    },
  );

  test('Offers without an end on a change of status: one agent is rung once, and not again while away', () => {
    const stage = new Stage();
    stage.queue('support', { ringTimeoutSeconds: 20, rejectDelaySeconds: 0 });
    stage.agent('ann', { queues: ['support'] });
    stage.call('support');
    for (let change = 0; change < 50; change++) {
      stage.status('ann', change % 2 === 0 ? 'break' : 'available');
      stage.pass(0.1);
    }
    expect(stage.phones.filter(({ agent }) => agent === 'ann')).toHaveLength(1);
    stage.status('ann', 'break');
    stage.decline('ann');
    stage.pass(120);
    expect(stage.phones.filter(({ agent }) => agent === 'ann')).toHaveLength(1);
    expect(stage.view('ann').activity).toBe('break');
    stage.status('ann', 'available');
    expect(stage.ringing()).toEqual(['ann<c1']);
    stage.leave('c1');
    stage.rest();
  });

  test('Wrap-up cut short or invisible: it is seen, holds in every queue, and lasts to its second', () => {
    const stage = new Stage();
    stage.queue('support', { wrapUp: { mode: 'timed', seconds: 30 } });
    stage.queue('sales');
    stage.agent('ann', { queues: ['support', 'sales'], capacity: 2 });
    stage.call('support');
    stage.answer('ann');
    stage.pass(60);
    stage.finish('ann');
    const endedAt = stage.clock.now;
    stage.call('sales');
    stage.status('ann', 'break');
    stage.status('ann', 'available');
    stage.register('ann', false);
    stage.register('ann', true);
    for (let second = 0; second < 30; second++) {
      expect(stage.view('ann')).toMatchObject({ activity: 'wrap-up', wrapUpUntil: endedAt + 30_000 });
      expect(stage.ringing()).toEqual([]);
      stage.pass(second === 29 ? 0.999 : 1);
    }
    stage.pass(0.001);
    expect(stage.ringing()).toEqual(['ann<c2']);
    expect(stage.of('wrapup.ended')).toMatchObject([{ data: { durationMs: 30_000, by: 'timer' } }]);
    expect(stage.day('ann').activityMs['wrap-up']).toBe(30_000);
    expect(stage.counts('support').wrapUpMs).toBe(30_000);
    stage.leave('c2');
    stage.rest();
  });

  test('Unregistered agents still "available": nobody is rung without a phone, and the reason is shown', () => {
    const stage = new Stage();
    stage.queue('support', { joinWhenEmpty: 'always' });
    stage.agent('ann', { queues: ['support'] });
    stage.register('ann', false);
    expect(stage.view('ann')).toMatchObject({
      status: 'available',
      activity: 'unreachable',
      readiness: { ready: false, reason: 'device-unreachable' },
    });
    stage.call('support');
    stage.pass(60);
    expect(stage.phones.filter(({ agent }) => agent === 'ann')).toEqual([]);
    const why = stage.world.distributor.explain('c1' as never, stage.clock.now);
    expect(why?.agents).toMatchObject([{ agentId: 'ann', reason: 'device-unreachable' }]);
    stage.queue('support', { joinWhenEmpty: 'working' });
    stage.call('support');
    expect(stage.of('contact.deflected')).toMatchObject([{ data: { reason: 'nobody-there' } }]);
    stage.register('ann', true);
    expect(stage.ringing()).toEqual(['ann<c1']);
    stage.leave('c1');
    stage.rest();
  });

  test('Recordings orphaned by transfers, or truncated: each conversation has its own, of its own length', () => {
    const random = new Random(7);
    const stage = new Stage();
    for (const name of ['first', 'second', 'third']) {
      stage.queue(name);
      stage.agent(`of-${name}`, { queues: [name] });
    }
    const contact = stage.call('first');
    const lengths: number[] = [];
    for (const [index, name] of ['first', 'second', 'third'].entries()) {
      stage.answer(`of-${name}`);
      lengths.push(Math.round(random.uniform(5_000, 90_000)));
      stage.pass((lengths.at(-1) ?? 0) / 1000);
      const next = ['second', 'third'][index];
      if (next === undefined) stage.leave(contact);
      else stage.transfer(contact, next, true);
    }
    stage.rest();
    const started = stage.of('recording.started').map(({ data }) => data.recordingId);
    const ended = stage.of('recording.ended');
    expect(ended.map(({ data }) => data.recordingId)).toEqual(started);
    expect(ended.map(({ data }) => [data.segment, data.result, data.durationMs])).toEqual(
      lengths.map((length, index) => [index + 1, 'complete', length]),
    );
    const last = stage.facts.at(-1);
    expect(last).toMatchObject({ type: 'contact.closed', contactId: contact });
  });
});
