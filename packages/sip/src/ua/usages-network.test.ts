import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generator, type Host, isIdle, World } from '../../test/world.ts';
import { dialogPackage, type SipEvent, type SipStack } from '../index.ts';

const body =
  'v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';
const terminal = new Set<SipEvent['type']>(['rejected', 'cancelled', 'ended']);
const options = {
  refer: 'anywhere',
  replaces: true,
  eventPackages: [{ ...dialogPackage, expiresMinSeconds: 1 }],
  message: () => undefined,
  connectedIdentity: true,
} as const;

/** More for a long search: SIP_RUNS=5000. */
const numRuns = Number(process.env['SIP_RUNS'] ?? 40);

/** Somebody who calls, transfers, replaces, updates, watches and is watched, all at random. */
class Agent {
  readonly host: Host;
  /** How often each session, transfer and subscription has ended here. */
  readonly ends = new Map<string, number>();
  private readonly sessions = new Set<string>();
  private readonly refersAsked = new Set<string>();
  private readonly watchers = new Set<string>();
  private readonly watching = new Set<string>();
  readonly started = new Set<string>();
  /** The final statuses that it has told referrers. */
  readonly reported: number[] = [];
  private readonly draw: (below: number) => number;
  private names = 0;

  constructor(host: Host, seed: number) {
    this.host = host;
    const random = generator(seed);
    this.draw = (below) => random() % below;
    host.onEvent = (event) => this.onEvent(event);
  }

  private do(command: (stack: SipStack, nowMs: number) => { ok: boolean }): boolean {
    let isDone = false;
    this.host.do((stack, nowMs) => {
      isDone = command(stack, nowMs).ok;
    });
    return isDone;
  }

  private end(name: string): void {
    this.ends.set(name, (this.ends.get(name) ?? 0) + 1);
  }

  private pick(from: ReadonlySet<string>): string | undefined {
    return [...from][this.draw(Math.max(1, from.size))];
  }

  onEvent(event: SipEvent): void {
    if ('sessionId' in event && !event.type.startsWith('refer') && this.ends.has(event.sessionId))
      throw new Error(`${event.type} after the end of ${event.sessionId}`);
    if (terminal.has(event.type) && 'sessionId' in event) {
      this.sessions.delete(event.sessionId);
      this.end(event.sessionId);
    } else if (event.type === 'invite') this.onInvite(event.sessionId);
    else if (event.type === 'reinvite') {
      const { sessionId, remoteTag } = event;
      const answer = this.draw(3) === 0 ? { status: 488 } : { status: 200, body };
      this.do((stack, now) => stack.answerReinvite({ sessionId, remoteTag, ...answer }, now));
    } else if (event.type === 'refer' || event.type === 'refer-outside') {
      const { referId } = event;
      const choice = this.draw(6);
      // Now and then nobody decides, and the stack has to.
      if (choice === 0) return;
      if (choice === 1) this.do((stack, now) => stack.transfers.refuse({ referId, status: 603 }, now));
      else if (this.do((stack, now) => stack.transfers.accept({ referId }, now)))
        this.refersAsked.add(referId);
    } else if (event.type === 'refer-ended') this.refersAsked.delete(event.referId);
    else if (event.type === 'refer-result') this.end(event.referId);
    else if (event.type === 'subscribe') this.onSubscribe(event.subscriptionId);
    else if (event.type === 'subscription-ended') {
      this.watchers.delete(event.subscriptionId);
      if (this.watching.delete(event.subscriptionId)) this.end(event.subscriptionId);
    }
  }

  private onInvite(sessionId: string): void {
    this.sessions.add(sessionId);
    if (this.draw(6) === 0) this.hangUp(sessionId);
    else if (this.draw(2) === 0) this.do((stack, now) => stack.accept({ sessionId, body }, now));
    else this.do((stack, now) => stack.progress({ sessionId, status: 183, body }, now));
  }

  private onSubscribe(subscriptionId: string): void {
    this.watchers.add(subscriptionId);
    if (this.draw(5) === 0)
      this.do((stack, now) => stack.subscriptions.refuse({ subscriptionId, status: 403 }, now));
    else
      this.do((stack, now) =>
        stack.subscriptions.accept(
          { subscriptionId, content: { dialogs: [] }, isPending: this.draw(4) === 0 },
          now,
        ),
      );
  }

  private hangUp(sessionId: string): void {
    const isOver = this.do((stack, now) => stack.reject({ sessionId, status: 486 }, now));
    if (isOver) {
      // Refusing an incoming call ends it without an event.
      this.sessions.delete(sessionId);
      this.end(sessionId);
    } else this.do((stack, now) => stack.bye({ sessionId }, now));
  }

  call(other: Host): void {
    const sessionId = `call-${++this.names}`;
    const replaced =
      this.draw(3) === 0 ? this.host.stack.dialogOf(this.pick(this.sessions) ?? '') : undefined;
    const replaces = replaced && {
      callId: replaced.callId,
      toTag: replaced.remoteTag,
      fromTag: replaced.localTag,
      earlyOnly: this.draw(4) === 0,
    };
    const names = { uri: `sip:x@${other.address}`, from: 'sip:a@x.test', to: 'sip:x@x.test', body };
    const headers = this.draw(3) === 0 ? [['Require', '100rel'] as const] : [];
    const flow = this.host.flowTo(other);
    if (this.do((stack, now) => stack.invite({ sessionId, flow, replaces, headers, ...names }, now))) {
      this.sessions.add(sessionId);
      this.started.add(sessionId);
    }
  }

  private transfer(sessionId: string): void {
    const referId = `refer-${++this.names}`;
    const other = this.pick(this.sessions) ?? sessionId;
    const replaces = this.draw(2) === 0 ? { sessionId: other } : undefined;
    const wantsReport = this.draw(4) !== 0;
    const command = { referId, sessionId, target: 'sip:c@h', replaces, wantsReport };
    if (this.do((stack, now) => stack.transfers.refer(command, now))) this.started.add(referId);
  }

  private watch(other: Host): void {
    const subscriptionId = `watch-${++this.names}`;
    const names = { uri: `sip:x@${other.address}`, from: 'sip:a@x.test', to: 'sip:x@x.test' };
    const flow = this.host.flowTo(other);
    const expiresSeconds = this.draw(3) === 0 ? 0 : 5 + this.draw(600);
    const command = { subscriptionId, package: 'dialog', flow, expiresSeconds, ...names };
    if (!this.do((stack, now) => stack.subscriptions.subscribe(command, now))) return;
    this.watching.add(subscriptionId);
    this.started.add(subscriptionId);
  }

  /** One thing at random, legal or not. */
  act(other: Host): void {
    const sessionId = this.pick(this.sessions) ?? 'none';
    const referId = this.pick(this.refersAsked) ?? 'none';
    const watcher = this.pick(this.watchers) ?? 'none';
    const offer = this.draw(2) === 0 ? { body } : {};
    const deeds: Array<() => void> = [
      () => this.call(other),
      () => this.hangUp(sessionId),
      () => this.transfer(sessionId),
      () => this.watch(other),
      () => this.do((stack, now) => stack.accept({ sessionId, body }, now)),
      () => this.do((stack, now) => stack.update({ sessionId, ...offer }, now)),
      () => this.do((stack, now) => stack.reinvite({ sessionId, body }, now)),
      () => this.do((stack, now) => stack.message({ sessionId, contentType: 'text/plain', body: 'x' }, now)),
      () => this.do((stack, now) => stack.transfers.report({ referId, status: 100 + this.draw(100) }, now)),
      () => this.report(referId, 200 + this.draw(400)),
      () =>
        this.do((stack, now) =>
          stack.subscriptions.notify({ subscriptionId: watcher, content: { dialogs: [] } }, now),
        ),
      () =>
        this.do((stack, now) =>
          stack.subscriptions.end({ subscriptionId: watcher, reason: 'noresource' }, now),
        ),
      () =>
        this.do((stack, now) =>
          stack.subscriptions.unsubscribe({ subscriptionId: this.pick(this.watching) ?? '' }, now),
        ),
    ];
    deeds[this.draw(deeds.length)]?.();
  }

  private report(referId: string, status: number): void {
    if (this.do((stack, now) => stack.transfers.report({ referId, status }, now))) this.reported.push(status);
  }

  finish(): void {
    for (const sessionId of this.sessions) this.hangUp(sessionId);
    for (const subscriptionId of this.watching)
      this.do((stack, now) => stack.subscriptions.unsubscribe({ subscriptionId }, now));
    for (const subscriptionId of this.watchers)
      this.do((stack, now) => stack.subscriptions.end({ subscriptionId, reason: 'noresource' }, now));
  }
}

type Weather = {
  isStream: boolean;
  loss: number;
  duplication: number;
  corruption: number;
  delayMaxMs: number;
};

/** What one has heard of the end of its transfers is what the other has told. */
function expectAgreement(referrer: Agent, other: Agent): void {
  const heard = referrer.host
    .of('refer-result')
    .filter(({ outcome }) => outcome === 'done' || outcome === 'failed');
  const told = [...other.reported];
  for (const { status, outcome } of heard) {
    expect(told).toContain(status);
    told.splice(told.indexOf(status), 1);
    expect(outcome).toBe(status < 300 ? 'done' : 'failed');
  }
}

function play(seed: number, weather: Weather): void {
  const world = new World(seed);
  Object.assign(world.network, weather);
  const hosts = [world.add('10.0.0.1', options), world.add('10.0.0.2', options)] as const;
  const agents = hosts.map((host, i) => new Agent(host, seed + i + 1));
  agents.forEach((agent, i) => agent.call(hosts[1 - i] as Host));
  for (let round = 0; round < 40; round++) {
    world.pass(1 + (world.random32() % 800));
    agents.forEach((agent, i) => agent.act(hosts[1 - i] as Host));
  }
  // What was still under way may make phones ring again; the longest that a transfer waits for reports is an hour.
  for (let round = 0; round < 8; round++) {
    for (const agent of agents) agent.finish();
    world.pass(700_000);
  }
  world.pass(3_700_000);
  const [first, second] = agents as [Agent, Agent];
  if (weather.corruption === 0) {
    expectAgreement(first, second);
    expectAgreement(second, first);
  }
  for (const { host, ends, started } of agents) {
    expect([...started].filter((name) => ends.get(name) !== 1)).toEqual([]);
    expect([...ends].filter(([, count]) => count !== 1)).toEqual([]);
    expect(host.stack.statistics()).toMatchObject({ sessions: 0, dialogs: 0, timers: 0, subscriptions: 0 });
    expect(isIdle(host.stack)).toBe(true);
  }
}

describe('calls, transfers, replacements, updates and subscriptions on any network', () => {
  const line = {
    isStream: fc.boolean(),
    loss: fc.double({ min: 0, max: 0.9, noNaN: true }),
    duplication: fc.double({ min: 0, max: 0.5, noNaN: true }),
    delayMaxMs: fc.integer({ min: 1, max: 900 }),
  };

  it('[USE-01] [RFC5057] each ends once where it began, and no dialog, subscription, transaction or timer is left', () => {
    const weather = fc.record({ ...line, corruption: fc.constant(0) });
    fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 31 }), weather, play), { numRuns });
  });

  it('[USE-02] bytes that change on the way make nothing throw and leave nothing', () => {
    const corruption = fc.double({ min: 0, max: 0.8, noNaN: true });
    const weather = fc.record({ ...line, isStream: fc.constant(false), loss: fc.constant(0.1), corruption });
    fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 31 }), weather, play), { numRuns });
  });
});
