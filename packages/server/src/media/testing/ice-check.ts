import { createHmac, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { DtlsParameters } from '../protocol.ts';

// RFC 8489 §5 and §14, RFC 8445 §16.1.
const bindingRequest = 0x0001;
const bindingSuccess = 0x0101;
const magicCookie = 0x2112a442;
const headerBytes = 20;
const attributeHeadBytes = 4;
const attribute = { username: 0x0006, messageIntegrity: 0x0008, priority: 0x0024, iceControlling: 0x802a };
const integrityBytes = 20;

/** Checks a leg as the ICE agent of a browser does, and remembers which of its checks were answered. */
export class IceChecker {
  /** Transaction ids of successful answers, in hexadecimal. */
  readonly answered = new Set<string>();
  readonly ufrag = randomBytes(6).toString('base64');
  readonly #socket = createSocket('udp4');
  readonly #leg: DtlsParameters;

  private constructor(leg: DtlsParameters) {
    this.#leg = leg;
    this.#socket.on('message', (answer) => {
      if (answer.readUInt16BE(0) === bindingSuccess)
        this.answered.add(answer.toString('hex', 8, headerBytes));
    });
  }

  static async open(leg: DtlsParameters): Promise<IceChecker> {
    const checker = new IceChecker(leg);
    checker.#socket.bind(0, '127.0.0.1');
    await once(checker.#socket, 'listening');
    return checker;
  }

  /** Sends one check to the leg's first candidate; returns its transaction id. */
  check(): string {
    const transaction = randomBytes(12);
    const [, , , , address = '', port = ''] = this.#leg.candidates[0]?.split(' ') ?? [];
    const attributes = Buffer.concat([
      write(attribute.username, Buffer.from(`${this.#leg.iceUfrag}:${this.ufrag}`)),
      write(attribute.priority, Buffer.from([0x6e, 0xff, 0xff, 0xff])),
      write(attribute.iceControlling, randomBytes(8)),
    ]);
    const header = Buffer.alloc(headerBytes);
    header.writeUInt16BE(bindingRequest, 0);
    header.writeUInt16BE(attributes.length + attributeHeadBytes + integrityBytes, 2);
    header.writeUInt32BE(magicCookie, 4);
    transaction.copy(header, 8);
    const signed = Buffer.concat([header, attributes]);
    const integrity = createHmac('sha1', this.#leg.icePwd).update(signed).digest();
    this.#socket.send(
      Buffer.concat([signed, write(attribute.messageIntegrity, integrity)]),
      Number(port),
      address,
    );
    return transaction.toString('hex');
  }

  /** Checks every 50 ms (RFC 8445 §14.2) until an answer comes. @throws after `timeoutMs` */
  async untilAnswered(timeoutMs: number): Promise<void> {
    const signal = AbortSignal.timeout(timeoutMs);
    const checking = setInterval(() => this.check(), 50);
    try {
      this.check();
      while (this.answered.size === 0) await once(this.#socket, 'message', { signal });
    } finally {
      clearInterval(checking);
    }
  }

  close(): void {
    this.#socket.close();
  }
}

function write(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(attributeHeadBytes);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
}
