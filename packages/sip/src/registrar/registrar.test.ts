import { describe, expect, it } from 'vitest';
import type { Flow } from '../flow/index.ts';
import { SipRequest } from '../message/index.ts';
import { TimerQueue } from '../timers/index.ts';
import { Registrar, type RegistrationChange } from './index.ts';

const flow: Flow = {
  protocol: 'udp',
  localAddress: '10.0.0.1',
  localPort: 5060,
  remoteAddress: '192.0.2.9',
  remotePort: 40_000,
};
const aor = 'sip:alice@example.test';

function setup(limits: { bindingsPerAorMax?: number; aorsMax?: number } = {}) {
  const timers = new TimerQueue();
  const changes: RegistrationChange[] = [];
  const registrar = new Registrar(
    {
      realm: 'example.test',
      policy: { expiresDefaultSeconds: 300, expiresMinSeconds: 60, expiresMaxSeconds: 3_600 },
      bindingsPerAorMax: 3,
      aorsMax: 2,
      onChange: (change) => changes.push(change),
      ...limits,
    },
    timers,
  );
  let sequence = 0;
  const register = (
    contacts: string[],
    options: {
      expires?: string;
      callId?: string;
      cseq?: number;
      user?: string;
      flow?: Flow;
      nowMs?: number;
      path?: string;
      headers?: ReadonlyArray<readonly [string, string]>;
    } = {},
  ) => {
    const request = new SipRequest('REGISTER', 'sip:example.test');
    request.push('Call-ID', options.callId ?? 'phone-1');
    request.push('CSeq', `${options.cseq ?? ++sequence} REGISTER`);
    for (const contact of contacts) request.push('Contact', contact);
    if (options.expires !== undefined) request.push('Expires', options.expires);
    if (options.path !== undefined) request.push('Path', options.path);
    for (const [name, value] of options.headers ?? []) request.push(name, value);
    return registrar.register(request, options.user ?? 'alice', options.flow ?? flow, options.nowMs ?? 0);
  };
  return { timers, changes, registrar, register };
}

describe('Registrar', () => {
  it('[REG-01] binds a contact, lists it with its expiry, and keeps the flow it came on', () => {
    const { registrar, register, changes } = setup();
    const answer = register(['"Desk" <sip:alice@10.1.1.1:5062>;expires=120;q=0.7']);
    expect(answer.status).toBe(200);
    expect(answer.headers).toEqual([['Contact', '<sip:alice@10.1.1.1:5062>;q=0.7;expires=120']]);
    expect(registrar.bindings('alice')[0]).toMatchObject({
      aor,
      contact: 'sip:alice@10.1.1.1:5062',
      flow,
      q: 0.7,
      expiresAtMs: 120_000,
    });
    expect(changes.map((change) => change.cause)).toEqual(['registered']);
    expect(register([]).headers).toHaveLength(1);
  });

  it('[REG-02] [RFC3261 §10.3] chooses the expiry: parameter, header, default; 423 below and shortened above', () => {
    const { register } = setup();
    const expires = (contact: string, header?: string): string | undefined =>
      register([contact], header === undefined ? {} : { expires: header }).headers[0]?.[1];
    expect(expires('<sip:a@h>;expires=100', '200')).toBe('<sip:a@h>;expires=100');
    expect(expires('<sip:a@h>', '200')).toBe('<sip:a@h>;expires=200');
    expect(expires('<sip:a@h>')).toBe('<sip:a@h>;expires=300');
    expect(expires('<sip:a@h>;expires=soon')).toBe('<sip:a@h>;expires=300');
    expect(expires('<sip:a@h>;expires=4000000000')).toBe('<sip:a@h>;expires=3600');
    expect(expires('<sip:a@h>;expires=60')).toBe('<sip:a@h>;expires=60');
    expect(register(['<sip:a@h>;expires=59'])).toEqual({ status: 423, headers: [['Min-Expires', '60']] });
  });

  it('[REG-03] refreshes an equal contact, also when the port of the phone has moved', () => {
    const { registrar, register, changes } = setup();
    register(['<sip:a@h;x=1>']);
    const moved = { ...flow, remotePort: 40_001 };
    register(['<sip:a@H>'], { flow: moved });
    expect(registrar.bindings(aor)).toHaveLength(1);
    expect(registrar.bindings(aor)[0]?.flow).toEqual(moved);
    expect(changes.map((change) => change.cause)).toEqual(['registered', 'refreshed']);
    register(['<sip:a@other>;+sip.instance="<urn:uuid:1>";reg-id=1']);
    register(['<sip:a@another>;+sip.instance="<urn:uuid:1>";reg-id=1']);
    expect(
      registrar
        .bindings(aor)
        .map((binding) => binding.contact)
        .sort(),
    ).toEqual(['sip:a@H', 'sip:a@another']);
  });

  it('[OUT-01] [RFC5626 §6] agrees to outbound with who names instance and flow, and says how to keep it alive', () => {
    const { registrar, register } = setup();
    const contact = '<sip:a@h>;+sip.instance="<urn:uuid:1>";reg-id=1';
    const outbound = ['Supported', 'path, outbound'] as const;
    const extra = (contacts: string[], headers: ReadonlyArray<readonly [string, string]>, over = flow) => {
      const answer = register(contacts, { headers, flow: over });
      return [
        answer.status,
        ...answer.headers.filter(([name]) => name !== 'Contact').map(([, value]) => value),
      ];
    };
    expect(extra([contact], [outbound])).toEqual([200, 'outbound']);
    const stream: Flow = { ...flow, protocol: 'tcp', connectionId: 3 };
    expect(extra([contact], [outbound], stream)).toEqual([200, 'outbound', '120']);
    expect(registrar.bindings(aor)).toHaveLength(1);
    expect(registrar.bindings(aor)[0]).toMatchObject({ flow: stream, registrationId: 1 });
    expect(extra([contact], [])).toEqual([200]);
    expect(extra([contact.replace('reg-id=1', 'reg-id=0')], [outbound])).toEqual([200]);
    expect(extra(['<sip:a@h>;reg-id=1'], [outbound])).toEqual([200]);
    expect(extra([contact, '<sip:b@h>'], [outbound])).toEqual([400]);
    expect(extra([`${contact};expires=0`], [outbound])).toEqual([200]);
  });

  it('[OUT-02] [RFC5626 §6] refuses it behind a first proxy that does not keep flows', () => {
    const { register } = setup();
    const status = (path: string) =>
      register(['<sip:a@h>;+sip.instance="<urn:uuid:1>";reg-id=1'], {
        path,
        headers: [
          ['Supported', 'outbound'],
          ['Via', 'SIP/2.0/UDP p;branch=z9hG4bK1'],
          ['Via', 'SIP/2.0/UDP h;branch=z9hG4bK2'],
        ],
      }).status;
    expect(status('<sip:core;lr;ob>, <sip:edge;lr>')).toBe(439);
    expect(status('<sip:core;lr>, <sip:edge;lr;ob>')).toBe(200);
  });

  it('[OUT-03] keeps several flows of one phone apart, each in its place', () => {
    const { registrar, register } = setup();
    const contact = (number: number, host = 'h') =>
      `<sip:a@${host}>;+sip.instance="<urn:uuid:1>";reg-id=${number}`;
    register([contact(1)]);
    register([contact(2)], { callId: 'phone-2' });
    expect(
      registrar
        .bindings(aor)
        .map(({ registrationId }) => registrationId)
        .sort((a, b) => Number(a) - Number(b)),
    ).toEqual([1, 2]);
    register([contact(2, 'other')], { callId: 'phone-3' });
    expect(registrar.bindings(aor)).toHaveLength(2);
    expect(registrar.bindings(aor).find(({ registrationId }) => registrationId === 2)?.contact).toBe(
      'sip:a@other',
    );
  });

  it('[REG-04] takes exactly as many contacts as the limit, all of a request or none', () => {
    const { registrar, register } = setup();
    expect(register(['<sip:a@1>, <sip:a@2>, <sip:a@3>']).status).toBe(200);
    expect(register(['<sip:a@4>, <sip:a@5>, <sip:a@6>, <sip:a@7>']).status).toBe(403);
    expect(registrar.bindings(aor).map((binding) => binding.contact)).toContain('sip:a@3');
    expect(register(['<sip:a@3>;expires=0, <sip:a@4>']).status).toBe(200);
    expect(registrar.bindings(aor)).toHaveLength(3);
    expect(register(['<sip:a@1>;expires=0, <sip:a@5>;expires=5']).status).toBe(423);
    expect(registrar.bindings(aor)).toHaveLength(3);
  });

  it('[REG-04] a phone that restarts again and again replaces what it left behind longest ago', () => {
    const { registrar, register, changes, timers } = setup();
    for (let start = 1; start <= 9; start++) {
      const answer = register([`<sip:a@h:${5_000 + start}>`], { callId: `start-${start}`, nowMs: start });
      expect([answer.status, registrar.bindings(aor)[0]?.contact]).toEqual([200, `sip:a@h:${5_000 + start}`]);
    }
    expect(registrar.bindings(aor).map((binding) => binding.contact)).toEqual(
      [9, 8, 7].map((start) => `sip:a@h:${5_000 + start}`),
    );
    expect(changes.filter(({ cause }) => cause === 'replaced')).toHaveLength(6);
    expect(timers.size).toBe(3);
  });

  it('[REG-08] with equal q the phone heard of last comes first, however long another has asked for', () => {
    const { registrar, register } = setup();
    register(['<sip:a@old>;expires=3600'], { callId: 'old', nowMs: 0 });
    register(['<sip:a@new>;expires=60'], { callId: 'new', nowMs: 1_000 });
    expect(registrar.bindings(aor).map((binding) => binding.contact)).toEqual(['sip:a@new', 'sip:a@old']);
    register(['<sip:a@old>;expires=3600'], { callId: 'old', nowMs: 2_000 });
    expect(registrar.bindings(aor)[0]?.contact).toBe('sip:a@old');
  });

  it('[REG-04] takes exactly as many addresses of record as the limit', () => {
    const { register } = setup();
    expect(['u1', 'u2', 'u3'].map((user) => register(['<sip:x@h>'], { user, callId: user }).status)).toEqual([
      200, 200, 503,
    ]);
  });

  it('[REG-05] [RFC3261 §10.3] refuses a lower or equal CSeq within a Call-ID', () => {
    const { register } = setup();
    register(['<sip:a@h>'], { cseq: 5 });
    expect(register(['<sip:a@h>'], { cseq: 5 }).status).toBe(500);
    expect(register(['*'], { cseq: 4, expires: '0' }).status).toBe(500);
    expect(register(['<sip:a@h>'], { cseq: 1, callId: 'rebooted' }).status).toBe(200);
  });

  it('[REG-03] a telephone that was installed anew replaces itself; equal contacts of two NATs stay two', () => {
    const { registrar, register } = setup();
    const contact = (name: string): string =>
      `<sip:alice@192.168.1.10;transport=udp>;+sip.instance="<urn:uuid:${name}>"`;
    const other = { ...flow, remoteAddress: '198.51.100.7' };
    register([contact('first')]);
    register([contact('second')], { callId: 'phone-2' });
    expect(registrar.bindings('alice')).toMatchObject([{ instanceId: '<urn:uuid:second>' }]);
    register([contact('third')], { callId: 'phone-3', flow: other });
    expect(registrar.bindings('alice')).toHaveLength(2);
    register([contact('fourth')], { callId: 'phone-4', path: '<sip:edge.test;lr;received=sip:203.0.113.5>' });
    expect(registrar.bindings('alice')).toHaveLength(3);
  });

  it('[REG-06] removes one contact with expires=0 and all with *', () => {
    const { registrar, register, changes } = setup();
    register(['<sip:a@1>, <sip:a@2>, <sip:a@3>']);
    register(['<sip:a@2>;expires=0']);
    expect(
      registrar
        .bindings(aor)
        .map((binding) => binding.contact)
        .sort(),
    ).toEqual(['sip:a@1', 'sip:a@3']);
    expect(register(['*']).status).toBe(400);
    expect(register(['*', '<sip:a@1>'], { expires: '0' }).status).toBe(400);
    expect(register(['*'], { expires: '0' })).toEqual({ status: 200, headers: [] });
    expect(changes.at(-1)).toMatchObject({ cause: 'unregistered', bindings: [] });
    expect(changes.at(-1)?.changed).toHaveLength(2);
    expect(registrar.size).toBe(0);
  });

  it('[REG-07] forgets a binding when its time is up and says so', () => {
    const { timers, changes, registrar, register } = setup();
    register(['<sip:a@h>;expires=60']);
    timers.fire(59_999);
    expect(registrar.size).toBe(1);
    timers.fire(60_000);
    expect([registrar.size, timers.size, changes.at(-1)?.cause]).toEqual([0, 0, 'expired']);
  });

  it('[REG-08] orders bindings by q', () => {
    const { registrar, register } = setup();
    register(['<sip:a@1>;q=0.1, <sip:a@2>;q=1.0, <sip:a@3>;q=nonsense']);
    expect(registrar.bindings(aor).map((binding) => binding.q)).toEqual([1, 1, 0.1]);
  });

  it('[REG-09] exports plain data and takes back what is still alive', () => {
    const first = setup();
    first.register(['<sip:a@1>;expires=60'], { path: '<sip:edge;lr>' });
    first.register(['<sip:a@2>;expires=600'], { callId: 'b' });
    const stored = JSON.parse(JSON.stringify(first.registrar.export()));
    expect(stored[0].path).toEqual(['<sip:edge;lr>']);
    const second = setup();
    expect(second.registrar.import(stored, 100_000)).toBe(1);
    expect(second.registrar.bindings('alice')).toEqual(first.registrar.export().slice(1));
    expect(second.timers.nextDeadlineMs()).toBe(600_000);
  });

  it('[REG-09] leaves out what hung on a connection, unless the phone listens at its contact', () => {
    const first = setup();
    const connection: Flow = { ...flow, protocol: 'tcp', connectionId: 4 };
    first.register(['<sip:a@10.1.1.1;transport=tcp>, <sip:a@192.0.2.9:5070;transport=tcp>'], {
      flow: connection,
    });
    const second = setup();
    expect(second.registrar.import(first.registrar.export(), 0)).toBe(1);
    const { connectionId: _closed, ...withoutConnection } = connection;
    expect(second.registrar.bindings(aor)[0]?.flow).toEqual({ ...withoutConnection, remotePort: 5_070 });
  });

  it('[REG-10] loses a binding with its connection, unless the phone listens at its contact', () => {
    const { registrar, register, changes } = setup();
    const connection: Flow = { ...flow, protocol: 'tcp', connectionId: 4 };
    register(['<sip:a@10.1.1.1;transport=tcp>'], { flow: connection });
    register(['<sip:a@192.0.2.9:5070;transport=tcp>'], { flow: connection });
    registrar.flowClosed({ ...connection, connectionId: 5 });
    expect(registrar.size).toBe(2);
    registrar.flowClosed(connection);
    expect(changes.at(-1)).toMatchObject({ cause: 'flow-closed' });
    const { connectionId: _closed, ...withoutConnection } = connection;
    expect(registrar.bindings(aor).map((binding) => binding.flow)).toEqual([
      { ...withoutConnection, remotePort: 5_070 },
    ]);
  });

  it('[REG-11] forgets a user on demand', () => {
    const { timers, changes, registrar, register } = setup();
    register(['<sip:a@1>']);
    registrar.remove('alice');
    expect([registrar.size, timers.size, changes.at(-1)?.cause]).toEqual([0, 0, 'removed']);
  });

  it('[REG-12] refuses contacts that are no SIP URI', () => {
    const { register } = setup();
    expect(register(['<mailto:a@b>']).status).toBe(400);
    expect(register(['<sip:a@b']).status).toBe(400);
  });
});
