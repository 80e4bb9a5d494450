import { type HeapNode, IndexedHeap } from '@crosspoint/core';
import { type Binding, parseUri, type SipEvent } from '@crosspoint/sip';
import { contactFlow, isBrowserFlow } from './addressing.ts';

export interface QualifierOptions {
  /** Devices are asked so long after they were last heard of; 0: never. */
  intervalMs: number;
  /** Sends an OPTIONS whose `options-result` has this key; false when it cannot be sent. */
  ask: (key: string, binding: Binding) => boolean;
  /** A device of that user can be reached again, or not any more. */
  changed: (user: string, binding: Binding, isReachable: boolean) => void;
  /** Milliseconds since the epoch, never backwards. */
  now: () => number;
  /** From 0 (inclusive) to 1. */
  random: () => number;
}

interface Device extends HeapNode {
  readonly user: string;
  readonly key: string;
  binding: Binding;
  /** When it registered or answered last. */
  heardAtMs: number | undefined;
  /** When it is asked next, unless a question is open; changed by `#askAt` alone. */
  dueAtMs: number;
  /** The question that is open. */
  asked: { key: string; deadlineAtMs: number } | undefined;
  /** Questions in a row that it did not answer. */
  misses: number;
}

/** How often due questions are looked for; those of one look go out together, which costs fewer awakenings. */
const sweepMs = 200;
/** Questions that begin in one sweep, so that many devices which are due together do not hold calls up: 100 a second. */
const startsPerSweepMax = 20;
/** Open questions: devices that are silent together must not fill the memory with transactions. */
export const questionsMax = 1_000;
/** A device on the worst usable line has had four copies of the question by then (RFC 3261 §17.1.2.2, T1 500 ms). */
const answerTimeoutMs = 5_000;
/** One lost question says nothing; the second one follows at once. */
const missesMax = 2;
/** AVL-01: a page that hangs or sleeps is found out within 30 s: this and a fifth, and twice the time for an answer. */
const browserIntervalMs = 14_000;
/** Many routers forget the way to a telephone behind them when no datagram has passed for half a minute; its answer renews the way. */
const natIntervalMs = 25_000;
const retryMinMs = 5_000;
const retryMaxMs = 300_000;
const sipPort = 5_060;
const keyPrefix = 'qualify:';

/**
 * Asks registered devices by OPTIONS whether they are there, so that an agent whose phone has lost its power or its way is
 * not offered calls until the registration expires. A device that misses two questions in a row is unreachable; it is asked on,
 * at growing intervals and at once when it registers, and reachable again with the first answer, whatever that says.
 * A device that registers or answers calls more often than it would be asked is never asked.
 */
export class DeviceQualifier {
  readonly #options: QualifierOptions;
  readonly #byUser = new Map<string, Device[]>();
  readonly #asked = new Map<string, Device>();
  /** Those of which no question is open, the one that is due first in front. */
  readonly #due = new IndexedHeap<Device>((a, b) => a.dueAtMs < b.dueAtMs);
  readonly #unreachable = new Set<string>();
  #questions = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: QualifierOptions) {
    this.#options = options;
  }

  open(): void {
    this.#timer ??= setInterval(() => this.sweep(), sweepMs).unref();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  statistics(): { devices: number; unreachable: number; questions: number } {
    let devices = 0;
    for (const each of this.#byUser.values()) devices += each.length;
    return { devices, unreachable: this.#unreachable.size, questions: this.#asked.size };
  }

  /** Whether that device answered when it was asked last, or has not been asked yet. */
  isReachable(binding: Binding): boolean {
    return this.#unreachable.size === 0 || !this.#unreachable.has(keyOf(binding));
  }

  /** When that device registered or answered last; undefined when a former process heard it. */
  heardAtMs(binding: Binding): number | undefined {
    return this.#deviceOf(binding)?.heardAtMs ?? binding.refreshedAtMs;
  }

  /** That device has answered a call, which proves as much as an answer to a question. */
  hasAnswered(binding: Binding): void {
    const device = this.#deviceOf(binding);
    if (device === undefined || device.asked !== undefined || this.#unreachable.has(device.key)) return;
    const now = this.#options.now();
    device.misses = 0;
    device.heardAtMs = now;
    this.#askAt(device, now + this.#spread(this.#intervalOf(binding)));
  }

  /** The devices of that user as they are registered now; before `registration-changed` is told to anybody else. */
  update(user: string, bindings: readonly Binding[]): void {
    const former = this.#byUser.get(user) ?? [];
    const devices = bindings
      .filter((binding) => this.#intervalOf(binding) > 0)
      .map((binding) => {
        const key = keyOf(binding);
        const device = former.find((each) => each.key === key);
        return device === undefined ? this.#add(user, key, binding) : this.#heard(device, binding);
      });
    for (const device of former) if (!devices.includes(device)) this.#forget(device);
    if (devices.length === 0) this.#byUser.delete(user);
    else this.#byUser.set(user, devices);
  }

  /** A call to that user came to nothing because no device was heard: that counts as a miss, and they are asked at once. */
  suspect(user: string): void {
    for (const device of this.#byUser.get(user) ?? []) {
      if (this.#unreachable.has(device.key)) continue;
      device.misses = Math.max(device.misses, 1);
      this.#askAt(device, this.#options.now());
    }
  }

  /** True when the answer belongs to a question of this class. */
  handle({ key, status }: Extract<SipEvent, { type: 'options-result' }>): boolean {
    if (!key.startsWith(keyPrefix)) return false;
    const device = this.#asked.get(key);
    // The stack makes these two itself when nothing answers (RFC 3261 §8.1.3.1); every other status is a sign of life.
    if (device !== undefined) this.#answered(device, status !== 408 && status !== 503);
    return true;
  }

  /** Ends questions that nobody answered, and asks the devices that are due. */
  sweep(): void {
    const now = this.#options.now();
    for (const device of [...this.#asked.values()]) {
      if (device.asked !== undefined && device.asked.deadlineAtMs <= now) this.#answered(device, false);
    }
    // One whose question cannot be sent is due again at once, and has its next turn with the next look.
    for (const device of this.#takeDue(now)) this.#ask(device, now);
  }

  #takeDue(now: number): Device[] {
    const taken: Device[] = [];
    const most = Math.min(startsPerSweepMax, questionsMax - this.#asked.size);
    for (let first = this.#due.peek(); taken.length < most; first = this.#due.peek()) {
      if (first === undefined || first.dueAtMs > now) break;
      this.#due.remove(first);
      taken.push(first);
    }
    return taken;
  }

  #askAt(device: Device, atMs: number): void {
    this.#due.remove(device);
    device.dueAtMs = atMs;
    if (device.asked === undefined) this.#due.insert(device);
  }

  #ask(device: Device, now: number): void {
    const key = `${keyPrefix}${++this.#questions}`;
    device.asked = { key, deadlineAtMs: now + answerTimeoutMs };
    this.#asked.set(key, device);
    // The result may come from within, when the connection is gone.
    if (!this.#options.ask(key, device.binding)) this.#answered(device, false);
  }

  #answered(device: Device, isThere: boolean): void {
    const { user, key, binding } = device;
    const { now, changed } = this.#options;
    if (device.asked === undefined) return;
    this.#asked.delete(device.asked.key);
    device.asked = undefined;
    if (isThere) {
      device.misses = 0;
      device.heardAtMs = now();
      this.#askAt(device, now() + this.#spread(this.#intervalOf(binding)));
      if (this.#unreachable.delete(key)) changed(user, binding, true);
      return;
    }
    device.misses += 1;
    const retries = device.misses - missesMax;
    if (retries < 0) return this.#askAt(device, now());
    const pauseMs = Math.min(retryMaxMs, retryMinMs * 2 ** Math.min(retries, 16));
    this.#askAt(device, now() + this.#spread(pauseMs));
    if (retries > 0) return;
    this.#unreachable.add(key);
    changed(user, binding, false);
  }

  #deviceOf(binding: Binding): Device | undefined {
    const key = keyOf(binding);
    return this.#byUser.get(binding.user)?.find((device) => device.key === key);
  }

  #add(user: string, key: string, binding: Binding): Device {
    const now = this.#options.now();
    const interval = this.#intervalOf(binding);
    const dueAtMs = (binding.refreshedAtMs ?? now) + interval;
    // After a restart every device is overdue: they are asked over one interval.
    const first = dueAtMs <= now ? now + interval * this.#options.random() : this.#later(dueAtMs, interval);
    const heardAtMs = binding.refreshedAtMs;
    const device: Device = {
      ...{ user, key, binding, heardAtMs, dueAtMs: first, asked: undefined, misses: 0, heapIndex: -1 },
    };
    this.#due.insert(device);
    return device;
  }

  /** The device has registered again, or another device of this user has. */
  #heard(device: Device, binding: Binding): Device {
    const hasRefreshed = binding.refreshedAtMs !== device.binding.refreshedAtMs;
    device.binding = binding;
    if (!hasRefreshed) return device;
    const now = this.#options.now();
    device.heardAtMs = now;
    // That it can reach us does not say that we can reach it.
    if (this.#unreachable.has(device.key)) this.#askAt(device, now);
    else if (device.asked === undefined) {
      const interval = this.#intervalOf(binding);
      device.misses = 0;
      this.#askAt(device, this.#later(now + interval, interval));
    }
    return device;
  }

  #forget(device: Device): void {
    if (device.asked !== undefined) this.#asked.delete(device.asked.key);
    this.#due.remove(device);
    this.#unreachable.delete(device.key);
  }

  #intervalOf(binding: Binding): number {
    const { intervalMs } = this.#options;
    if (isBrowserFlow(binding.flow))
      return intervalMs === 0 ? browserIntervalMs : Math.min(intervalMs, browserIntervalMs);
    return isBehindNat(binding) ? Math.min(intervalMs, natIntervalMs) : intervalMs;
  }

  /** Nearly that long, so that devices which were switched on together are not asked together for ever. */
  #spread(intervalMs: number): number {
    return intervalMs * (0.8 + 0.2 * this.#options.random());
  }

  #later(atMs: number, intervalMs: number): number {
    return atMs + intervalMs * 0.2 * this.#options.random();
  }
}

/** Whether what a telephone on UDP takes for its address is not where its datagrams come from. */
function isBehindNat(binding: Binding): boolean {
  const { protocol, remoteAddress, remotePort } = contactFlow(binding);
  if (protocol !== 'udp') return false;
  const uri = parseUri(binding.contact);
  return uri !== undefined && (uri.host !== remoteAddress || (uri.port ?? sipPort) !== remotePort);
}

/** One device stays the same when it registers again, also from another port. */
function keyOf({ aor, contact, instanceId = '', registrationId = 0 }: Binding): string {
  return `${aor} ${contact} ${instanceId} ${registrationId}`;
}
