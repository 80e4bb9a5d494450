import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeUtf8, SipRequest } from '../message/index.ts';
import {
  parseDialogInfo,
  parseMessageSummary,
  parseSipfrag,
  readEvent,
  readExpires,
  readSubscriptionState,
  writeDialogInfo,
  writeEvent,
  writeMessageSummary,
  writeSipfrag,
  writeSubscriptionState,
  type DialogInfo,
} from './index.ts';
import { parseXml } from './xml.ts';

function withHeader(name: string, value: string): SipRequest {
  const request = new SipRequest('NOTIFY', 'sip:a@b');
  request.append(name, value);
  return request;
}

describe('headers of events', () => {
  it('[EVT-01] [RFC6665 §8.2.1] Event is a package in small letters with an id', () => {
    expect(readEvent(withHeader('o', 'Dialog ;id=7'))).toEqual({ package: 'dialog', id: '7' });
    expect(readEvent(withHeader('Event', 'presence.winfo'))).toEqual({
      package: 'presence.winfo',
      id: undefined,
    });
    for (const value of ['', ';id=1', 'a b', 'refer;id="'])
      expect(readEvent(withHeader('Event', value))).toBeUndefined();
    expect(writeEvent({ package: 'refer', id: '3' })).toBe('refer;id=3');
  });

  it('[EVT-02] [RFC6665 §8.2.3] Subscription-State is read and written; unknown states count as active', () => {
    const state = { name: 'terminated', reason: 'probation', retryAfterSeconds: 9 } as const;
    expect(readSubscriptionState(withHeader('Subscription-State', writeSubscriptionState(state)))).toEqual(
      state,
    );
    expect(readSubscriptionState(withHeader('Subscription-State', 'Active; expires=60'))).toEqual({
      name: 'active',
      expiresSeconds: 60,
    });
    expect(readSubscriptionState(withHeader('Subscription-State', 'waiting'))?.name).toBe('active');
    expect(readSubscriptionState(withHeader('Subscription-State', ';expires=1'))).toBeUndefined();
    expect(readSubscriptionState(withHeader('Event', 'x'))).toBeUndefined();
  });

  it('[EVT-03] Expires is a number of seconds or counts as missing', () => {
    expect(readExpires(withHeader('Expires', ' 60 '))).toBe(60);
    expect(readExpires(withHeader('Expires', '-1'))).toBeUndefined();
    expect(readExpires(withHeader('Expires', 'soon'))).toBeUndefined();
  });
});

describe('sipfrag', () => {
  it('[FRG-01] [RFC3420] is read by its status line, whatever follows', () => {
    expect(writeSipfrag(180, undefined)).toBe('SIP/2.0 180 Ringing\r\n');
    expect(parseSipfrag(encodeUtf8('SIP/2.0 486 Busy Here\r\nContact: <sip:a@b>\r\n'))).toEqual({
      status: 486,
      reason: 'Busy Here',
    });
    expect(parseSipfrag(encodeUtf8('sip/2.0 200'))).toEqual({ status: 200, reason: 'OK' });
    for (const text of ['', 'INVITE sip:a@b SIP/2.0', 'SIP/2.0 99 No', 'SIP/2.0 2000 No'])
      expect(parseSipfrag(encodeUtf8(text))).toBeUndefined();
  });
});

describe('message-summary', () => {
  it('[MWI-01] [RFC3842 §5.2] is written as phones expect it', () => {
    const summary = {
      isWaiting: true,
      account: 'sip:700@example.test',
      counts: [
        { messageClass: 'voice-message', newCount: 4, oldCount: 8, newUrgentCount: 1, oldUrgentCount: 2 },
        { messageClass: 'fax-message', newCount: 0, oldCount: 1 },
      ],
    };
    const text = writeMessageSummary(summary);
    expect(text).toBe(
      'Messages-Waiting: yes\r\nMessage-Account: sip:700@example.test\r\nVoice-Message: 4/8 (1/2)\r\nFax-Message: 0/1\r\n',
    );
    expect(parseMessageSummary(text)).toEqual(summary);
  });

  it('[MWI-02] is read with blanks, unknown lines and single messages after it; without its first line it is none', () => {
    const text =
      'messages-waiting : no\nX-Other: 1\nVoice-Message: 0/3 ( 0/1 )\n\nTo: <sip:a@b>\nVoice-Message: 9/9\n';
    expect(parseMessageSummary(encodeUtf8(text))).toEqual({
      isWaiting: false,
      counts: [
        { messageClass: 'voice-message', newCount: 0, oldCount: 3, newUrgentCount: 0, oldUrgentCount: 1 },
      ],
    });
    expect(parseMessageSummary('Voice-Message: 1/1')).toBeUndefined();
    expect(parseMessageSummary('Messages-Waiting: maybe')).toBeUndefined();
    expect(parseMessageSummary(`Messages-Waiting: x${' '.repeat(99_999)}y`)).toBeUndefined();
  });
});

describe('anything', () => {
  it('[EVT-04] no text makes the readers throw', () => {
    const pieces = fc.constantFrom(
      ';',
      '=',
      '"',
      ',',
      ':',
      ' ',
      'a',
      'id',
      'expires',
      '/',
      '1',
      '(',
      '%',
      '<',
      '>',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(pieces).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (value) => {
        readEvent(withHeader('Event', value));
        readSubscriptionState(withHeader('Subscription-State', value));
        parseMessageSummary(value);
        parseSipfrag(encodeUtf8(value));
        parseDialogInfo(value);
      }),
    );
  });
});

describe('dialog-info', () => {
  const text = fc.string({ maxLength: 20, unit: 'grapheme' }).map((value) => value.trim());
  const party = fc.record({ uri: text, displayName: text, targetUri: text }, { requiredKeys: ['uri'] });
  const dialog: fc.Arbitrary<DialogInfo> = fc.record(
    {
      id: text.filter((value) => value !== ''),
      state: fc.constantFrom('trying', 'proceeding', 'early', 'confirmed', 'terminated'),
      direction: fc.constantFrom('initiator', 'recipient'),
      callId: text,
      localTag: text,
      remoteTag: text,
      event: fc.constantFrom(
        'cancelled',
        'rejected',
        'replaced',
        'local-bye',
        'remote-bye',
        'error',
        'timeout',
      ),
      code: fc.integer({ min: 100, max: 699 }),
      durationSeconds: fc.nat(1_000_000),
      local: party,
      remote: party,
    },
    { requiredKeys: ['id', 'state'] },
  );

  it('[DIN-01] [RFC4235 §4.1] what is written reads back the same, whatever the names', () => {
    const document = fc.record({
      version: fc.nat(),
      isFull: fc.boolean(),
      entity: text,
      dialogs: fc.array(dialog, { maxLength: 4 }),
    });
    fc.assert(
      fc.property(document, (value) => {
        expect(parseDialogInfo(encodeUtf8(writeDialogInfo(value)))).toEqual(value);
      }),
    );
  });

  it('[DIN-02] is read with prefixes, comments and elements that are not known', () => {
    const body = `<?xml version='1.0'?><!-- lamps --><d:dialog-info xmlns:d="urn:x" version='3' state="partial" entity="sip:a@b">
      <d:dialog id="1" call-id="&lt;&#65;&#x42;&gt;"><d:state code="180"> Early </d:state><other><![CDATA[<x>]]></other></d:dialog>
      <d:dialog><d:state>early</d:state></d:dialog><d:dialog id="2"><d:state>odd</d:state></d:dialog></d:dialog-info>`;
    expect(parseDialogInfo(body)).toEqual({
      version: 3,
      isFull: false,
      entity: 'sip:a@b',
      dialogs: [{ id: '1', callId: '<AB>', state: 'early', code: 180 }],
    });
  });

  it('[DIN-03] what is malformed, too deep or of another kind is none, and nothing makes it throw or hang', () => {
    const good = writeDialogInfo({ version: 0, isFull: true, entity: 'a', dialogs: [] });
    expect(parseDialogInfo(good)).toBeDefined();
    for (const body of [
      '',
      'text',
      '<a/>',
      '<dialog-info/>',
      good.replace('version="0"', 'version="x"'),
      good.replace('</dialog-info>', ''),
      good.replace('</dialog-info>', '</other>'),
      `<!DOCTYPE a [<!ENTITY x "y">]>${good}`,
      `${good}<again/>`,
      '<a b="<c>',
      '<a b=1/>',
    ])
      expect(parseDialogInfo(body)).toBeUndefined();
    expect(parseXml('<a>'.repeat(21) + '</a>'.repeat(21))).toBeUndefined();
    expect(parseXml(`<a>${'<b/>'.repeat(5_000)}</a>`)).toBeUndefined();
    expect(parseXml('<!--'.repeat(200_000))).toBeUndefined();
    for (const flood of [
      '<',
      `<${'a'.repeat(99_999)}`,
      `<a${' b'.repeat(99_999)}`,
      `<a ${'b'.repeat(99_999)}>`,
    ])
      expect(parseXml(flood)).toBeUndefined();
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('<', '>', '/', 'a', '"', '=', '&', '!', '--', ']]', '?'), { maxLength: 60 }),
        (parts) => {
          parseXml(parts.join(''));
        },
      ),
    );
  });
});
