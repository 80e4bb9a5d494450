import { describe, expect, it } from 'vitest';
import { flow, headerOf, reply, tagOf, Wire } from '../../test/wire.ts';
import { isIdle } from '../../test/world.ts';
import type { SipStackOptions } from '../index.ts';

const sdp = 'v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nc=IN IP4 1.2.3.4\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';
const elsewhere = { ...flow, remoteAddress: '192.0.2.77' };
const follow: Partial<SipStackOptions> = { redirect: () => elsewhere };

function calling(options: Partial<SipStackOptions> = follow): Wire {
  const wire = new Wire(options);
  wire.stack.invite(
    {
      sessionId: 's',
      uri: 'sip:bob@192.0.2.9',
      flow,
      from: 'sip:700@example.test',
      to: 'sip:bob@example.test',
      credentials: { username: 'u', password: 'p' },
      body: sdp,
    },
    wire.nowMs,
  );
  wire.collect();
  return wire;
}

/** Answers the last INVITE with a redirection; returns the Request-URI of the next one, or ''. */
function redirect(wire: Wire, ...contacts: string[]): string {
  const headers = contacts.map((contact) => `Contact: ${contact}`);
  const sent = wire.receive(reply(lastInvite(wire), '302 Moved Temporarily', { tag: 'r', headers }));
  return targetOf(sent);
}

function refuse(wire: Wire, status: string, headers: string[] = []): string {
  return targetOf(wire.receive(reply(lastInvite(wire), status, { tag: 'n', headers })));
}

function lastInvite(wire: Wire): string {
  return wire.sent.findLast(({ text }) => text.startsWith('INVITE'))?.text ?? '';
}

function targetOf(sent: string[]): string {
  return sent.find((text) => text.startsWith('INVITE'))?.split(' ')[1] ?? '';
}

describe('a redirected call', () => {
  it('[RED-01] [RFC3261 §8.1.3.4] goes to the Contact with the same From, To and Call-ID', () => {
    const wire = calling();
    const first = lastInvite(wire);
    expect(redirect(wire, '<sip:carol@192.0.2.77>')).toBe('sip:carol@192.0.2.77');
    const second = lastInvite(wire);
    expect(wire.sent.at(-1)?.flow).toEqual(elsewhere);
    for (const name of ['From', 'To', 'Call-ID']) expect(headerOf(second, name)).toBe(headerOf(first, name));
    expect(headerOf(second, 'CSeq')).toBe('2 INVITE');
    expect(headerOf(second, 'Via')).not.toBe(headerOf(first, 'Via'));
    expect(second.endsWith(sdp)).toBe(true);
    const headers = ['Contact: <sip:carol@192.0.2.77>'];
    wire.receive(reply(second, '200 OK', { tag: 'carol', headers, body: sdp }));
    expect(headerOf(wire.last, 'CSeq')).toBe('2 ACK');
    expect(wire.sent.at(-1)?.flow).toEqual(elsewhere);
    expect(tagOf(headerOf(wire.last, 'To'))).toBe('carol');
    expect(wire.of('accepted')).toHaveLength(1);
  });

  it('[RED-02] tries several Contacts by q until one answers, but none after 6xx', () => {
    const wire = calling();
    expect(redirect(wire, '<sip:low@a.test>;q=0.1', '<sip:high@a.test>;q=0.9')).toBe('sip:high@a.test');
    expect(refuse(wire, '486 Busy Here')).toBe('sip:low@a.test');
    expect(refuse(wire, '480 Temporarily Unavailable')).toBe('');
    expect(wire.of('rejected')[0]).toMatchObject({ status: 480 });
    const declined = calling();
    redirect(declined, '<sip:one@a.test>', '<sip:two@a.test>');
    expect(refuse(declined, '603 Decline')).toBe('');
    expect(declined.of('rejected')[0]).toMatchObject({ status: 603 });
  });

  it('[RED-03] never goes anywhere twice, and gives up after five targets', () => {
    const wire = calling();
    expect(redirect(wire, '<sip:carol@a.test>')).toBe('sip:carol@a.test');
    expect(redirect(wire, '<sip:bob@192.0.2.9>', '<sip:carol@a.test>')).toBe('');
    expect(wire.of('rejected')[0]).toMatchObject({ status: 302 });
    const endless = calling();
    for (let i = 0; i < 10 && endless.of('rejected').length === 0; i++)
      redirect(endless, `<sip:n${i}@a.test>`);
    expect(endless.sent.filter(({ text }) => text.startsWith('INVITE'))).toHaveLength(6);
    endless.pass(40_000);
    expect(isIdle(endless.stack)).toBe(true);
  });

  it('[RED-04] is reported as refused when the consumer does not follow, or knows no way', () => {
    for (const options of [{}, { redirect: () => undefined }]) {
      const wire = calling(options);
      expect(redirect(wire, '<sip:carol@a.test>')).toBe('');
      expect(wire.of('rejected')[0]).toMatchObject({ status: 302, cause: 'remote' });
    }
  });

  it('[RED-05] answers the challenge of each target, and takes no credentials along', () => {
    const wire = calling();
    const challenge = (realm: string): string[] => [`WWW-Authenticate: Digest realm="${realm}", nonce="n"`];
    expect(refuse(wire, '401 Unauthorized', challenge('one'))).toBe('sip:bob@192.0.2.9');
    redirect(wire, '<sip:carol@a.test>');
    expect(headerOf(lastInvite(wire), 'Authorization')).toBe('');
    expect(refuse(wire, '401 Unauthorized', challenge('two'))).toBe('sip:carol@a.test');
    expect(headerOf(lastInvite(wire), 'Authorization')).toContain('realm="two"');
  });

  it('[RED-05] a server that redirects to itself challenges again in the same realm (Kamailio 5.6)', () => {
    const wire = calling();
    const challenge = (nonce: string): string[] => [
      `Proxy-Authenticate: Digest realm="provider.example", nonce="${nonce}", qop="auth"`,
    ];
    const required = '407 Proxy Authentication Required';
    expect(refuse(wire, required, challenge('n1'))).toBe('sip:bob@192.0.2.9');
    expect(redirect(wire, '<sip:+420111333@192.0.2.77:5060>')).toBe('sip:+420111333@192.0.2.77:5060');
    expect(headerOf(lastInvite(wire), 'Proxy-Authorization')).toBe('');
    expect(refuse(wire, required, challenge('n2'))).toBe('sip:+420111333@192.0.2.77:5060');
    expect(headerOf(lastInvite(wire), 'Proxy-Authorization')).toContain('nonce="n2"');
    expect(refuse(wire, required, challenge('n3'))).toBe('');
    expect(wire.of('rejected')).toMatchObject([{ status: 407 }]);
  });

  it('[RED-06] a target that does not answer is followed by the next; a cancelled call goes nowhere', () => {
    const wire = calling();
    redirect(wire, '<sip:one@a.test>;q=1', '<sip:two@a.test>;q=0.5');
    wire.pass(32_000);
    expect(targetOf([lastInvite(wire)])).toBe('sip:two@a.test');
    wire.receive(reply(lastInvite(wire), '180 Ringing', { tag: 't' }));
    wire.stack.cancel({ sessionId: 's' }, wire.nowMs);
    wire.collect();
    expect(wire.last).toContain('CANCEL sip:two@a.test');
    expect(redirect(wire, '<sip:three@a.test>')).toBe('');
    expect(wire.of('cancelled')).toHaveLength(1);
  });
});
