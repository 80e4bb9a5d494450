/** What a stack must make of one message of RFC 4475 or RFC 5118. */
export type TortureMessage = {
  /** The name under which the RFC lists it. */
  name: string;
  section: string;
  /** What is odd about it. */
  what: string;
  text: string;
  /** Whether the parser reads it, or the status with which it refuses. */
  parse: 'accepted' | 400 | 505;
  /** The status of the first answer over UDP; 'none' where the message is to be dropped in silence. */
  answer: number | 'none';
  /** Answered by a stack that asks everybody for credentials. */
  authenticates?: true;
};

/** Joins lines as they travel. */
export function lines(...texts: string[]): string {
  return texts.join('\r\n');
}

/** A session description of `length` bytes or so that every message here can share. */
export const description = lines(
  'v=0',
  'o=- 20518 0 IN IP4 192.0.2.33',
  's=-',
  'c=IN IP4 192.0.2.33',
  't=0 0',
  'm=audio 5004 RTP/AVP 0',
  '',
);

type Shape = {
  start: string;
  /** Replaces headers of the same name, or removes them with ''. */
  change?: Record<string, string>;
  /** Added as they stand. */
  extra?: string[];
  body?: string;
};

/** A plain request with one thing about it changed. */
export function odd(shape: Shape): string {
  const { start, change = {}, extra = [], body = '' } = shape;
  const method = start.split(' ')[0] ?? '';
  const headers: Record<string, string> = {
    Via: 'SIP/2.0/UDP 192.0.2.31:5060;branch=z9hG4bKtorture',
    'Max-Forwards': '70',
    From: 'sip:caller@example.net;tag=odd',
    To: 'sip:callee@example.com',
    'Call-ID': 'torture@192.0.2.31',
    CSeq: `8 ${method}`,
    Contact: '<sip:caller@192.0.2.31>',
    'Content-Length': String(body.length),
    ...change,
  };
  const written = Object.entries(headers).filter(([, value]) => value !== '');
  return lines(start, ...written.map(([name, value]) => `${name}: ${value}`), ...extra, '', body);
}

export const sdpType = 'Content-Type: application/sdp';
