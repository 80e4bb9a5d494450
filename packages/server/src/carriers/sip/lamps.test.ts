import type { AgentId, LegId, TenantId } from '@crosspoint/contracts';
import type { EventContent } from '@crosspoint/sip';
import { describe, expect, test } from 'vitest';
import type { SipAccount } from './accounts.ts';
import { AgentLamps, type AgentLampsContext, type SubscribeRequest } from './lamps.ts';
import { MessageLamps } from './mwi.ts';

const ann = 'ann' as AgentId;
const leg = (name: string) => name as LegId;
const end = { code: 200, reason: 'hung-up', by: 'remote' } as const;
const done = { ok: true } as const;

function account(name: string, tenantId = 'tenant'): SipAccount {
  return {
    ...{ tenantId: tenantId as TenantId, agentId: name as AgentId, username: name },
    ...{ ha1Md5: '', ha1Sha256: '' },
  };
}

/** Lamps of one tenant with the agents ann (extension 101) and bob, and what their watchers are told. */
function lamps(mayPickUp: AgentLampsContext['mayPickUp'] = async () => false) {
  const told: [string, string, unknown][] = [];
  const accounts = new Map(
    [account('ann'), account('bob'), account('eve', 'other')].map((a) => [a.username, a]),
  );
  const dialogsOf = (content: EventContent) =>
    'dialogs' in content
      ? content.dialogs.map(({ id, state, direction, callId, localTag, remoteTag }) =>
          [id, state, direction, callId, localTag, remoteTag].filter(Boolean).join(' '),
        )
      : content;
  const context: AgentLampsContext = {
    notifier: {
      accept: (id, content) => (told.push([id, 'accept', dialogsOf(content)]), done),
      refuse: (id, status) => (told.push([id, 'refuse', status]), done),
      notify: (id, content) => (told.push([id, 'notify', dialogsOf(content)]), done),
      end: (id) => (told.push([id, 'end', undefined]), done),
    },
    accountOf: (username) => accounts.get(username),
    colleagueOf: ({ tenantId }, name) => {
      const found = accounts.get(name === '101' ? 'ann' : name);
      return found?.tenantId === tenantId ? found.agentId : undefined;
    },
    mayPickUp,
    dialogOf: () => ({ callId: 'call', localTag: 'ours', remoteTag: 'theirs' }),
  };
  const machine = new AgentLamps(context);
  const request = (subscriptionId: string, from: string | undefined, name: string, expiresSeconds = 600) =>
    ({
      ...{ subscriptionId, resource: { user: name }, expiresSeconds },
      ...(from === undefined ? {} : { authenticatedUser: from }),
    }) as unknown as SubscribeRequest;
  const watch = (...given: Parameters<typeof request>) => machine.subscribed(request(...given));
  return { machine, told, watch, request, context };
}

describe('a lamp', () => {
  test('[RFC4235 §4.1.2] tells those who may pick calls up by what, and nobody else', async () => {
    const asked: string[] = [];
    const { machine, told, watch } = lamps(async (agentId) => {
      asked.push(agentId);
      if (agentId === 'eve') throw new Error('the database is away');
      return agentId === 'ann';
    });
    machine.called(leg('1'), 'bob' as AgentId);
    machine.reported(leg('1'), { type: 'ringing' });
    watch('allowed', 'ann', 'bob');
    watch('denied', 'bob', 'bob');
    watch('unknown', 'eve', 'eve');
    await Promise.resolve();
    await Promise.resolve();
    expect(asked).toEqual(['ann', 'bob', 'eve']);
    machine.reported(leg('1'), { type: 'answered' });
    // The telephone that is watched calls its own tag the local one.
    expect(told.filter(([id]) => id === 'allowed').map(([, , seen]) => seen)).toEqual([
      ['1 early recipient'],
      ['1 early recipient call theirs ours'],
      ['1 confirmed recipient call theirs ours'],
    ]);
    expect(told.filter(([id]) => id === 'denied').map(([, , seen]) => seen)).toEqual([
      ['1 early recipient'],
      ['1 confirmed recipient'],
    ]);
    expect(told.filter(([id]) => id === 'unknown')).toHaveLength(1);
  });

  test('[CAR-06] [RFC4235 §3.7.1] shows a device of the colleague ring, speak and be free again', () => {
    const { machine, told, watch } = lamps();
    watch('s', 'bob', '101');
    machine.called(leg('1'), ann);
    machine.reported(leg('1'), { type: 'ringing' });
    machine.reported(leg('1'), { type: 'answered' });
    machine.reported(leg('1'), { type: 'held' });
    machine.reported(leg('1'), { type: 'ended', end });
    expect(told).toEqual([
      ['s', 'accept', []],
      ['s', 'notify', ['1 early recipient']],
      ['s', 'notify', ['1 confirmed recipient']],
      ['s', 'notify', ['1 terminated recipient']],
    ]);
    expect(machine.statistics()).toEqual({ watches: 1, calls: 0 });
  });

  test('[CAR-06] shows the calls that the colleague makes, beside others, and one that is refused', () => {
    const { machine, told, watch } = lamps();
    machine.calling(leg('1'), ann);
    machine.reported(leg('1'), { type: 'answered' });
    watch('s', 'bob', 'ann');
    machine.calling(leg('2'), ann);
    machine.over(leg('2'));
    machine.over(leg('2'));
    machine.called(leg('3'), ann);
    machine.reported(leg('3'), { type: 'failed', end });
    expect(told).toEqual([
      ['s', 'accept', ['1 confirmed initiator']],
      ['s', 'notify', ['1 confirmed initiator', '2 early initiator']],
      ['s', 'notify', ['1 confirmed initiator', '2 terminated initiator']],
    ]);
    machine.reported(leg('1'), { type: 'ended', end });
    expect(machine.statistics()).toEqual({ watches: 1, calls: 0 });
  });

  test('[CAR-06] is for colleagues: not for strangers, other tenants or numbers that nobody has', () => {
    const { machine, told, watch } = lamps();
    watch('stranger', undefined, '101');
    watch('unknown', 'nobody', '101');
    watch('tenant', 'eve', '101');
    watch('number', 'bob', '999');
    expect(told).toEqual([
      ['stranger', 'refuse', 403],
      ['unknown', 'refuse', 403],
      ['tenant', 'refuse', 404],
      ['number', 'refuse', 404],
    ]);
    expect(machine.statistics()).toEqual({ watches: 0, calls: 0 });
  });

  test('[CAR-06] that is over, or whose account is gone, is told nothing more and leaves nothing behind', () => {
    const { machine, told, watch } = lamps();
    watch('first', 'bob', 'ann');
    watch('second', 'bob', 'ann');
    watch('own', 'ann', 'ann');
    watch('once', 'bob', 'ann', 0);
    machine.ended('first');
    machine.ended('first');
    machine.forget('bob');
    machine.calling(leg('1'), ann);
    expect(told.slice(4)).toEqual([
      ['second', 'end', undefined],
      ['own', 'notify', ['1 early initiator']],
    ]);
    machine.ended('own');
    machine.over(leg('1'));
    expect(machine.statistics()).toEqual({ watches: 0, calls: 0 });
  });
});

test('[CAR-06] [RFC3842 §3] the lamp of messages is for one’s own mailbox, by name or extension, and follows what waits', () => {
  const { told, request, context } = lamps();
  const machine = new MessageLamps(context);
  const summary = (newCount: number, oldCount: number) => ({
    messages: { isWaiting: newCount > 0, counts: [{ messageClass: 'voice-message', newCount, oldCount }] },
  });
  machine.subscribed(request('own', 'ann', 'ann'));
  machine.subscribed(request('extension', 'ann', '101'));
  machine.subscribed(request('other', 'bob', '101'));
  machine.subscribed(request('stranger', undefined, 'ann'));
  machine.subscribed(request('once', 'ann', 'ann', 0));
  expect(told.splice(0)).toEqual([
    ['own', 'accept', summary(0, 0)],
    ['extension', 'accept', summary(0, 0)],
    ['other', 'refuse', 403],
    ['stranger', 'refuse', 403],
    ['once', 'accept', summary(0, 0)],
  ]);
  machine.show(new Map([[ann, { unheard: 2, heard: 1 }]]));
  machine.show(new Map([[ann, { unheard: 2, heard: 1 }]]));
  machine.ended('extension');
  machine.show(new Map());
  machine.forget('ann');
  machine.show(new Map([[ann, { unheard: 1, heard: 0 }]]));
  expect(told).toEqual([
    ['own', 'notify', summary(2, 1)],
    ['extension', 'notify', summary(2, 1)],
    ['own', 'notify', summary(0, 0)],
    ['own', 'end', undefined],
  ]);
});
