/**
 * The cost of the distributor alone: microseconds of CPU per input with ten thousand agents in a hundred queues and five thousand
 * waiting contacts. `node packages/core/bench/acd.ts`
 */
import {
  type AgentId,
  type ContactId,
  type OfferId,
  type QueueId,
  QueueSettings,
} from '@crosspoint/contracts';
import {
  createDistributor,
  type DistributorEffect,
  type DistributorInput,
  type HeapNode,
  IndexedHeap,
} from '../src/index.ts';

const agentCount = 10_000;
const queueCount = 100;
const queuesPerAgent = 3;
const waitingCount = 5_000;
const contactCount = 100_000;

const distributor = createDistributor();
let now = 0;
let inputs = 0;
const agentName = (index: number) => `agent-${index}` as AgentId;
const queueName = (index: number) => `queue-${index % queueCount}` as QueueId;

interface Timer extends HeapNode {
  readonly name: string;
  readonly at: number;
}
const timers = new Map<string, Timer>();
const timersByTime = new IndexedHeap<Timer>((a, b) => a.at < b.at);

function clearTimer(name: string): void {
  const timer = timers.get(name);
  if (timer === undefined) return;
  timers.delete(name);
  timersByTime.remove(timer);
}

function send(input: DistributorInput): DistributorEffect[] {
  inputs += 1;
  const effects = distributor.handle(input, now);
  for (const effect of effects) {
    if (effect.type === 'timer.set' || effect.type === 'timer.cleared') clearTimer(effect.name);
    if (effect.type !== 'timer.set') continue;
    const timer = { name: effect.name, at: effect.at, heapIndex: -1 };
    timers.set(effect.name, timer);
    timersByTime.insert(timer);
  }
  return effects;
}

/** Lets time pass with its timers. */
function pass(ms: number): void {
  now += ms;
  for (let due = timersByTime.peek(); due !== undefined && due.at <= now; due = timersByTime.peek()) {
    clearTimer(due.name);
    collect(send({ type: 'timer.due', name: due.name }));
  }
}

/** Milliseconds of CPU that the work took, and what each of its inputs cost. */
function measure(title: string, work: () => void): void {
  const before = { cpu: process.cpuUsage(), inputs };
  work();
  const { user, system } = process.cpuUsage(before.cpu);
  const count = inputs - before.inputs;
  const each = (user + system) / count;
  const perSecond = Math.round(1_000_000 / each);
  console.log(`${title.padEnd(58)} ${count} inputs, ${each.toFixed(2)} µs each, ${perSecond} per CPU second`);
}

function enter(index: number): DistributorEffect[] {
  const contactId = `contact-${index}` as ContactId;
  return send({
    type: 'contact.entered',
    contactId,
    queueId: queueName(index),
    priority: index % 3,
  });
}

const settings = QueueSettings.parse({
  name: 'queue',
  maxSize: 10_000,
  wrapUp: { mode: 'timed', seconds: 0 },
});
const talks: { contactId: ContactId; agentId: AgentId }[] = [];
let nextTalk = 0;
const offers: { offerId: OfferId; contactId: ContactId; agentId: AgentId }[] = [];

function collect(effects: DistributorEffect[]): void {
  for (const effect of effects) if (effect.type === 'offer.make') offers.push(effect);
}

function acceptAll(): void {
  for (let offer = offers.pop(); offer !== undefined; offer = offers.pop()) {
    send({ type: 'offer.accepted', offerId: offer.offerId });
    talks.push(offer);
  }
}

function endOldestTalk(): void {
  const talk = talks[nextTalk];
  if (talk === undefined) return;
  nextTalk += 1;
  collect(send({ type: 'conversation.ended', contactId: talk.contactId, agentId: talk.agentId }));
}

for (let index = 0; index < queueCount; index++) {
  send({ type: 'queue.configured', queue: { id: queueName(index), settings } });
}
for (let index = 0; index < agentCount; index++) {
  const id = agentName(index);
  const queues = Array.from({ length: queuesPerAgent }, (_, n) => ({
    queueId: queueName(index + n * 7),
    priority: 1 + n,
    delaySeconds: n === 2 ? 10 : 0,
    weight: 1,
  }));
  send({ type: 'agent.configured', agent: { id, capacity: 1, queues } });
  send({ type: 'device.changed', agentId: id, reachable: true, reason: 'registered' });
  const by = { by: 'agent', byUserId: null } as const;
  send({ type: 'status.chosen', agentId: id, status: 'available', reasonCode: null, ...by });
  now += 1;
}

console.log(`${agentCount} agents in ${queueCount} queues, ${queuesPerAgent} each, node ${process.version}`);
let contacts = 0;
measure('everybody idle: a contact arrives, is answered, ends', () => {
  for (let round = 0; round < contactCount; round++) {
    pass(1);
    collect(enter(contacts++));
    acceptAll();
    endOldestTalk();
  }
});
while (talks.length - nextTalk < agentCount) {
  collect(enter(contacts++));
  acceptAll();
}
for (let index = 0; index < waitingCount; index++) collect(enter(contacts++));
measure(`everybody busy, ${waitingCount} waiting: an agent is freed, a contact arrives`, () => {
  for (let round = 0; round < contactCount; round++) {
    pass(1);
    endOldestTalk();
    acceptAll();
    collect(enter(contacts++));
  }
});
measure(`${waitingCount} waiting: a caller gives up, another arrives`, () => {
  for (let round = 0; round < contactCount; round++) {
    pass(1);
    const contactId = `contact-${contacts - waitingCount + (round % 1_000)}` as ContactId;
    send({ type: 'contact.left', contactId, reason: 'customer-hung-up' });
    collect(enter(contacts++));
  }
});
measure(`${waitingCount} waiting: an agent rejects, and the next is found`, () => {
  for (let round = 0; round < contactCount / 10; round++) {
    pass(20);
    endOldestTalk();
    for (const { offerId } of offers.splice(0)) {
      collect(send({ type: 'offer.failed', offerId, result: 'rejected', reason: 'sip-603' }));
    }
    acceptAll();
  }
});
const worst: number[] = [];
for (let round = 0; round < 10_000; round++) {
  pass(1);
  acceptAll();
  const start = performance.now();
  endOldestTalk();
  worst.push(performance.now() - start);
  acceptAll();
  collect(enter(contacts++));
}
worst.sort((a, b) => a - b);
const percentile = (share: number) => ((worst[Math.floor(worst.length * share)] ?? 0) * 1000).toFixed(1);
console.log(`from free agent to the decision: p50 ${percentile(0.5)} µs, p99 ${percentile(0.99)} µs`);
distributor.checkInvariants();
