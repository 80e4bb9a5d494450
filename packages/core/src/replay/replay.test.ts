import type { AgentId, ContactFactBody, ContactId, LegId, QueueId } from '@crosspoint/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Call, agentLeg, ann, customer, recording } from '../../test/contact-kit.ts';
import { Desk } from '../../test/distributor-kit.ts';
import { type ContactInput, createContact, type JournaledInput, replayContact } from '../index.ts';

const contactId = 'c1' as ContactId;

/** A call that keeps what it was told, as the journal does: as text. */
class KeptCall extends Call {
  readonly kept: JournaledInput[] = [];

  override send(input: ContactInput) {
    this.kept.push(JSON.parse(JSON.stringify({ at: this.now, input })) as JournaledInput);
    return super.send(input);
  }
}

const guest = {
  target: { kind: 'agent' as const, agentId: 'bob' as AgentId, address: 'sip:bob' },
  legId: 'guest' as LegId,
  recordingId: recording,
  ringTimeoutMs: 20_000,
};
const steps: readonly ((call: KeptCall) => void)[] = [
  (call) => call.wait(),
  (call) => call.offer(),
  (call) => call.send({ type: 'leg.answered', legId: agentLeg }),
  (call) => call.assign(),
  (call) => call.send({ type: 'hold.requested', agentId: ann }),
  (call) => call.send({ type: 'resume.requested', agentId: ann }),
  (call) => call.send({ type: 'leg.digit', legId: customer, digit: '5' }),
  (call) => call.send({ type: 'consult.requested', invitation: guest }),
  (call) => call.send({ type: 'leg.answered', legId: guest.legId }),
  (call) => call.send({ type: 'consult.joined' }),
  (call) => call.fail(agentLeg, 486),
  (call) => call.end(agentLeg),
  (call) => call.end(customer),
  (call) => call.send({ type: 'recording.paused', paused: true, reason: 'card', byUserId: null }),
];
const program = fc.array(
  fc.record({ step: fc.nat({ max: steps.length - 1 }), pauseMs: fc.nat({ max: 9_000 }) }),
  { maxLength: 24 },
);

describe('contacts that are run again', () => {
  test('[OPS-03] a machine that failed fails again at the same input, and ends as it ended', () => {
    const call = new KeptCall();
    call.wait();
    // Damaged, as only a bug makes it.
    const damaged = { type: 'leg.failed', legId: customer } as ContactInput;
    expect(() => call.send(damaged)).toThrow();
    const unfinished = [...call.kept];
    call.send({ type: 'contact.failed', reason: 'internal-error' });
    const faults: unknown[] = [];
    const replayed = replayContact(contactId, call.kept, (_entry, _effects, fault) => {
      if (fault !== undefined) faults.push(fault);
    });
    expect(faults).toHaveLength(1);
    expect(replayed.facts).toEqual(call.facts);
    // A machine that does not understand any more what it once understood is not to be trusted.
    expect(() => replayContact(contactId, unfinished)).toThrow();
  });

  test('[OPS-03] a machine that is run over its inputs goes on exactly as the one that had them', () => {
    fc.assert(
      fc.property(program, program, (before, after) => {
        const call = new KeptCall();
        call.wait();
        for (const { step, pauseMs } of before) {
          call.now += pauseMs;
          steps[step]?.(call);
        }
        const replayed = replayContact(contactId, call.kept);
        expect(replayed.facts).toEqual(call.facts);
        expect(replayed.machine.view()).toEqual(call.machine.view());
        expect(new Map(replayed.timers)).toEqual(call.timers);
        const twin = new KeptCall();
        Object.assign(twin, { machine: replayed.machine, now: call.now });
        for (const { step, pauseMs } of after) {
          for (const each of [call, twin]) {
            each.now += pauseMs;
            steps[step]?.(each);
          }
          expect(twin.last).toEqual(call.last);
        }
      }),
      { seed: 20_261_121, numRuns: 300 },
    );
  });

  test('[OPS-03] what stood open is told: the place, the conversation, the recording', () => {
    const call = new KeptCall();
    call.wait();
    expect(replayContact(contactId, call.kept).standing).toMatchObject({
      stays: 1,
      stay: { entryId: 'c1/q1', queueId: 'q', enteredAt: 0, caller: '+420555000111', number: '700' },
      conversations: [],
    });
    call.now = 5_000;
    call.offer();
    call.send({ type: 'leg.answered', legId: agentLeg });
    call.assign();
    const talking = replayContact(contactId, call.kept);
    expect(talking.standing).toMatchObject({
      stay: null,
      conversations: [{ agentId: 'ann', queueId: 'q', startedAt: 5_000, held: false }],
    });
    expect([...talking.recordings]).toEqual([recording]);
  });

  test('[OPS-03] [ACD-17] a wrap-up that was extended goes on until then', () => {
    const call = new KeptCall();
    call.wait();
    const wrapUp = { agentId: ann, queueId: 'q' as QueueId };
    const told = (fact: ContactFactBody) => call.send({ type: 'fact', fact });
    told({ type: 'wrapup.started', data: { ...wrapUp, until: 30_000 } });
    call.now = 20_000;
    told({ type: 'wrapup.extended', data: { ...wrapUp, until: 90_000 } });
    expect(replayContact(contactId, call.kept).standing.wrapUps).toEqual([
      { ...wrapUp, startedAt: 0, until: 90_000, talkMs: 0 },
    ]);
    told({ type: 'wrapup.ended', data: { ...wrapUp, durationMs: 20_000, by: 'agent' } });
    expect(replayContact(contactId, call.kept).standing.wrapUps).toEqual([]);
  });

  test('[OPS-03] a machine that throws leaves nothing half done: the caller of the replay hears of it', () => {
    expect(() => replayContact(contactId, [{ at: 0, input: undefined as never }])).toThrow(TypeError);
    expect(createContact(contactId).view().state).toBe('arriving');
  });
});

/** The same centre twice, one of them rebuilt from what is known of its contacts. */
function rebuilt(former: Desk, contacts: readonly Parameters<typeof restored>[0][]): Desk {
  const desk = new Desk();
  desk.now = former.now;
  desk.queue('q', { wrapUp: { mode: 'timed', seconds: 30 }, ageing: { everySeconds: 60, priorityMax: 5 } });
  for (const name of ['ann', 'bob']) {
    desk.configure(name);
    desk.status(name, 'available');
  }
  for (const contact of contacts) desk.send({ type: 'contact.restored', contact: restored(contact) });
  return desk;
}

function restored(of: {
  contact: string;
  enteredAt?: number;
  agedSince?: number;
  offers?: number;
  talksWith?: string;
  wrapUp?: { agent: string; until: number };
}) {
  const queueId = 'q' as QueueId;
  const { contact, enteredAt, agedSince = enteredAt, offers = 0, talksWith, wrapUp } = of;
  return {
    contactId: contact as ContactId,
    stays: 1,
    offers,
    stay:
      enteredAt === undefined
        ? null
        : {
            ...{ entryId: `${contact}/q1` as never, queueId, enteredAt, agedSince: agedSince ?? enteredAt },
            ...{ priority: 0, routedPriority: 0, overriddenPriority: null, step: 0 },
            ...{ via: 'call' as const, caller: '', number: '', estimatedWaitMs: null },
          },
    conversations:
      talksWith === undefined
        ? []
        : [{ agentId: talksWith as AgentId, queueId, startedAt: 1_000, held: false }],
    wrapUps:
      wrapUp === undefined
        ? []
        : [
            {
              ...{ agentId: wrapUp.agent as AgentId, queueId, startedAt: 1_000, talkMs: 500 },
              until: wrapUp.until,
            },
          ],
    engaged: [],
  };
}

describe('a distributor that is built again', () => {
  test('[ACD-92] [QUE-08] places and ages are kept, and the one who waited longest is served first', () => {
    const former = new Desk();
    former.now = 50_000;
    const desk = rebuilt(former, [
      { contact: 'late', enteredAt: 40_000 },
      { contact: 'early', enteredAt: 10_000 },
      { contact: 'aged', enteredAt: 45_000, agedSince: 5_000, offers: 2 },
    ]);
    const views = desk.distributor.entries('q' as QueueId);
    expect(views.map(({ contactId: id, enteredAt }) => [id, enteredAt])).toEqual([
      ['aged', 45_000],
      ['early', 10_000],
      ['late', 40_000],
    ]);
    expect(desk.all.filter(({ type }) => type === 'fact')).toEqual([]);
    desk.device('ann', true);
    expect(desk.effects('offer.make')).toMatchObject([{ contactId: 'aged', offerId: 'aged/o3' }]);
    desk.device('bob', true);
    expect(desk.offers()).toEqual(['early→bob']);
  });

  test('[ACD-92] [ACD-16] who talks and who wraps up goes on, and what follows is as ever', () => {
    const former = new Desk();
    former.now = 20_000;
    const desk = rebuilt(former, [
      { contact: 'talk', talksWith: 'ann' },
      { contact: 'wrap', wrapUp: { agent: 'bob', until: 25_000 } },
    ]);
    desk.device('ann', true);
    desk.device('bob', true);
    expect(desk.view('ann').activity).toBe('on-contact');
    expect(desk.view('bob').activity).toBe('wrap-up');
    desk.enter('next');
    expect(desk.offers()).toEqual([]);
    desk.advance(5_000);
    expect(desk.facts('wrapup.ended')).toMatchObject([{ agentId: 'bob', by: 'timer', durationMs: 24_000 }]);
    expect(desk.offers()).toEqual(['next→bob']);
    desk.endTalk('talk', 'ann');
    expect(desk.facts('wrapup.started')).toMatchObject([{ agentId: 'ann', until: 55_000 }]);
  });

  test('[ACD-92] what is restored twice is restored once; of a queue that is gone it overflows', () => {
    const former = new Desk();
    former.now = 20_000;
    const desk = rebuilt(former, [
      { contact: 'one', enteredAt: 1_000 },
      { contact: 'one', enteredAt: 1_000 },
    ]);
    expect(desk.distributor.entries('q' as QueueId)).toHaveLength(1);
    const contact = restored({ contact: 'two', enteredAt: 2_000 });
    const stay = contact.stay === null ? null : { ...contact.stay, queueId: 'gone' as QueueId };
    desk.send({ type: 'contact.restored', contact: { ...contact, stay } });
    expect(desk.facts('queue.left')).toMatchObject([{ result: 'overflowed', waitMs: 18_000 }]);
    expect(desk.effects('contact.overflowed')).toMatchObject([{ contactId: 'two' }]);
    expect(desk.effects('offer.make')).toEqual([]);
  });
});
