import { describe, expect, it } from 'vitest';
import { flow, headerOf, reply, Wire, write } from '../../test/wire.ts';
import { decodeUtf8, dialogPackage, type SipStackOptions } from '../index.ts';

const sdp = 'v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nc=IN IP4 1.2.3.4\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';

function status(texts: string[]): string {
  return (texts.at(-1) ?? '').slice(8, 11);
}

function answered(options: Partial<SipStackOptions> = {}): { wire: Wire; sessionId: string; to: string } {
  const wire = new Wire(options);
  wire.receive(write({ body: sdp }));
  const sessionId = wire.of('invite')[0]?.sessionId ?? '';
  wire.stack.accept({ sessionId, body: sdp }, wire.nowMs);
  wire.collect();
  const to = headerOf(wire.last, 'To');
  wire.receive(write({ method: 'ACK', to }));
  return { wire, sessionId, to };
}

describe('methods', () => {
  it('[MET-01] [RFC3261 §8.2.1, §21.5.2] known ones that are not served: 405; unheard-of ones: 501; both with Allow', () => {
    for (const inDialog of [false, true]) {
      const { wire, to } = inDialog ? answered() : { wire: new Wire(), to: '<sip:700@example.test>' };
      for (const [method, verdict] of [
        ['PUBLISH', '405'],
        ['REFER', '405'],
        ['SUBSCRIBE', '405'],
        ['MESSAGE', '405'],
        ['DANCE', '501'],
        ['invite', '501'],
      ] as const) {
        const sequence = 2 + wire.sent.length;
        expect([method, status(wire.receive(write({ method, to, sequence })))]).toEqual([method, verdict]);
        expect(headerOf(wire.last, 'Allow')).toContain('INVITE, ACK, CANCEL, BYE');
      }
    }
  });

  it('[MET-02] [RFC3261 §8.2.2.3] an unknown extension is refused with 420 in a dialog too, but never a BYE', () => {
    const { wire, to } = answered();
    const headers = ['Require: unheard-of'];
    for (const [index, method] of ['INFO', 'OPTIONS', 'UPDATE', 'INVITE', 'NOTIFY'].entries()) {
      expect(status(wire.receive(write({ method, to, sequence: 2 + index, headers })))).toBe('420');
      expect(headerOf(wire.last, 'Unsupported')).toBe('unheard-of');
    }
    expect(status(wire.receive(write({ method: 'BYE', to, sequence: 9, headers })))).toBe('200');
    expect(wire.of('ended')).toHaveLength(1);
  });

  it('[MET-03] [RFC3261 §12.2.2] what belongs to nothing gets 481', () => {
    const { wire, to } = answered();
    for (const [index, method] of ['PRACK', 'NOTIFY', 'REGISTER'].entries())
      expect(status(wire.receive(write({ method, to, sequence: 2 + index })))).toBe('481');
    const stranger = '<sip:a@b>;tag=unknown';
    for (const method of ['INFO', 'OPTIONS', 'UPDATE', 'INVITE', 'BYE', 'PRACK', 'NOTIFY', 'DANCE']) {
      const callId = `other-${method}`;
      expect(status(wire.receive(write({ method, to: stranger, callId })))).toBe('481');
    }
    expect(wire.of('ended')).toEqual([]);
  });

  it('[MET-04] an INFO, OPTIONS or MESSAGE before the answer is served like one after it', () => {
    const wire = new Wire({ message: () => undefined });
    wire.receive(write({ body: sdp }));
    const sessionId = wire.of('invite')[0]?.sessionId ?? '';
    wire.stack.progress({ sessionId, status: 180 }, wire.nowMs);
    wire.collect();
    const to = headerOf(wire.last, 'To');
    for (const [index, method] of ['INFO', 'OPTIONS', 'MESSAGE'].entries())
      expect(status(wire.receive(write({ method, to, sequence: 2 + index, body: 'x' })))).toBe('200');
    expect([...wire.of('info'), ...wire.of('message')].map((event) => event.sessionId)).toEqual([
      sessionId,
      sessionId,
    ]);
    expect(status(wire.receive(write({ method: 'DANCE', to, sequence: 9 })))).toBe('501');
  });

  it('[MET-05] an INFO that nobody can read is refused with what can be read; one without a body is not', () => {
    const { wire, to } = answered({ infoTypes: ['application/dtmf-relay'] });
    const info = (sequence: number, type: string) =>
      write({ method: 'INFO', to, sequence, body: 'Signal=1' }).replace('application/sdp', type);
    expect(status(wire.receive(info(2, 'application/unheard-of')))).toBe('415');
    expect(headerOf(wire.last, 'Accept')).toBe('application/dtmf-relay');
    expect(status(wire.receive(info(3, 'application/dtmf-relay')))).toBe('200');
    expect(status(wire.receive(write({ method: 'INFO', to, sequence: 4 })))).toBe('200');
    expect(wire.of('info')).toHaveLength(1);
  });

  it('[MET-06] [RFC6665 §4.2.1.1] a SUBSCRIBE in a call to what nobody serves hears what is served', () => {
    const { wire, to } = answered({ eventPackages: [dialogPackage] });
    const subscribe = (sequence: number, event: string) =>
      write({ method: 'SUBSCRIBE', to, sequence, headers: [`Event: ${event}`] });
    expect(status(wire.receive(subscribe(2, 'unheard-of')))).toBe('489');
    expect(headerOf(wire.last, 'Allow-Events')).toBe('dialog');
    expect(status(wire.receive(subscribe(3, 'dialog')))).toBe('481');
  });
});

describe('MESSAGE', () => {
  it('[MSX-01] [RFC3428 §7] is taken when the hook lets it, within a call and outside', () => {
    const asked: Array<string | undefined> = [];
    const { wire, sessionId, to } = answered({
      message: (_request, { sessionId: session }) => {
        asked.push(session);
        return undefined;
      },
    });
    expect(headerOf(wire.sent[1]?.text ?? '', 'Allow')).toContain('MESSAGE');
    const text = write({ method: 'MESSAGE', to, sequence: 2, body: 'hello' });
    expect(status(wire.receive(text.replace('application/sdp', 'text/plain')))).toBe('200');
    expect(status(wire.receive(write({ method: 'MESSAGE', callId: 'other' })))).toBe('200');
    const { body, ...told } = wire.of('message')[0] ?? { body: new Uint8Array() };
    expect(decodeUtf8(body)).toBe('hello');
    expect(told).toMatchObject({ sessionId, contentType: 'text/plain' });
    expect(wire.of('message-outside')).toMatchObject([{ flow, contentType: 'text/plain' }]);
    expect(asked).toEqual([sessionId, undefined]);
  });

  it('[MSX-02] is refused as the hook says, and no event follows', () => {
    const headers = [['Accept', 'text/plain']] as const;
    const { wire, to } = answered({ message: () => ({ status: 415, headers }) });
    for (const text of [
      write({ method: 'MESSAGE', to, sequence: 2, body: '<p>' }),
      write({ method: 'MESSAGE', callId: 'other', body: '<p>' }),
    ]) {
      expect(status(wire.receive(text))).toBe('415');
      expect(headerOf(wire.last, 'Accept')).toBe('text/plain');
    }
    expect([...wire.of('message'), ...wire.of('message-outside')]).toEqual([]);
  });

  it('[MSX-03] of ours goes out in the dialog and its verdict comes back', () => {
    const { wire, sessionId } = answered();
    const message = { sessionId, contentType: 'text/plain', body: 'hello' };
    expect(wire.stack.message(message, wire.nowMs)).toEqual({ ok: true });
    wire.collect();
    expect(wire.last).toContain('MESSAGE sip:bob@172.16.0.5:5062 SIP/2.0');
    expect(wire.last.endsWith('\r\n\r\nhello')).toBe(true);
    wire.receive(reply(wire.last, '405 Method Not Allowed'));
    expect(wire.of('message-result')).toMatchObject([{ sessionId, status: 405 }]);
  });
});
