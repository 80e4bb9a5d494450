import {
  computeHa1,
  decodeUtf8,
  encodeUtf8,
  type Flow,
  type SipEvent,
  SipStack,
  type SipStackOptions,
} from '../src/index.ts';
import { generator } from './world.ts';

export const flow: Flow = {
  protocol: 'udp',
  localAddress: '10.0.0.1',
  localPort: 5060,
  remoteAddress: '192.0.2.9',
  remotePort: 40_000,
};

/** Plays a peer by hand: raw text in, raw text out. */
export class Wire {
  readonly stack: SipStack;
  nowMs = 1_000;
  readonly sent: Array<{ text: string; flow: Flow }> = [];
  readonly events: SipEvent[] = [];
  closes = 0;

  constructor(options: Partial<SipStackOptions> = {}) {
    this.stack = new SipStack({
      random32: generator(3),
      secret: new Uint8Array(32).fill(9),
      userAgent: 'Test',
      realm: 'example.test',
      sentBy: () => ({ host: '10.0.0.1', port: 5060 }),
      credentials: (username, realm, algorithm) =>
        username === 'alice' ? computeHa1('alice', realm, 'secret', algorithm) : undefined,
      requireAuthentication: () => false,
      ...options,
    });
  }

  /** Hands raw text to the stack and returns what it sent in reply. */
  receive(text: string, from: Flow = flow): string[] {
    const before = this.sent.length;
    this.stack.receive(encodeUtf8(text), from, this.nowMs);
    this.collect();
    return this.sent.slice(before).map((output) => output.text);
  }

  /** Lets time pass and returns what was sent meanwhile. */
  pass(milliseconds: number): string[] {
    const before = this.sent.length;
    const untilMs = this.nowMs + milliseconds;
    for (
      let next = this.stack.nextDeadlineMs();
      next !== undefined && next <= untilMs;
      next = this.stack.nextDeadlineMs()
    ) {
      this.nowMs = Math.max(this.nowMs, next);
      this.stack.advance(this.nowMs);
      this.collect();
    }
    this.nowMs = untilMs;
    return this.sent.slice(before).map((output) => output.text);
  }

  collect(): void {
    for (const output of this.stack.drain()) {
      if (output.type === 'send') this.sent.push({ text: decodeUtf8(output.bytes), flow: output.flow });
      else if (output.type === 'event') this.events.push(output.event);
      else this.closes++;
    }
  }

  of<Type extends SipEvent['type']>(type: Type): Array<Extract<SipEvent, { type: Type }>> {
    return this.events.filter((event) => event.type === type) as Array<Extract<SipEvent, { type: Type }>>;
  }

  /** The last thing sent. */
  get last(): string {
    return this.sent.at(-1)?.text ?? '';
  }
}

/** The value of a header in raw text, or ''. */
export function headerOf(text: string, name: string): string {
  const line = text.split('\r\n').find((candidate) => candidate.startsWith(`${name}: `));
  return line === undefined ? '' : line.slice(name.length + 2);
}

/** The tag parameter of a From or To value. */
export function tagOf(value: string): string {
  return /;tag=([^;]+)/.exec(value)?.[1] ?? '';
}

export type RequestShape = {
  method?: string;
  uri?: string;
  branch?: string;
  via?: string;
  from?: string;
  to?: string;
  callId?: string;
  sequence?: number;
  headers?: string[];
  body?: string;
};

let branches = 0;

/** Writes a request as a phone would. */
export function write(shape: RequestShape = {}): string {
  const method = shape.method ?? 'INVITE';
  const body = shape.body ?? '';
  return [
    `${method} ${shape.uri ?? 'sip:700@10.0.0.1'} SIP/2.0`,
    `Via: ${shape.via ?? `SIP/2.0/UDP 172.16.0.5:5062;rport;branch=${shape.branch ?? `z9hG4bK${++branches}`}`}`,
    'Max-Forwards: 70',
    `From: ${shape.from ?? '<sip:bob@example.test>;tag=bob'}`,
    `To: ${shape.to ?? '<sip:700@example.test>'}`,
    `Call-ID: ${shape.callId ?? 'call-1'}`,
    `CSeq: ${shape.sequence ?? 1} ${method}`,
    'Contact: <sip:bob@172.16.0.5:5062>',
    ...(shape.headers ?? []),
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
}

/** Writes a response to a raw request. */
export function reply(
  request: string,
  status: string,
  options: { tag?: string; headers?: string[]; body?: string } = {},
): string {
  const copied = request.split('\r\n').filter((line) => /^(Via|From|Call-ID|CSeq): /.test(line));
  const to = headerOf(request, 'To');
  const body = options.body ?? '';
  return [
    `SIP/2.0 ${status}`,
    ...copied,
    `To: ${options.tag === undefined || to.includes(';tag=') ? to : `${to};tag=${options.tag}`}`,
    ...(options.headers ?? []),
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
}
