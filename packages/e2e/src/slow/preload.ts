/** Loaded into the control process before the product itself (`--import`): makes its world slow. */
import { Socket } from 'node:net';
import { isMainThread } from 'node:worker_threads';
import { Dice } from '../chaos/random.ts';
import { slowWorldOf } from './world.ts';

/** The first words of a connection to PostgreSQL: its length, then version 3.0 of the protocol. */
const protocolVersion = 0x0003_0000;
const inspectedBytesMax = 4_096;
const stallEveryMs = { min: 2_000, max: 8_000 };

const world = slowWorldOf(process.env);
if (world !== undefined && isMainThread) {
  const dice = new Dice(world.seed);
  if (world.writesMs > 0) slowDownWrites(world.writesMs, dice);
  if (world.stallMs > 0) standStill(world.stallMs, dice);
}

/**
 * Holds back what commits: the end of a transaction that has written, and the one statement of the writer of facts. What only reads goes
 * through at once, so that whoever reads too early sees what was there before.
 */
function slowDownWrites(writesMs: number, dice: Dice): void {
  const lines = new WeakMap<Socket, SlowLine>();
  const write = Reflect.get(Socket.prototype, 'write') as (...args: unknown[]) => boolean;
  Socket.prototype.write = function slowWrite(this: Socket, ...args: unknown[]): boolean {
    const [chunk] = args;
    const send = () => this.destroyed || write.apply(this, args);
    if (!Buffer.isBuffer(chunk)) return send();
    let line = lines.get(this);
    if (line === undefined) {
      if (chunk.length < 8 || chunk.readInt32BE(4) !== protocolVersion) return send();
      line = new SlowLine(() => writesMs * (0.2 + 0.8 * dice.unit()));
      lines.set(this, line);
    }
    return line.pass(chunk, send);
  };
}

/** One connection to PostgreSQL. */
class SlowLine {
  readonly #holdMs: () => number;
  #hasWritten = false;
  /** A first start has too many of them to be slow in each. */
  #isMigration = false;
  /** What waits behind that which is held back; undefined while nothing is. */
  #held: (() => boolean)[] | undefined;

  constructor(holdMs: () => number) {
    this.#holdMs = holdMs;
  }

  pass(message: Buffer, send: () => boolean): boolean {
    const isHeld = this.#isCommit(message.toString('latin1', 0, inspectedBytesMax));
    if (this.#held === undefined && !isHeld) return send();
    if (isHeld) {
      const waiting = (this.#held = [send]);
      setTimeout(() => {
        this.#held = undefined;
        for (const next of waiting) next();
      }, this.#holdMs());
    } else this.#held?.push(send);
    return true;
  }

  /** Whether this message makes durable what was written. Nobody sends the next transaction before it is answered. */
  #isCommit(text: string): boolean {
    // "Bind" of the one statement that is prepared by name.
    if (/^B[^]{4}\0write-facts\0/.test(text)) return true;
    // "Parse" and "Query".
    if (!/^[PQ]/.test(text)) return false;
    if (/^.[^]{4}\0?(?:begin|start transaction)/i.test(text)) this.#hasWritten = this.#isMigration = false;
    if (/[\s\0(](?:insert into|update|delete from)\s/i.test(text)) this.#hasWritten = true;
    if (/[\s\0](?:create|alter|drop)\s/i.test(text)) this.#isMigration = true;
    return this.#hasWritten && !this.#isMigration && /^.[^]{4}\0?commit/i.test(text);
  }
}

/** A machine that is busy with something else: nothing happens in the product for a while. */
function standStill(stallMs: number, dice: Dice): void {
  const { min, max } = stallEveryMs;
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const timer = setTimeout(
    () => {
      Atomics.wait(cell, 0, 0, stallMs * dice.unit());
      standStill(stallMs, dice);
    },
    min + (max - min) * dice.unit(),
  );
  timer.unref();
}
