import { type TenantId, type TrunkId, TrunkSettings, type TrunkSettingsInput } from '@crosspoint/contracts';
import { encodeUtf8, parseMessage } from '@crosspoint/sip';
import { describe, expect, test } from 'vitest';
import { SipTrunk } from './trunk.ts';
import { hidesCaller, readTrunkCall } from './trunk-incoming.ts';

function trunk(settings: Partial<TrunkSettingsInput>): SipTrunk {
  const config = {
    tenantId: 'tenant' as TenantId,
    id: 'trunk' as TrunkId,
    name: 'a',
    settings: TrunkSettings.parse({ host: 'h', numbering: { country: 'CZ' }, ...settings }),
  };
  return new SipTrunk(config, 't-secret', {
    targetsOf: async () => ({ targets: [], fault: '' }),
    flowTo: () => Promise.reject(new Error('nothing is called')) as never,
    probe: () => Promise.reject(new Error('nobody is asked')),
    failed: () => undefined,
    registration: undefined,
    now: () => 0,
    changed: () => undefined,
  });
}

function invite(
  { uri = 'sip:555000111@us', from = '<sip:777000222@h>', to = '<sip:555000111@us>' },
  ...more: string[]
) {
  const text = [
    `INVITE ${uri} SIP/2.0`,
    'Via: SIP/2.0/UDP h;branch=z9hG4bKx',
    `From: ${from};tag=f`,
    `To: ${to}`,
    'Call-ID: c',
    'CSeq: 1 INVITE',
    'Max-Forwards: 70',
    'Contact: <sip:h>',
    ...more,
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n');
  const parsed = parseMessage(encodeUtf8(text));
  if (!parsed.ok || parsed.message.kind !== 'request') throw new Error('the test wrote no request');
  return parsed.message;
}

const trusted = trunk({ identity: { trusted: true } });
const asserted = 'P-Asserted-Identity: "Jan" <sip:+420777000333@h>';
const diversion = 'Diversion: <sip:555000999@h>;reason=no-answer';

describe('a call by a trunk', () => {
  test('[CAR-01] has its numbers in E.164', () => {
    expect(readTrunkCall(invite({ from: '"Eva" <sip:777000222@h>' }), trunk({}))).toEqual({
      number: '+420555000111',
      callerPhone: '+420777000222',
      callerName: 'Eva',
      diversions: [],
    });
  });

  test('[RFC3325 §6] is from whom a trusted provider says, and from whom From says otherwise', () => {
    const request = invite({}, asserted, diversion);
    expect(readTrunkCall(request, trusted)).toMatchObject({
      callerPhone: '+420777000333',
      callerName: 'Jan',
      diversions: [{ number: '+420555000999', reason: 'no-answer' }],
    });
    expect(readTrunkCall(request, trunk({}))).toMatchObject({ callerPhone: '+420777000222', diversions: [] });
  });

  test('[RFC3323 §4.1] of a caller who hides shows no number, though the network knows it', () => {
    const hidden = invite({ from: '"Anonymous" <sip:anonymous@anonymous.invalid>' }, asserted, 'Privacy: id');
    expect(hidesCaller(hidden, trusted)).toBe(true);
    expect(readTrunkCall(hidden, trusted)).toMatchObject({ callerPhone: '', callerName: '' });
    expect(hidesCaller(invite({ from: '<sip:anonymous@h>' }), trunk({}))).toBe(true);
    expect(hidesCaller(invite({}, asserted), trusted)).toBe(false);
  });

  test('[CAR-01] to our registered Contact names the dialled number in To or P-Called-Party-ID', () => {
    const uri = 'sip:t-secret@us';
    const registered = trunk({ register: { username: '555000444' } });
    expect(readTrunkCall(invite({ uri }), registered).number).toBe('+420555000111');
    const called = 'P-Called-Party-ID: <sip:555000555@h>';
    expect(readTrunkCall(invite({ uri }, called), registered).number).toBe('+420555000555');
    const nothing = invite({ uri, to: '<sip:t-secret@us>' });
    expect(readTrunkCall(nothing, registered).number).toBe('+420555000444');
  });
});
