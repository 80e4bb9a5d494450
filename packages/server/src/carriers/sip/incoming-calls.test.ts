import { type TrunkId, TrunkSettings } from '@crosspoint/contracts';
import {
  type Binding,
  encodeUtf8,
  type Flow,
  type InviteEvent,
  parseMessage,
  type SipRequest,
} from '@crosspoint/sip';
import { expect, test } from 'vitest';
import { DeviceFlows } from './device-flows.ts';
import { IncomingCalls, type IncomingCallsContext } from './incoming-calls.ts';
import type { SipTrunk } from './trunk.ts';

const flow: Flow = {
  protocol: 'tls',
  localAddress: '127.0.0.1',
  localPort: 5061,
  remoteAddress: '192.0.2.10',
  remotePort: 40_000,
  connectionId: 1,
};

function invite(number: string, caller = '<sip:+420777000111@example.test>'): SipRequest {
  const text = [
    `INVITE sip:${number}@example.test SIP/2.0`,
    'Via: SIP/2.0/TLS 192.0.2.10;branch=z9hG4bK1',
    `From: ${caller};tag=1`,
    `To: <sip:${number}@example.test>`,
    'Call-ID: 1',
    'CSeq: 1 INVITE',
    'Max-Forwards: 70',
    'Content-Length: 0\r\n\r\n',
  ].join('\r\n');
  const parsed = parseMessage(encodeUtf8(text));
  if (!parsed.ok || parsed.message.kind !== 'request') throw new Error(text);
  return parsed.message;
}

/** Calls on one trunk with these settings; `proven` are the authorities and hosts that were asked about. */
function callsOf(settings: object, hasProven: boolean) {
  const proven: unknown[] = [];
  const reasons: unknown[] = [];
  let calls = 0;
  const state = { isOverloaded: false, isStranger: false, isKnown: true };
  const devices = new DeviceFlows();
  const trunk = {
    id: 'trunk' as TrunkId,
    contactUser: 't-secret',
    isFull: false,
    config: { name: 'carrier' },
    settings: TrunkSettings.parse({ host: 'sip.provider.example', ...settings }),
  } as unknown as SipTrunk;
  const context = {
    trunks: { size: 1, ofIncoming: () => (state.isStranger ? undefined : trunk) },
    devices,
    accounts: { byUsername: () => undefined },
    defence: {
      admit: () => undefined,
      mayCallIn: (_trunk: string, perSecond: number) =>
        ++calls > perSecond ? { status: 503, headers: [['Retry-After', '1']] } : undefined,
    },
    newId: () => 'id',
    isPeer: (_flow: Flow, ...asked: unknown[]) => {
      proven.push(asked);
      return hasProven;
    },
    isOverloaded: () => state.isOverloaded,
    centre: () => ({
      refusal: () => (state.isKnown ? undefined : { code: 404, reason: 'unknown-number' }),
      asksWhoCalls: () => false,
    }),
    log: (fields: { reason?: string }) => void reasons.push(fields.reason),
  } as unknown as IncomingCallsContext;
  const incoming = new IncomingCalls(context);
  return {
    call: () => incoming.admit(invite('700'), { flow, nowMs: 0 }),
    proven,
    reasons,
    state,
    incoming,
    devices,
  };
}

const tls = { authority: 'provider', requireCertificate: true };

test('[OPS-05] a trunk that has to prove itself by a certificate is refused without one, and the log says why', () => {
  const without = callsOf({ tls, alternates: [{ host: '192.0.2.11' }] }, false);
  expect(without.call()).toMatchObject({ status: 403 });
  expect(without.proven).toEqual([['provider', ['sip.provider.example', '192.0.2.11']]]);
  expect(without.reasons).toEqual(['trunk carrier did not prove itself by a certificate']);
  expect(callsOf({ tls }, true).call()).toBeUndefined();
});

test('[OPS-05] other trunks are not asked for a certificate', () => {
  const plain = callsOf({}, false);
  expect(plain.call()).toBeUndefined();
  expect(plain.proven).toEqual([]);
});

test('[OPS-05] a trunk gets only so many calls a second, and is told when to try again', () => {
  const limited = callsOf({ callsPerSecondMax: 2 }, false);
  expect([limited.call(), limited.call(), limited.call()]).toMatchObject([
    undefined,
    undefined,
    { status: 503, headers: [['Retry-After', '1']] },
  ]);
});

test('[OPS-05] new calls are refused while the line is late; who has an account may still call', () => {
  const { call, state, reasons, incoming } = callsOf({}, true);
  expect(call()).toBeUndefined();
  state.isOverloaded = true;
  expect(call()).toEqual({ status: 503, headers: [['Retry-After', '2']] });
  expect(reasons).toEqual(['more messages come than this machine can serve in time']);
  expect(incoming.admit(invite('700'), { flow, nowMs: 0, authenticatedUser: 'anna' })).toBeUndefined();
  state.isOverloaded = false;
  expect(call()).toBeUndefined();
});

test('[RFC3261 §18.1.1] a telephone whose INVITE comes over another transport is asked who it is; a stranger is not', () => {
  const { incoming, state, devices } = callsOf({}, true);
  state.isStranger = true;
  state.isKnown = false;
  const registered = { flow: { ...flow, protocol: 'udp', remotePort: 5060 } } as Binding;
  devices.update('anna', [registered]);
  expect(incoming.needsAccount(invite('103', '<sip:anna@example.test>'), flow)).toBe(true);
  expect(incoming.needsAccount(invite('103', '<sip:berta@example.test>'), flow)).toBe(false);
  const elsewhere = { ...flow, remoteAddress: '192.0.2.99' };
  expect(incoming.needsAccount(invite('103', '<sip:anna@example.test>'), elsewhere)).toBe(false);
});

test('[CAR-01] from a proxy before telephones and a trunk come calls of both: by account, by registered user, by the Contact of the trunk', () => {
  const { incoming, state, devices } = callsOf({}, true);
  devices.update('anna', [{ flow } as Binding]);
  const kindOf = (request: SipRequest) => {
    const { uri, from } = request;
    const read = incoming.read({ request, uri, from, flow, callId: '1' } as unknown as InviteEvent);
    return read.kind === 'customer' ? read.trunk?.config.name : read.kind;
  };
  const anna = '<sip:anna@example.test>';
  expect(kindOf(invite('700'))).toBe('carrier');
  expect(kindOf(invite('700', anna))).toBeUndefined();
  expect(kindOf(invite('t-secret', anna))).toBe('carrier');
  const proving = invite('700');
  proving.push('Authorization', 'Digest username="anna"');
  expect(kindOf(proving)).toBeUndefined();
  // What is no number of ours is the trunk's to answer for, or asks the telephone who it is.
  state.isKnown = false;
  expect(incoming.needsAccount(invite('103'), flow)).toBe(false);
  expect(incoming.needsAccount(invite('103', anna), flow)).toBe(true);
});

test('[RFC3891 §5] a telephone that wants to replace a call is asked whose it is, whatever number it calls', () => {
  const { incoming, state, devices } = callsOf({}, true);
  state.isStranger = true;
  devices.update('anna', [{ flow } as Binding]);
  const request = invite('700', '<sip:anna@example.test>');
  expect(incoming.needsAccount(request, flow)).toBe(false);
  request.push('Replaces', '1;to-tag=a;from-tag=b');
  expect(incoming.needsAccount(request, flow)).toBe(true);
  expect(incoming.admit(request, { flow, nowMs: 0, authenticatedUser: 'anna' })).toBeUndefined();
});

test.each([false, true])(
  '[OPS-05] an endless caller is a short one in the house; stranger: %s',
  (isStranger) => {
    const { incoming, state } = callsOf({}, true);
    state.isStranger = isStranger;
    const request = invite('700', `"${'n'.repeat(3000)}" <sip:${'9'.repeat(2000)}@example.test>`);
    const { uri, from } = request;
    const event = { request, uri, from, flow, callId: '1' } as unknown as InviteEvent;
    expect(incoming.read(event)).toMatchObject({
      kind: 'customer',
      call: { callerName: 'n'.repeat(128), callerPhone: '9'.repeat(64) },
    });
  },
);

test.each([false, true])(
  '[CAR-02] [RFC3261 §19.1.6] what carriers write behind a number is no part of it; stranger: %s',
  (isStranger) => {
    const { incoming, state } = callsOf({}, true);
    state.isStranger = isStranger;
    const request = invite('700;npdi=yes;rn=+420222', '<sip:+420777000111;cpc=ordinary@example.test>');
    const { uri, from } = request;
    const event = { request, uri, from, flow, callId: '1' } as unknown as InviteEvent;
    expect(incoming.read(event)).toMatchObject({
      kind: 'customer',
      call: { number: '700', callerPhone: '+420777000111' },
    });
  },
);
