import type {
  Alert,
  AgentLive,
  ContactFactMessage,
  ContactId,
  LiveCall,
  LiveConference,
  Queue,
  QueueStats,
  StreamServerMessage,
  StreamTopic,
  SystemPart,
  TrunkLive,
} from '@crosspoint/contracts';
import { SvelteMap } from 'svelte/reactivity';
import { listAll } from '#lib/api/pages.ts';
import { session } from '#lib/session/session.svelte.ts';
import { freezeTimesAt, serverClock } from './present.svelte.ts';
import { openSocket } from './socket.ts';
import { createStream, type Stream, type StreamState } from './stream.ts';

/** Facts kept for whoever opens a contact while it happens. */
const recentFactsMax = 500;

const agents = new SvelteMap<string, AgentLive>();
const queues = new SvelteMap<string, QueueStats>();
const calls = new SvelteMap<string, LiveCall>();
const trunks = new SvelteMap<string, TrunkLive>();
/** Alerts that last. */
const alerts = new SvelteMap<string, Alert>();
/** Scheduled conferences in which somebody is. */
const conferences = new SvelteMap<string, LiveConference>();
let alertsVersion = $state(0);
const queueNames = new SvelteMap<string, string>();
const recentFacts: ContactFactMessage[] = [];
const factListeners = new Set<(fact: ContactFactMessage) => void>();
let state = $state.raw<StreamState>({ kind: 'idle' });
let delayMs = $state(0);
let failing = $state.raw<readonly SystemPart[]>([]);
let stream: Stream | null = null;
let namesAsked = false;

function replaceAll<Item>(map: SvelteMap<string, Item>, items: Item[], idOf: (item: Item) => string): void {
  const present = new Set(items.map(idOf));
  for (const id of map.keys()) if (!present.has(id)) map.delete(id);
  for (const item of items) map.set(idOf(item), item);
}

async function learnQueueNames(): Promise<void> {
  if (namesAsked || !session.can('queues.read')) return;
  namesAsked = true;
  try {
    for (const queue of await listAll<Queue>('/queues')) queueNames.set(queue.id, queue.name);
  } finally {
    namesAsked = false;
  }
}

function needName(queueId: string): void {
  // A name that cannot be had now is asked for again with the next change of that queue.
  if (!queueNames.has(queueId)) learnQueueNames().catch(() => undefined);
}

function takeQueue(stats: QueueStats): void {
  needName(stats.queueId);
  queues.set(stats.queueId, stats);
}

function takeSnapshot(message: Extract<StreamServerMessage, { type: 'snapshot' }>): void {
  if (message.topic === 'agents') replaceAll(agents, message.data, (agent) => agent.id);
  else if (message.topic === 'calls') replaceAll(calls, message.data, (call) => call.id);
  else if (message.topic === 'alerts') replaceAll(alerts, message.data, (alert) => alert.id);
  else if (message.topic === 'conferences') replaceAll(conferences, message.data, ({ id }) => id);
  else if (message.topic === 'trunks') replaceAll(trunks, message.data, (trunk) => trunk.id);
  else {
    replaceAll(queues, message.data, (stats) => stats.queueId);
    for (const stats of message.data) needName(stats.queueId);
  }
}

function takeAlert(alert: Alert): void {
  if (alert.clearedAt === null) alerts.set(alert.id, alert);
  else alerts.delete(alert.id);
  alertsVersion += 1;
}

function takeFact(fact: ContactFactMessage): void {
  recentFacts.push(fact);
  if (recentFacts.length > recentFactsMax) recentFacts.shift();
  for (const listener of factListeners) listener(fact);
}

function receive(message: StreamServerMessage, receivedAt: number): void {
  const sentAt = Date.parse(message.at);
  serverClock.observe(sentAt, receivedAt);
  delayMs = Math.max(0, serverClock.serverTime(receivedAt) - sentAt);
  switch (message.type) {
    case 'snapshot':
      return takeSnapshot(message);
    case 'queue.changed':
      return takeQueue(message.data);
    case 'queue.removed':
      queues.delete(message.data.id);
      return;
    case 'agent.changed':
      agents.set(message.data.id, message.data);
      return;
    case 'agent.removed':
      agents.delete(message.data.id);
      return;
    case 'call.changed':
      calls.set(message.data.id, message.data);
      return;
    case 'call.ended':
      calls.delete(message.data.id);
      return;
    case 'trunk.changed':
      trunks.set(message.data.id, message.data);
      return;
    case 'trunk.removed':
      trunks.delete(message.data.id);
      return;
    case 'alert.changed':
      return takeAlert(message.data);
    case 'conference.changed':
      if (message.data.parties.length > 0) conferences.set(message.data.id, message.data);
      else conferences.delete(message.data.id);
      return;
    case 'contact.fact':
      return takeFact(message.data as ContactFactMessage);
    case 'health':
      failing = message.failing;
      return;
    case 'hello':
      failing = [];
      return;
    case 'subscribed':
    case 'reset':
    case 'pong':
    case 'heartbeat':
    case 'error':
      return;
  }
}

function topics(): StreamTopic[] {
  const wanted: StreamTopic[] = [];
  if (session.can('queues.live')) wanted.push('queues');
  if (session.can('agents.read')) wanted.push('agents');
  if (session.can('calls.read')) wanted.push('calls');
  if (session.can('contacts.read')) wanted.push('contacts');
  if (session.can('trunks.read')) wanted.push('trunks');
  if (session.can('alerts.read')) wanted.push('alerts');
  if (session.can('conferences.read')) wanted.push('conferences');
  return wanted;
}

function address(): string {
  const protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  return `${protocol}//${location.host}/api/v1/stream`;
}

function nudge(): void {
  if (document.visibilityState === 'visible') stream?.nudge();
}

/** Everything that is live, as the stream tells it. Maps are reactive: what reads them follows by itself. */
export const centre = {
  agents: agents as ReadonlyMap<string, AgentLive>,
  queues: queues as ReadonlyMap<string, QueueStats>,
  calls: calls as ReadonlyMap<string, LiveCall>,
  trunks: trunks as ReadonlyMap<string, TrunkLive>,
  alerts: alerts as ReadonlyMap<string, Alert>,
  conferences: conferences as ReadonlyMap<string, LiveConference>,
  /** Steps whenever the stream tells of an alert. */
  get alertsVersion(): number {
    return alertsVersion;
  },
  get state(): StreamState {
    return state;
  },
  /** True from the first snapshot on, also while the connection is lost. */
  get known(): boolean {
    return state.kind === 'live' || state.kind === 'lost';
  },
  /** How much later the last message came than the fastest one. */
  get delayMs(): number {
    return delayMs;
  },
  /** Parts of the server that do not work. */
  get failing(): readonly SystemPart[] {
    return failing;
  },
  serverTime: (deviceTimeMs: number): number => serverClock.serverTime(deviceTimeMs),
  /** Connects again at once instead of waiting for the next attempt. */
  retry(): void {
    stream?.nudge();
  },
  queueName(id: string | null): string {
    return id === null ? '' : (queueNames.get(id) ?? '');
  },
  agentName(id: string | null): string {
    return id === null ? '' : (agents.get(id)?.name ?? '');
  },
  nameQueue(id: string, name: string): void {
    queueNames.set(id, name);
  },
  /** Facts of one contact that arrived since the console was opened, oldest first. */
  factsOf(contactId: ContactId): ContactFactMessage[] {
    return recentFacts.filter((fact) => fact.contactId === contactId);
  },
  /** Returns the function that stops listening. */
  onFact(listener: (fact: ContactFactMessage) => void): () => void {
    factListeners.add(listener);
    return () => factListeners.delete(listener);
  },
  start(): void {
    if (stream) return;
    stream = createStream({
      topics: topics(),
      open: () => openSocket(address()),
      now: () => Date.now(),
      after(delay, act) {
        const timer = setTimeout(act, delay);
        return () => clearTimeout(timer);
      },
      draw: () => Math.random(),
      onmessage: receive,
      onstate(next) {
        state = next;
        freezeTimesAt(next.kind === 'lost' ? next.since : null);
        if (next.kind === 'ended') session.expired();
      },
    });
    stream.start();
    window.addEventListener('online', nudge);
    document.addEventListener('visibilitychange', nudge);
    learnQueueNames().catch(() => undefined);
  },
  stop(): void {
    window.removeEventListener('online', nudge);
    document.removeEventListener('visibilitychange', nudge);
    stream?.stop();
    freezeTimesAt(null);
    stream = null;
    agents.clear();
    queues.clear();
    calls.clear();
    trunks.clear();
    conferences.clear();
    alerts.clear();
    queueNames.clear();
    recentFacts.length = 0;
  },
};
