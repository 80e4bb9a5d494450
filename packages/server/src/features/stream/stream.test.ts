import {
  type Alert,
  type AgentId,
  type ContactFact,
  type ContactId,
  type LegId,
  type LiveCall,
  type QueueId,
  type FixedRole,
} from '@crosspoint/contracts';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { agentLive, FakeCentre, queueStats } from '../../../test/api.ts';
import { connectTo, type FakeSocket } from '../../../test/stream-socket.ts';
import type { Principal } from '../../http/index.ts';
import { newId } from '../../platform/index.ts';
import { StreamHub } from './hub.ts';

const FIRST_SEQ = 1000;
/** Alerts that last, and how the hub hears of another. */
const lasting: Alert[] = [];
let tellAlert: (alert: Alert) => void = () => undefined;
const alerts = {
  lasting: () => lasting,
  listen: (listener: (alert: Alert) => void) => {
    tellAlert = listener;
    return () => undefined;
  },
};
const alert: Alert = {
  ...{ id: newId() as Alert['id'], queueId: newId() as QueueId, queueName: 'Support', kind: 'waiting' },
  ...{ agentId: null, agentName: null, ruleId: null, ruleName: null },
  ...{ value: 4, worst: 4, threshold: 3, raisedAt: '2026-11-21T08:00:00.000Z', clearedAt: null },
  ...{ acknowledgedAt: null, acknowledgedBy: null, note: '' },
};
let centre: FakeCentre;
let hub: StreamHub;
let nowMs: number;
const agentId = newId() as AgentId;
const otherAgentId = newId() as AgentId;
const [served, unserved] = [newId() as QueueId, newId() as QueueId];

beforeEach(() => {
  nowMs = Date.parse('2026-11-21T08:00:00.000Z');
  centre = new FakeCentre();
  centre.agentsById.set(agentId, agentLive(agentId, { queueIds: [served] }));
  centre.agentsById.set(otherAgentId, agentLive(otherAgentId, { queueIds: [unserved] }));
  for (const id of [served, unserved]) centre.queues.set(id, queueStats(id));
  hub = new StreamHub(centre, FIRST_SEQ, alerts, () => FIRST_SEQ);
});

const connect = (role?: FixedRole, userId?: string, scope?: Principal['scope']) =>
  connectTo(hub, { tenantId: centre.tenantId, now: () => nowMs }, { role, userId, scope });

const all = ['queues', 'agents', 'contacts', 'calls'];
const queueChanged = (id: QueueId, waiting: number) =>
  centre.emit({ topic: 'queues', type: 'queue.changed', data: queueStats(id, { waiting }) }, nowMs);
const agentChanged = (id: AgentId, queueIds: QueueId[] = []) =>
  centre.emit({ topic: 'agents', type: 'agent.changed', data: agentLive(id, { queueIds }) }, nowMs);
const fact = (contactId: ContactId, seq: number, type: ContactFact['type'], data: object) =>
  centre.emit(
    {
      topic: 'contacts',
      type: 'contact.fact',
      data: { contactId, seq, at: nowMs, type, data } as ContactFact,
    },
    nowMs,
  );
const callChanged = (id: string, contactId: ContactId, agent: AgentId | null) =>
  centre.emit(
    { topic: 'calls', type: 'call.changed', data: { id, contactId, agentId: agent } as unknown as LiveCall },
    nowMs,
  );

describe('subscribing', () => {
  test('[API-02] says hello, sends what is, then what moves', () => {
    const { socket } = connect();
    expect(socket.sent[0]).toEqual({
      type: 'hello',
      seq: FIRST_SEQ,
      at: '2026-11-21T08:00:00.000Z',
      heartbeatSeconds: 15,
    });
    queueChanged(served, 1);
    socket.says({ type: 'subscribe', topics: all });
    expect(socket.types).toEqual([
      'hello',
      'queues snapshot',
      'agents snapshot',
      'calls snapshot',
      'subscribed',
    ]);
    expect(socket.sent.at(-1)).toMatchObject({ seq: FIRST_SEQ + 1, topics: all, resumed: false });
    queueChanged(served, 2);
    expect(socket.sent.at(-1)).toMatchObject({
      seq: FIRST_SEQ + 2,
      at: '2026-11-21T08:00:00.000Z',
      topic: 'queues',
      type: 'queue.changed',
      data: { queueId: served, waiting: 2 },
    });
  });

  test('[API-02] only to some topics gets only those, and unsubscribing ends them', () => {
    const { socket } = connect();
    socket.says({ type: 'subscribe', topics: ['agents'] });
    queueChanged(served, 1);
    agentChanged(agentId);
    socket.says({ type: 'unsubscribe', topics: ['agents'] });
    agentChanged(agentId);
    expect(socket.types).toEqual(['hello', 'agents snapshot', 'subscribed', 'agents agent.changed']);
  });

  test('[API-02] a fact travels with its contact and an ISO instant', () => {
    const { socket } = connect();
    socket.says({ type: 'subscribe', topics: ['contacts'] });
    const contactId = newId() as ContactId;
    fact(contactId, 1, 'contact.closed', {});
    expect(socket.sent.at(-1)?.data).toEqual({
      contactId,
      seq: 1,
      at: '2026-11-21T08:00:00.000Z',
      type: 'contact.closed',
      data: {},
    });
  });
});

describe('a changed configuration', () => {
  test('[API-02] tells what is gone and what is new, once, to those who may know', () => {
    const [all, one] = [connect(), connect('agent', agentId)];
    for (const { socket } of [all, one]) {
      socket.says({ type: 'subscribe', topics: ['queues', 'agents'] });
      socket.sent.length = 0;
    }
    const [newAgent, newQueue] = [newId() as AgentId, newId() as QueueId];
    centre.agentsById.delete(otherAgentId);
    centre.queues.delete(served);
    centre.queues.delete(unserved);
    centre.agentsById.set(newAgent, agentLive(newAgent));
    centre.queues.set(newQueue, queueStats(newQueue));
    hub.configurationChanged(nowMs);
    hub.configurationChanged(nowMs);
    const told = (socket: FakeSocket) =>
      socket.sent.map((message) => `${message.type} ${message.data.id ?? message.data.queueId}`);
    expect(told(all.socket)).toEqual([
      `agent.removed ${otherAgentId}`,
      `queue.removed ${served}`,
      `queue.removed ${unserved}`,
      `agent.changed ${newAgent}`,
      `queue.changed ${newQueue}`,
    ]);
    expect(told(one.socket)).toEqual([`queue.removed ${served}`]);
  });
});

describe('resuming', () => {
  test('[API-02] sends exactly what was missed', () => {
    const first = connect();
    first.socket.says({ type: 'subscribe', topics: ['queues'] });
    queueChanged(served, 1);
    const seen = first.socket.sent.at(-1)?.seq;
    first.socket.close(1006, '');
    queueChanged(served, 2);
    agentChanged(agentId);
    queueChanged(served, 3);
    const { socket } = connect();
    socket.says({ type: 'subscribe', topics: ['queues'], since: seen });
    expect(socket.types).toEqual(['hello', 'queues queue.changed', 'queues queue.changed', 'subscribed']);
    expect(socket.sent.slice(1, 3).map((message) => message.data.waiting)).toEqual([2, 3]);
    expect(socket.sent.at(-1)).toMatchObject({ resumed: true });
  });

  test('[API-02] with nothing missed sends nothing', () => {
    const { socket } = connect();
    socket.says({ type: 'subscribe', topics: all, since: FIRST_SEQ });
    expect(socket.types).toEqual(['hello', 'subscribed']);
  });

  test.each([
    ['a gap that is too old', FIRST_SEQ - 1],
    ['a number of another server process', FIRST_SEQ + 5000],
    ['zero', 0],
  ])('[API-02] after %s starts afresh', (_what, since) => {
    queueChanged(served, 1);
    const { socket } = connect();
    socket.says({ type: 'subscribe', topics: ['queues'], since });
    expect(socket.types).toEqual(['hello', 'reset', 'queues snapshot', 'subscribed']);
    expect(socket.sent.at(-1)).toMatchObject({ resumed: false });
  });

  test('[SUP-04] alerts come as those that last and then as they change, to who may read them', () => {
    lasting.push(alert);
    const supervisor = connect().socket;
    const agent = connect('agent', agentId).socket;
    for (const socket of [supervisor, agent]) socket.says({ type: 'subscribe', topics: ['alerts'] });
    lasting.length = 0;
    tellAlert({ ...alert, clearedAt: '2026-11-21T08:01:00.000Z' });
    expect(supervisor.types).toEqual(['hello', 'alerts snapshot', 'subscribed', 'alerts alert.changed']);
    expect(supervisor.sent[1]).toMatchObject({ data: [{ id: alert.id, clearedAt: null }] });
    expect(supervisor.sent.at(-1)).toMatchObject({ data: { clearedAt: '2026-11-21T08:01:00.000Z' } });
    expect(agent.types).toEqual(['hello', 'error', 'subscribed']);
  });

  test('[API-02] whenever the connection breaks, nothing is lost and nothing comes twice', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 60 }), (events) => {
        const own = new StreamHub(centre, FIRST_SEQ, alerts, () => FIRST_SEQ);
        hub = own;
        let { socket } = connect();
        socket.says({ type: 'subscribe', topics: ['queues'] });
        const seen: number[] = [];
        let last = FIRST_SEQ;
        const drain = () => {
          for (const message of socket.sent) {
            if (message.topic !== 'queues' || message.type === 'snapshot') continue;
            seen.push(message.data.waiting);
            last = message.seq;
          }
          socket.sent.length = 0;
        };
        events.forEach((isBreak, index) => {
          if (isBreak) {
            drain();
            socket.close(1006, '');
          }
          queueChanged(served, index);
          if (isBreak) {
            ({ socket } = connect());
            socket.says({ type: 'subscribe', topics: ['queues'], since: last });
          }
        });
        drain();
        own.close();
        expect(seen).toEqual(events.map((_event, index) => index));
      }),
    );
  });

  test('[API-02] the ring keeps the newest and forgets the oldest', () => {
    const events = 25_000;
    for (let count = 0; count < events; count++) queueChanged(served, count);
    expect(hub.seq).toBe(FIRST_SEQ + events);
    expect(hub.after(FIRST_SEQ + events - 10_001)).toBeUndefined();
    const kept = hub.after(FIRST_SEQ + events - 10_000);
    expect(kept).toHaveLength(10_000);
    expect(kept?.[0]?.seq).toBe(FIRST_SEQ + events - 9999);
    expect(hub.after(hub.seq - 1)?.map((event) => event.seq)).toEqual([hub.seq]);
  });
});

describe('what an agent sees', () => {
  test('[TEAM-03] the own status and the queues that the agent serves', () => {
    const { socket } = connect('agent', agentId);
    socket.says({ type: 'subscribe', topics: ['queues', 'agents'] });
    expect(socket.sent[1]?.data.map((queue: { queueId: string }) => queue.queueId)).toEqual([served]);
    expect(socket.sent[2]?.data.map((agent: { id: string }) => agent.id)).toEqual([agentId]);
    socket.sent.length = 0;
    queueChanged(served, 1);
    queueChanged(unserved, 1);
    agentChanged(otherAgentId);
    agentChanged(agentId, [served, unserved]);
    queueChanged(unserved, 2);
    expect(socket.sent.map((message) => [message.type, message.data.queueId ?? message.data.id])).toEqual([
      ['queue.changed', served],
      ['agent.changed', agentId],
      ['queue.changed', unserved],
    ]);
  });

  test('[TEAM-03] of a contact, what follows the offer to the agent, and nothing of other contacts', () => {
    const [mine, other] = [newId() as ContactId, newId() as ContactId];
    const { socket } = connect('agent', agentId);
    socket.says({ type: 'subscribe', topics: ['contacts', 'calls'] });
    socket.sent.length = 0;
    fact(mine, 1, 'contact.started', {});
    callChanged('leg-1', mine, null);
    fact(mine, 2, 'offer.made', { agentId });
    fact(other, 1, 'offer.made', { agentId: otherAgentId });
    callChanged('leg-1', mine, null);
    callChanged('leg-2', other, otherAgentId);
    centre.emit(
      { topic: 'calls', type: 'call.ended', data: { id: 'leg-1' as LegId, contactId: mine } },
      nowMs,
    );
    fact(mine, 3, 'contact.closed', {});
    expect(socket.sent.map((message) => [message.type, message.data.contactId, message.data.seq])).toEqual([
      ['contact.fact', mine, 2],
      ['call.changed', mine, undefined],
      ['call.ended', mine, undefined],
      ['contact.fact', mine, 3],
    ]);
    // Resuming shows no more than was to be seen at the time.
    const again = connect('agent', agentId);
    again.socket.says({ type: 'subscribe', topics: ['contacts'], since: FIRST_SEQ });
    const facts = again.socket.sent.filter((message) => message.topic === 'contacts');
    expect(facts.map((message) => message.data.seq)).toEqual([2, 3]);
  });

  test('[TEAM-03] an analyst may not follow calls, and is told so', () => {
    const { socket } = connect('analyst');
    socket.says({ type: 'subscribe', topics: ['queues', 'calls'] });
    expect(socket.types).toEqual(['hello', 'error', 'queues snapshot', 'subscribed']);
    expect(socket.sent[1]).toMatchObject({ code: 'forbidden' });
    expect(socket.sent.at(-1)?.topics).toEqual(['queues']);
    socket.sent.length = 0;
    callChanged('leg', newId() as ContactId, null);
    expect(socket.sent).toEqual([]);
  });
});

describe('what somebody of a team sees', () => {
  const scope = () => ({
    teamIds: new Set([newId()]),
    agentIds: new Set<string>([agentId]),
    queueIds: new Set<string>([served]),
  });

  test('[TEAM-03] agents and queues in scope, and contacts from the moment in which they met one of these', () => {
    const { socket } = connect('supervisor', newId(), scope());
    socket.says({ type: 'subscribe', topics: all });
    expect(socket.sent[1]?.data.map((queue: { queueId: string }) => queue.queueId)).toEqual([served]);
    expect(socket.sent[2]?.data.map((agent: { id: string }) => agent.id)).toEqual([agentId]);
    socket.sent.length = 0;
    const [mine, other, unclaimed] = [newId() as ContactId, newId() as ContactId, newId() as ContactId];
    for (const id of [mine, other, unclaimed]) fact(id, 1, 'contact.started', {});
    fact(mine, 2, 'queue.entered', { queueId: served });
    fact(other, 2, 'queue.entered', { queueId: unserved });
    // What has been in scope stays there, wherever it goes on to.
    fact(mine, 3, 'queue.entered', { queueId: unserved });
    callChanged('leg-1', mine, otherAgentId);
    callChanged('leg-2', other, otherAgentId);
    queueChanged(unserved, 1);
    agentChanged(otherAgentId);
    for (const id of [mine, other, unclaimed]) fact(id, 9, 'contact.closed', {});
    expect(socket.sent.map((message) => [message.type, message.data.contactId, message.data.seq])).toEqual([
      ['contact.fact', mine, 2],
      ['contact.fact', mine, 3],
      ['call.changed', mine, undefined],
      ['contact.fact', mine, 9],
      ['contact.fact', unclaimed, 9],
    ]);
    const again = connect('supervisor', newId(), scope());
    again.socket.says({ type: 'subscribe', topics: ['contacts'], since: FIRST_SEQ });
    const resumed = again.socket.sent.filter((message) => message.topic === 'contacts');
    expect(resumed.map((message) => [message.data.contactId, message.data.seq])).toEqual([
      ...[2, 3, 9].map((seq) => [mine, seq]),
      [unclaimed, 9],
    ]);
  });

  test('[TEAM-03] begins anew when the teams change, and only then', () => {
    const { socket, client } = connect('supervisor', newId(), scope());
    socket.says({ type: 'subscribe', topics: ['queues', 'agents'] });
    socket.sent.length = 0;
    client.renew({
      ...client.principal,
      scope: { ...scope(), teamIds: client.principal.scope?.teamIds as never },
    });
    expect(socket.sent).toEqual([]);
    client.renew({ ...client.principal, scope: undefined });
    expect(socket.types).toEqual(['reset', 'queues snapshot', 'agents snapshot', 'subscribed']);
    expect(socket.sent[1]?.data).toHaveLength(2);
    expect(socket.sent[2]?.data).toHaveLength(2);
  });
});
