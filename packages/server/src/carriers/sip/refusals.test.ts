import { encodeUtf8, parseMessage, type SipEvent } from '@crosspoint/sip';
import { expect, test } from 'vitest';
import { codeForCaller, refusalToLog } from './refusals.ts';

type Rejected = Extract<SipEvent, { type: 'rejected' }>;
const rejected = (status: number, reason: string, more: Partial<Rejected> = {}): Rejected => ({
  ...{ type: 'rejected', sessionId: 's', status, reason, cause: 'remote' },
  ...more,
});

test('[CAR-01] a caller is told what concerns people and numbers, not what a provider wants of us', () => {
  for (const code of [403, 404, 408, 410, 433, 480, 484, 486, 487, 488, 500, 503, 600, 603, 607]) {
    expect(codeForCaller(code)).toBe(code);
  }
  for (const code of [401, 405, 407, 415, 420, 422, 423, 481, 482, 483, 489, 491, 493]) {
    expect(codeForCaller(code)).toBe(480);
  }
});

test('[OPS-01] a refusal that is no person’s doing says in the log who said what, and what to do', () => {
  const parsed = parseMessage(
    encodeUtf8(
      [
        'SIP/2.0 488 Not Acceptable Here',
        'Via: SIP/2.0/UDP 10.77.0.1;branch=z9hG4bK1',
        'From: <sip:bob@10.77.0.1>;tag=1',
        'To: <sip:alice@crosspoint>;tag=2',
        'Call-ID: 1',
        'CSeq: 1 INVITE',
        'Warning: 304 linphone "Media type not available"',
        'Content-Length: 0\r\n\r\n',
      ].join('\r\n'),
    ),
  );
  if (!parsed.ok || parsed.message.kind !== 'response') throw new Error('The response is none.');
  const response = parsed.message;
  const line = refusalToLog(
    'sip:alice@10.77.0.10',
    rejected(488, 'Not Acceptable Here', { response }),
    false,
  );
  expect(line).toContain('sip:alice@10.77.0.10 answered 488 Not Acceptable Here (304 linphone');
  expect(line).toContain('"srtp" of the endpoint');
  expect(refusalToLog('sip:1@trunk', rejected(407, 'Proxy Authentication Required'), true)).toContain(
    'user name and password of the trunk',
  );
  expect(refusalToLog('sip:1@trunk', rejected(403, 'Forbidden'), true)).toContain('ask the provider');
  expect(refusalToLog('sip:1@trunk', rejected(302, 'Moved Temporarily'), true)).toContain('"alternates"');
  expect(refusalToLog('sip:a@192.0.2.1', rejected(302, 'Moved Temporarily'), false)).toContain('overflow');
});

test('[OPS-01] what people bring about makes no line', () => {
  expect(refusalToLog('sip:alice@10.77.0.10', rejected(403, 'Declined'), false)).toBeUndefined();
  for (const status of [404, 408, 480, 486, 487, 600, 603]) {
    expect(refusalToLog('sip:1@trunk', rejected(status, ''), true)).toBeUndefined();
  }
  expect(refusalToLog('sip:1@trunk', rejected(407, '', { cause: 'timeout' }), true)).toBeUndefined();
});
