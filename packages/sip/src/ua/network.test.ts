import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generator, type Host, isIdle, World } from '../../test/world.ts';
import type { SipEvent } from '../index.ts';

const body =
  'v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';
const terminal = new Set<SipEvent['type']>(['rejected', 'cancelled', 'ended']);

/** More for a long search: SIP_RUNS=5000. */
const numRuns = Number(process.env['SIP_RUNS'] ?? 60);

/** A person at a phone who does something at random about every event and now and then without one. */
class Person {
  readonly host: Host;
  readonly finished = new Map<string, number>();
  readonly live = new Set<string>();
  readonly answered = new Set<string>();
  private readonly draw: (below: number) => number;

  constructor(host: Host, seed: number) {
    this.host = host;
    const random = generator(seed);
    this.draw = (below) => random() % below;
    host.onEvent = (event) => this.onEvent(event);
  }

  onEvent(event: SipEvent): void {
    if (!('sessionId' in event)) return;
    const { sessionId } = event;
    if (this.finished.has(sessionId)) throw new Error(`${event.type} after the end of ${sessionId}`);
    if (terminal.has(event.type)) this.finish(sessionId);
    else if (event.type === 'invite') {
      this.live.add(sessionId);
      const choice = this.draw(6);
      if (choice === 0) this.reject(sessionId);
      else if (choice <= 3) this.accept(sessionId);
      else if (choice === 4) {
        this.host.do((stack, now) => stack.progress({ sessionId, status: 183, body }, now));
        this.host.do((stack, now) => stack.progress({ sessionId, status: 180 }, now));
        if (this.draw(2) === 0) this.accept(sessionId);
      } else this.host.do((stack, now) => stack.progress({ sessionId, status: 180 }, now));
    } else if (event.type === 'reinvite') {
      const status = this.draw(3) === 0 ? 488 : 200;
      this.host.do((stack, now) =>
        stack.answerReinvite({ sessionId, status, ...(status === 200 ? { body } : {}) }, now),
      );
    } else if (event.type === 'accepted' || event.type === 'confirmed') this.answered.add(sessionId);
  }

  private finish(sessionId: string): void {
    this.live.delete(sessionId);
    this.finished.set(sessionId, (this.finished.get(sessionId) ?? 0) + 1);
  }

  private accept(sessionId: string): void {
    this.host.do((stack, now) => stack.accept({ sessionId, body }, now));
  }

  private reject(sessionId: string): void {
    const result = this.host.do((stack, now) => stack.reject({ sessionId, status: 486 }, now));
    if (result?.ok === true) this.finish(sessionId);
  }

  call(other: Host, sessionId: string): void {
    this.live.add(sessionId);
    const headers = this.draw(2) === 0 ? [['Require', '100rel'] as const] : [];
    this.host.do((stack, now) =>
      stack.invite(
        {
          sessionId,
          headers,
          uri: `sip:x@${other.address}`,
          flow: this.host.flowTo(other),
          from: 'sip:a@example.test',
          to: 'sip:x@example.test',
          body,
        },
        now,
      ),
    );
  }

  /** Does something legal or illegal with one of the live sessions. */
  act(): void {
    for (const sessionId of [...this.live]) {
      switch (this.draw(9)) {
        case 0: {
          const isIncoming = sessionId.startsWith('in-') && !this.answered.has(sessionId);
          const result = this.host.do((stack, now) => stack.bye({ sessionId }, now));
          // Refusing an unanswered incoming call ends it without an event.
          if (result?.ok === true && isIncoming && this.live.has(sessionId)) this.finish(sessionId);
          break;
        }
        case 1:
          this.host.do((stack, now) => stack.cancel({ sessionId }, now));
          break;
        case 2:
          this.host.do((stack, now) => stack.reinvite({ sessionId, body }, now));
          break;
        case 3:
          this.host.do((stack, now) => stack.info({ sessionId, contentType: 'text/plain', body: 'x' }, now));
          break;
        case 4:
          this.accept(sessionId);
          break;
        default:
          break;
      }
    }
  }

  hangUp(): void {
    for (const sessionId of [...this.live]) {
      const result = this.host.do((stack, now) => stack.bye({ sessionId }, now));
      if (result?.ok === true && sessionId.startsWith('in-') && this.live.has(sessionId))
        this.finish(sessionId);
    }
  }
}

type Weather = {
  isStream: boolean;
  loss: number;
  duplication: number;
  corruption: number;
  delayMaxMs: number;
};

/** Both sides of each call must tell the same story: answered or not. */
function expectAgreement(caller: Host, callee: Host): void {
  const callIds = new Map(callee.of('invite').map((event) => [event.sessionId, event.callId]));
  const ended = callee.of('ended').map((event) => callIds.get(event.sessionId));
  const confirmed = callee.of('confirmed').map((event) => callIds.get(event.sessionId));
  const accepted = new Set<string | undefined>(caller.of('accepted').map((event) => event.response.callId));
  for (const callId of accepted) expect([...ended, ...confirmed]).toContain(callId);
  const crossed = caller.of('cancelled').filter((event) => event.crossed).length;
  expect(confirmed.filter((callId) => !accepted.has(callId)).length).toBeLessThanOrEqual(crossed);
}

function play(seed: number, weather: Weather): World {
  const world = new World(seed);
  Object.assign(world.network, weather);
  // One of the two refreshes its sessions as often as may be.
  const options = [{ sessionTimer: { intervalSeconds: 90 } }, {}];
  const people = ['10.0.0.1', '10.0.0.2'].map(
    (address, i) => new Person(world.add(address, options[i]), seed + i + 1),
  );
  const [first, second] = people as [Person, Person];
  first.call(second.host, 'first-1');
  second.call(first.host, 'second-1');
  first.call(second.host, 'first-2');
  for (let round = 0; round < 12; round++) {
    world.pass(1 + (world.random32() % 1_500));
    for (const person of people) person.act();
  }
  // What was still under way may make phones ring again.
  for (let round = 0; round < 10; round++) {
    for (const person of people) person.hangUp();
    // Longer than anything lasts except a session that somebody keeps refreshing.
    world.pass(700_000);
  }
  for (const person of people) {
    expect([...person.live]).toEqual([]);
    expect([...person.finished.values()].every((count) => count === 1)).toBe(true);
    expect(person.host.stack.statistics()).toMatchObject({ sessions: 0, dialogs: 0, timers: 0 });
    expect(isIdle(person.host.stack)).toBe(true);
  }
  return world;
}

describe('any network', () => {
  it('[UA-20] every call ends once on both sides and leaves no transaction, dialog or timer', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 31 }),
        fc.record({
          isStream: fc.boolean(),
          loss: fc.double({ min: 0, max: 0.95, noNaN: true }),
          duplication: fc.double({ min: 0, max: 0.5, noNaN: true }),
          corruption: fc.constant(0),
          delayMaxMs: fc.integer({ min: 1, max: 900 }),
        }),
        (seed, weather) => {
          play(seed, weather);
        },
      ),
      { numRuns },
    );
  });

  it('[UA-23] on a network that delivers in the end both sides agree whether a call was answered', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 31 }),
        fc.record({
          isStream: fc.boolean(),
          loss: fc.double({ min: 0, max: 0.12, noNaN: true }),
          duplication: fc.double({ min: 0, max: 0.5, noNaN: true }),
          corruption: fc.constant(0),
          delayMaxMs: fc.integer({ min: 1, max: 900 }),
        }),
        (seed, weather) => {
          const [first, second] = play(seed, weather).hosts as [Host, Host];
          expectAgreement(first, second);
          expectAgreement(second, first);
        },
      ),
      { numRuns },
    );
  });

  it('[UA-21] bytes that change on the way make nothing throw, and in the end nothing is left', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 31 }),
        fc.record({
          isStream: fc.constant(false),
          loss: fc.constant(0.1),
          duplication: fc.constant(0.2),
          corruption: fc.double({ min: 0, max: 0.8, noNaN: true }),
          delayMaxMs: fc.integer({ min: 1, max: 300 }),
        }),
        (seed, weather) => {
          play(seed, weather);
        },
      ),
      { numRuns },
    );
  });
});
