import { describe, expect, it } from 'vitest';
import { flow, headerOf, reply, tagOf, Wire, write } from '../../test/wire.ts';
import { decodeUtf8 } from '../index.ts';

const sdp = 'v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nc=IN IP4 1.2.3.4\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';
const headers = ['Contact: <sip:bob@172.16.0.5:5062>'];
const nothing = { sessions: 0, dialogs: 0, timers: 0, clientTransactions: 0, serverTransactions: 0 };

function call(): { wire: Wire; invite: string } {
  const wire = new Wire();
  const names = { uri: 'sip:bob@172.16.0.5', from: 'sip:700@example.test', to: 'sip:bob@example.test' };
  wire.stack.invite({ sessionId: 's', flow, body: sdp, ...names }, wire.nowMs);
  wire.collect();
  return { wire, invite: wire.last };
}

function bye(invite: string, tag: string): string {
  const from = `<sip:bob@example.test>;tag=${tag}`;
  return write({ method: 'BYE', callId: headerOf(invite, 'Call-ID'), from, to: headerOf(invite, 'From') });
}

function methods(texts: string[]): string[] {
  return texts.map((text) => text.split(' ')[0] ?? '');
}

function kinds(wire: Wire): string[] {
  return wire.events.filter((event) => event.type !== 'log').map((event) => event.type);
}

describe('a call that forks', () => {
  it('[FRK-01] [RFC3261 §13.2.2.4] of five forks that all answer the first stays; the others get ACK and BYE', () => {
    const { wire, invite } = call();
    const tags = ['a', 'b', 'c', 'd', 'e'];
    for (const tag of tags) wire.receive(reply(invite, '183 Session Progress', { tag, headers, body: sdp }));
    expect(wire.stack.statistics().dialogs).toBe(5);
    for (const tag of ['c', 'a', 'b', 'd', 'e']) {
      const sent = wire.receive(reply(invite, '200 OK', { tag, headers, body: sdp }));
      expect(methods(sent)).toEqual(tag === 'c' ? ['ACK'] : ['ACK', 'BYE']);
      for (const text of sent) expect(tagOf(headerOf(text, 'To'))).toBe(tag);
      if (sent[1] !== undefined) wire.receive(reply(sent[1], '200 OK'));
    }
    expect(wire.of('progress').map((event) => event.remoteTag)).toEqual(tags);
    expect(wire.of('accepted')).toHaveLength(1);
    expect(wire.stack.statistics()).toMatchObject({ sessions: 1, dialogs: 1 });
    wire.receive(bye(invite, 'c'));
    wire.pass(40_000);
    expect(wire.stack.statistics()).toMatchObject(nothing);
  });

  it('[FRK-02] a second answer that comes late, after the call was hung up, is still taken and hung up', () => {
    const { wire, invite } = call();
    wire.receive(reply(invite, '200 OK', { tag: 'a', headers, body: sdp }));
    wire.receive(bye(invite, 'a'));
    const late = wire.receive(reply(invite, '200 OK', { tag: 'b', headers, body: sdp }));
    expect(methods(late)).toEqual(['ACK', 'BYE']);
    wire.receive(reply(late[1] ?? '', '200 OK'));
    wire.pass(40_000);
    expect(kinds(wire)).toEqual(['accepted', 'ended']);
    expect(wire.stack.statistics()).toMatchObject(nothing);
  });

  it('[FRK-03] one refusal ends all early dialogs, which the proxy has ended before', () => {
    const { wire, invite } = call();
    for (const tag of ['a', 'b']) wire.receive(reply(invite, '180 Ringing', { tag, headers }));
    wire.receive(reply(invite, '486 Busy Here', { tag: 'b' }));
    expect(wire.stack.statistics().dialogs).toBe(0);
    expect(wire.receive(bye(invite, 'a'))[0]).toContain('481');
    expect(kinds(wire)).toEqual(['progress', 'progress', 'rejected']);
  });

  it('[FRK-04] a fork that hangs up early leaves the others ringing; the last one ends the call', () => {
    const { wire, invite } = call();
    for (const tag of ['a', 'b']) wire.receive(reply(invite, '180 Ringing', { tag, headers }));
    expect(wire.receive(bye(invite, 'a'))[0]).toContain('200 OK');
    expect(wire.of('rejected')).toEqual([]);
    wire.receive(bye(invite, 'b'));
    expect(wire.of('rejected')).toMatchObject([{ status: 487, cause: 'remote' }]);
  });

  it('[FRK-05] at most 32 forks are followed', () => {
    const { wire, invite } = call();
    for (let fork = 0; fork < 40; fork++)
      wire.receive(reply(invite, '180 Ringing', { tag: `t${fork}`, headers }));
    expect(wire.stack.statistics().dialogs).toBe(32);
    let answers = 0;
    for (let fork = 0; fork < 40; fork++)
      answers +=
        wire.receive(reply(invite, '200 OK', { tag: `t${fork}`, headers, body: sdp })).length > 0 ? 1 : 0;
    expect(answers).toBe(32);
  });

  it('[FRK-06] [RFC6228] 199 ends its early dialog, is reported, and makes none', () => {
    const { wire, invite } = call();
    for (const tag of ['a', 'b']) wire.receive(reply(invite, '180 Ringing', { tag, headers }));
    wire.receive(reply(invite, '199 Early Dialog Terminated', { tag: 'a', headers }));
    wire.receive(reply(invite, '199 Early Dialog Terminated', { tag: 'unknown', headers }));
    expect(wire.of('progress').map(({ status, remoteTag }) => [status, remoteTag])).toEqual([
      [180, 'a'],
      [180, 'b'],
      [199, 'a'],
      [199, 'unknown'],
    ]);
    expect(wire.stack.statistics().dialogs).toBe(1);
    wire.receive(reply(invite, '200 OK', { tag: 'b', headers, body: sdp }));
    expect(wire.of('accepted')).toHaveLength(1);
  });
});

describe('early media', () => {
  it('[EAR-01] the answer in a 183 is reported with its fork, and the one of the 2xx again', () => {
    const { wire, invite } = call();
    const other = sdp.replace('4000', '5000');
    wire.receive(reply(invite, '183 Session Progress', { tag: 'a', headers, body: sdp }));
    wire.receive(reply(invite, '183 Session Progress', { tag: 'b', headers, body: other }));
    wire.receive(reply(invite, '180 Ringing', { tag: 'b', headers }));
    const told = wire
      .of('progress')
      .map(({ remoteTag, body, contentType }) => [
        remoteTag,
        body === undefined ? undefined : decodeUtf8(body),
        contentType,
      ]);
    expect(told).toEqual([
      ['a', sdp, 'application/sdp'],
      ['b', other, 'application/sdp'],
      ['b', undefined, undefined],
    ]);
    wire.receive(reply(invite, '200 OK', { tag: 'b', headers, body: other }));
    expect(decodeUtf8(wire.of('accepted')[0]?.body ?? new Uint8Array())).toBe(other);
  });

  it('[EAR-02] our 183 carries our answer, and the 2xx carries it again to whoever asked for nothing reliable', () => {
    const wire = new Wire();
    wire.receive(write({ body: sdp }));
    const sessionId = wire.of('invite')[0]?.sessionId ?? '';
    wire.stack.progress(
      { sessionId, status: 183, body: sdp, headers: [['P-Early-Media', 'sendonly']] },
      1_000,
    );
    wire.collect();
    expect(wire.last).toContain('SIP/2.0 183 Session Progress');
    expect(wire.last.endsWith(sdp)).toBe(true);
    expect(headerOf(wire.last, 'P-Early-Media')).toBe('sendonly');
    const early = headerOf(wire.last, 'To');
    wire.stack.accept({ sessionId, body: sdp }, wire.nowMs);
    wire.collect();
    expect(wire.last).toContain('SIP/2.0 200 OK');
    expect(headerOf(wire.last, 'To')).toBe(early);
    expect(wire.last.endsWith(sdp)).toBe(true);
  });
});
