import { type Gun, streamGun, udpGun, webSocketGun } from './guns.ts';
import type { World } from '../world.ts';
import { Stranger } from './stranger.ts';

export type SiegeOptions = {
  messages: number;
  perSecond: number;
  seed: number;
  /** A number that is answered, and an account. */
  number: string;
  username: string;
  /** Where SIP over TLS listens; none is sent there otherwise. */
  tlsPort?: number | undefined;
};

export type SiegeFigures = {
  sent: number;
  durationMs: number;
  /** Times from an OPTIONS of a bystander to its answer, in milliseconds, in order. */
  answersMs: number[];
  /** OPTIONS that had no answer within two seconds. */
  unanswered: number;
};

/** Shots of a hundred that go over UDP, TCP, WebSocket and TLS. */
const shares = { udp: 60, tcp: 25, webSocket: 8 };
const gunsOfAKind = 4;
const askEveryMs = 50;
/** Longer than a busy machine takes: how soon the answers came is a figure of its own. */
const answerMaxMs = 20_000;
const batchMs = 5;

/** Shoots hostile messages at a running product over every transport, while a bystander asks it for its OPTIONS. */
export async function besiege({ product }: World, options: SiegeOptions): Promise<SiegeFigures> {
  const { seed, number, username, tlsPort } = options;
  const { address, port } = product.sip;
  const target = { server: `${address}:${port}`, number, username };
  const numbers = Array.from({ length: gunsOfAKind }, (_, index) => seed + 1_000 * index);
  const udp = await Promise.all(numbers.map((each) => udpGun(each, target)));
  const tcp = numbers.map((each) => streamGun(each + 100, target, 'TCP'));
  const url = `${product.httpUrl.replace('http', 'ws')}/sip`;
  const webSocket = numbers.map((each) => webSocketGun(each + 200, target, url));
  const overTls = { ...target, server: `${address}:${tlsPort}` };
  const tls = tlsPort === undefined ? tcp : numbers.map((each) => streamGun(each + 300, overTls, 'TLS'));
  const gunOf = (index: number): Gun => {
    const draw = (index * 37) % 100;
    const { udp: first, tcp: second, webSocket: third } = shares;
    const kind =
      draw < first ? udp : draw < first + second ? tcp : draw < first + second + third ? webSocket : tls;
    return kind[index % gunsOfAKind] as Gun;
  };
  const bystander = await Stranger.open('127.0.0.1', product.sip);
  const asked: Promise<number | undefined>[] = [];
  const asker = setInterval(() => asked.push(answerMs(bystander)), askEveryMs);
  const beganMs = performance.now();
  const batchMax = Math.ceil((options.perSecond * batchMs * 2) / 1_000);
  let sent = 0;
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  let index = 0;
  // In small batches: answers are to be read in between, and the product needs the processor too.
  const firing = setInterval(() => {
    const due = Math.min(options.messages, ((performance.now() - beganMs) / 1_000) * options.perSecond);
    // What could not be sent in time is made up for slowly, so that no burst is measured.
    for (const most = sent + batchMax; sent < due && sent < most; ) if (gunOf(index++).fire()) sent++;
    if (sent >= options.messages) end();
  }, batchMs);
  await over;
  clearInterval(firing);
  const durationMs = performance.now() - beganMs;
  clearInterval(asker);
  const answers = await Promise.all(asked);
  for (const gun of new Set([...udp, ...tcp, ...webSocket, ...tls])) gun.close();
  bystander.close();
  const answersMs = answers.filter((each) => each !== undefined).toSorted((a, b) => a - b);
  return { sent, durationMs, answersMs, unanswered: answers.length - answersMs.length };
}

async function answerMs(asker: Stranger): Promise<number | undefined> {
  const begin = performance.now();
  const answer = await asker.ask({ method: 'OPTIONS' }, answerMaxMs);
  return answer === undefined ? undefined : performance.now() - begin;
}
