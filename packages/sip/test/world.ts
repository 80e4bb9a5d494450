import {
  type CommandResult,
  type Flow,
  type SipEvent,
  SipStack,
  type SipStackOptions,
  computeHa1,
} from '../src/index.ts';

/** A small seeded generator (mulberry32) so that each run can be repeated. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
}

export type Network = {
  /** 0–1. */
  loss: number;
  duplication: number;
  /** Whether hosts talk over TCP: nothing is lost or overtaken, but messages arrive in pieces. */
  isStream: boolean;
  /** Share of datagrams in which one byte is changed. */
  corruption: number;
  delayMinMs: number;
  delayMaxMs: number;
};

export type Delivery = { atMs: number; order: number; to: Host; bytes: Uint8Array; flow: Flow };

/** One stack at one address with what it has told so far. */
export class Host {
  readonly address: string;
  readonly stack: SipStack;
  readonly events: SipEvent[] = [];
  /** Called for each event but `log`; the place to react. */
  onEvent: (event: SipEvent) => void = () => {};
  readonly world: World;

  constructor(world: World, address: string, options: Partial<SipStackOptions>) {
    this.world = world;
    this.address = address;
    this.stack = new SipStack({
      random32: world.random32,
      secret: new Uint8Array(32).fill(address.length),
      userAgent: 'Test',
      realm: 'example.test',
      sentBy: () => ({ host: address, port: 5060 }),
      credentials: (username, realm, algorithm) =>
        username === 'alice' ? computeHa1('alice', realm, 'secret', algorithm) : undefined,
      requireAuthentication: (request) => request.method === 'REGISTER',
      ...options,
    });
  }

  /** The path to another host. */
  flowTo(other: Host | string): Flow {
    const remoteAddress = typeof other === 'string' ? other : other.address;
    const path = { localAddress: this.address, localPort: 5060, remoteAddress, remotePort: 5060 };
    return this.world.network.isStream
      ? { protocol: 'tcp', ...path, connectionId: 1 }
      : { protocol: 'udp', ...path };
  }

  /** Runs a command and carries its outputs out. */
  do(command: (stack: SipStack, nowMs: number) => CommandResult | void): CommandResult | void {
    const result = command(this.stack, this.world.nowMs);
    this.flush();
    return result;
  }

  /** Carries out what the stack wants. */
  flush(): void {
    for (let outputs = this.stack.drain(); outputs.length > 0; outputs = this.stack.drain()) {
      for (const output of outputs) {
        if (output.type === 'send') this.world.send(this, output.flow, output.bytes);
        else if (output.type === 'event') {
          this.events.push(output.event);
          if (output.event.type !== 'log') this.onEvent(output.event);
        }
      }
    }
  }

  of<Type extends SipEvent['type']>(type: Type): Array<Extract<SipEvent, { type: Type }>> {
    return this.events.filter((event) => event.type === type) as Array<Extract<SipEvent, { type: Type }>>;
  }
}

/** Several hosts on a virtual network with a virtual clock. */
export class World {
  nowMs = 1_000;
  readonly random32: () => number;
  readonly network: Network = {
    isStream: false,
    loss: 0,
    duplication: 0,
    corruption: 0,
    delayMinMs: 1,
    delayMaxMs: 1,
  };
  readonly hosts: Host[] = [];
  readonly sent: string[] = [];
  /** Drops what it returns true for. */
  filter: (text: string, from: Host) => boolean = () => false;
  private deliveries: Delivery[] = [];
  private orders = 0;

  constructor(seed = 1) {
    this.random32 = generator(seed);
  }

  add(address: string, options: Partial<SipStackOptions> = {}): Host {
    const host = new Host(this, address, options);
    this.hosts.push(host);
    return host;
  }

  /** A copy of what was sent, now and then with one byte changed. */
  private carried(bytes: Uint8Array): Uint8Array {
    const copy = bytes.slice();
    if (this.chance() < this.network.corruption) copy[this.random32() % copy.length] = this.random32() % 256;
    return copy;
  }

  private copies(bytes: Uint8Array): Uint8Array[] {
    const count = this.chance() < this.network.duplication ? 2 : 1;
    return Array.from({ length: count }, () => this.carried(bytes));
  }

  private pieces(bytes: Uint8Array): Uint8Array[] {
    const cut = this.random32() % bytes.length;
    return [bytes.slice(0, cut), bytes.slice(cut)];
  }

  private chance(): number {
    return this.random32() / 4_294_967_296;
  }

  send(from: Host, flow: Flow, bytes: Uint8Array): void {
    const text = new TextDecoder().decode(bytes);
    this.sent.push(`${from.address} > ${flow.remoteAddress}\n${text}`);
    const to = this.hosts.find((host) => host.address === flow.remoteAddress);
    if (to === undefined || this.filter(text, from)) return;
    const isDatagram = flow.protocol === 'udp';
    if (isDatagram && this.chance() < this.network.loss) return;
    const parts = isDatagram ? this.copies(bytes) : this.pieces(bytes);
    for (const part of parts) {
      const { delayMinMs, delayMaxMs } = this.network;
      const delay = isDatagram
        ? delayMinMs + Math.floor(this.chance() * (delayMaxMs - delayMinMs + 1))
        : delayMinMs;
      const reversed: Flow = {
        ...flow,
        localAddress: flow.remoteAddress,
        localPort: flow.remotePort,
        remoteAddress: from.address,
        remotePort: flow.localPort,
      };
      this.deliveries.push({
        atMs: this.nowMs + delay,
        order: this.orders++,
        to,
        bytes: part,
        flow: reversed,
      });
    }
  }

  /** Carries on until nothing is left to do or the instant is reached. */
  run(untilMs = Number.POSITIVE_INFINITY): void {
    for (let steps = 0; ; steps++) {
      if (steps > 200_000) throw new Error('The world does not come to rest.');
      this.deliveries.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
      const delivery = this.deliveries[0];
      let next = delivery?.atMs ?? Number.POSITIVE_INFINITY;
      for (const host of this.hosts)
        next = Math.min(next, host.stack.nextDeadlineMs() ?? Number.POSITIVE_INFINITY);
      if (next === Number.POSITIVE_INFINITY || next > untilMs) break;
      this.nowMs = Math.max(this.nowMs, next);
      if (delivery !== undefined && delivery.atMs <= this.nowMs) {
        this.deliveries.shift();
        delivery.to.stack.receive(delivery.bytes, delivery.flow, this.nowMs);
        delivery.to.flush();
      }
      for (const host of this.hosts) {
        host.stack.advance(this.nowMs);
        host.flush();
      }
    }
    if (untilMs !== Number.POSITIVE_INFINITY) this.nowMs = Math.max(this.nowMs, untilMs);
  }

  /** Runs for a while. */
  pass(milliseconds: number): void {
    this.run(this.nowMs + milliseconds);
  }
}

/** Whether a stack has let go of everything that belongs to calls. */
export function isIdle(stack: SipStack): boolean {
  const { sessions, dialogs, clientTransactions, serverTransactions, timers, bindings } = stack.statistics();
  return sessions + dialogs + clientTransactions + serverTransactions + timers - bindings === 0;
}
