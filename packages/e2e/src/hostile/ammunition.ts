import fc from 'fast-check';
import { headerOf, write } from '../../../sip/test/wire.ts';
import { corpus } from '../../../sip/test/hostile/corpus.ts';
import { anyMutation, type Mutation, mutate } from '../../../sip/test/hostile/mutations.ts';

/** Where the shots come from and where they are to hit. */
export type Aim = {
  transport: 'UDP' | 'TCP' | 'TLS' | 'WS';
  /** Address and port of the sender, as its Via and Contact tell them. */
  own: string;
  server: string;
  /** A number that is answered, so that some of the shots become calls. */
  number: string;
  /** An account that exists. */
  username: string;
};

type Shot = { kind: number; template: number; changes: Mutation[] };

const anyShot = (): fc.Arbitrary<Shot> =>
  fc.record({
    kind: fc.nat(99),
    template: fc.nat(65_535),
    changes: fc.array(anyMutation(), { maxLength: 3 }),
  });
const drawnAtOnce = 500;
const heardMax = 12;
/** Beyond these every further message is one of a call that there is already, or none of a call at all. */
const callsMax = 60;

const inDialog = [
  ...['ACK', 'BYE', 'INVITE', 'CANCEL', 'INFO', 'UPDATE', 'PRACK', 'REFER'],
  ...['NOTIFY', 'MESSAGE', 'SUBSCRIBE', 'OPTIONS'],
];
const sdp = [
  ...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', 'm=audio 9 RTP/AVP 8 0 101'],
  ...['a=rtpmap:101 telephone-event/8000', ''],
].join('\r\n');

/**
 * Hostile messages for one running product, the same ones for the same seed: of the standards' torture tests, calls to a
 * number that is answered, and messages in the dialogs that the product has confirmed, each with up to three changes.
 */
export class Ammunition {
  readonly #aim: Aim;
  #seed: number;
  #shots: Shot[] = [];
  #count = 0;
  #calls = 0;
  readonly #heard: string[] = [];

  constructor(seed: number, aim: Aim) {
    this.#seed = seed;
    this.#aim = aim;
  }

  /** What the product has sent to this sender: its dialogs are shot at next. */
  hear(text: string): void {
    if (!/^SIP\/2\.0 [1-6]\d\d /.test(text) || !/^To:.*;tag=/im.test(text)) return;
    this.#heard.push(text);
    if (this.#heard.length > heardMax) this.#heard.shift();
  }

  next(): Buffer<ArrayBuffer> {
    const { kind, template, changes } = this.#draw();
    let bytes: Uint8Array = Buffer.from(this.#template(kind, template));
    for (const change of changes) bytes = mutate(bytes, change);
    return Buffer.from(bytes);
  }

  #draw(): Shot {
    if (this.#shots.length === 0) {
      this.#shots = fc.sample(anyShot(), { numRuns: drawnAtOnce, seed: this.#seed++ });
    }
    return this.#shots.pop() as Shot;
  }

  #template(kind: number, index: number): string {
    this.#count++;
    const heard = this.#heard[index % heardMax];
    if (kind < 45 && heard !== undefined) return this.#follow(heard, index);
    if (kind < 55 && this.#calls < callsMax) return this.#call();
    if (kind < 60) return this.#register(index);
    const text = corpus[index % corpus.length] as string;
    const { own, transport } = this.#aim;
    return text
      .replaceAll('z9hG4bK', `z9hG4bK${this.#count}`)
      .replace(/^(Via|v)( *): *SIP\/2\.0\/UDP [^;\r\n]+/im, `$1$2: SIP/2.0/${transport} ${own};rport`)
      .replace(/^(Call-ID: *\S+)/im, `$1${this.#count}`);
  }

  #via(): string {
    const { transport, own } = this.#aim;
    return `SIP/2.0/${transport} ${own};rport;branch=z9hG4bKfire${this.#count}`;
  }

  #call(): string {
    this.#calls++;
    const { number, server, own } = this.#aim;
    const callId = `fire-${own}-${this.#count}`;
    const [from, to] = [`<sip:fire@${own}>;tag=f${this.#count}`, `<sip:${number}@${server}>`];
    return write({ via: this.#via(), uri: `sip:${number}@${server}`, from, to, callId, body: sdp });
  }

  #register(index: number): string {
    const { username, server, own } = this.#aim;
    const nonce = this.#heard.map((text) => /nonce="([^"]+)"/.exec(text)?.[1]).find(Boolean) ?? '0';
    const address = `<sip:${username}@${server}>`;
    const [uri, callId] = [`sip:${server}`, `register-${own}-${this.#count}`];
    const credentials = `Digest username="${username}", realm="crosspoint", nonce="${nonce}", uri="${uri}"`;
    const headers =
      index % 2 === 0
        ? ['Expires: 60']
        : [`Authorization: ${credentials}, response="0", algorithm=MD5, qop=auth, nc=00000001, cnonce="c"`];
    const from = `${address};tag=r`;
    return write({ method: 'REGISTER', via: this.#via(), uri, from, to: address, callId, headers });
  }

  /** What might come next in the dialog of a response. */
  #follow(response: string, index: number): string {
    const method = inDialog[index % inDialog.length] as string;
    const { server, number } = this.#aim;
    const [from, to] = [headerOf(response, 'From'), headerOf(response, 'To')];
    const callId = headerOf(response, 'Call-ID');
    const [sequence = '1', invited = 'INVITE'] = headerOf(response, 'CSeq').split(' ');
    const tag = (value: string) => /;tag=([^;]+)/.exec(value)?.[1] ?? '';
    const replaces = encodeURIComponent(`${callId};to-tag=${tag(to)};from-tag=${tag(from)}`);
    const headers = [
      `RAck: ${headerOf(response, 'RSeq') || '1'} ${sequence} ${invited}`,
      `Refer-To: <sip:${number}@${server}?Replaces=${replaces}>`,
      `Event: ${['refer', 'dialog', 'message-summary'][index % 3]}`,
    ];
    const isOfInvite = method === 'ACK' || method === 'CANCEL';
    const branch = /branch=(z9hG4bK[^;,\s]+)/.exec(response)?.[1] ?? '';
    const via = method === 'CANCEL' ? this.#via().replace(/branch=.*/, `branch=${branch}`) : this.#via();
    return write({
      ...{ method, via, from, to, callId, headers, uri: `sip:${number}@${server}` },
      sequence: Number(sequence) + (isOfInvite ? 0 : 1 + (index % 5)),
      body: index % 3 === 0 ? sdp : '',
    });
  }
}
