import { setTimeout as pause } from 'node:timers/promises';
import type { Replay, ReplayDifference, ReplayId, ReplaySubject } from '@crosspoint/contracts';
import type { FastifyBaseLogger } from 'fastify';
import { HttpProblem } from '../../http/index.ts';
import { measure, moveOf, type PastContact, readBatch, type ReplaySource, type Within } from './past.ts';

/** A replay that is over is kept for so long, and so many of a tenant. */
const keptMs = 3_600_000;
const keptMax = 5;
const movesMax = 100;
/** Calls come first: after so much work in one go the replay stands back for as long. */
const sliceMs = 2;

interface Running {
  readonly tenantId: string;
  readonly replay: Replay;
  readonly differences: ReplayDifference[];
  /** By what moved where, the differences in the order of their contacts. */
  readonly moves: Map<string, ReplayDifference[]>;
  readonly stop: AbortController;
}

/** Replays under way and those that ended lately, of every tenant. One at a time of each. */
export class Replays {
  readonly #now: () => number;
  readonly #log: FastifyBaseLogger;
  readonly #byId = new Map<string, Running>();

  constructor(now: () => number, log: FastifyBaseLogger) {
    this.#now = now;
    this.#log = log;
  }

  /** Returns at once; the contacts are looked at one after the other. @throws {HttpProblem} `command-refused` while another one runs. */
  begin(
    given: { id: ReplayId; tenantId: string; subject: ReplaySubject; contactsMax: number },
    source: ReplaySource,
    within: Within,
  ): Replay {
    const { id, tenantId, subject, contactsMax } = given;
    this.#sweep(tenantId);
    if (this.#of(tenantId).some(({ replay }) => replay.state === 'running')) {
      throw new HttpProblem('command-refused', 'Another replay is under way. Wait for its end or cancel it.');
    }
    const iso = (ms: number) => new Date(ms).toISOString();
    const { fromMs, toMs } = source.span;
    const replay: Replay = {
      ...{ id, subject, from: iso(fromMs), to: iso(toMs) },
      ...{ state: 'running', startedAt: iso(this.#now()), endedAt: null, failure: null },
      ...{ total: 0, isCut: false, done: 0, changed: 0, doubtful: 0, moves: [] },
    };
    const running = { tenantId, replay, differences: [], moves: new Map(), stop: new AbortController() };
    this.#byId.set(id, running);
    void this.#run(running, source, within, contactsMax);
    return replay;
  }

  find(tenantId: string, id: string): Replay | undefined {
    const running = this.#find(tenantId, id);
    if (running === undefined) return undefined;
    const moves = movesOf(running).map((differences) => {
      const [{ before, after }] = differences as [ReplayDifference];
      return { before, after, contacts: differences.length };
    });
    return { ...running.replay, moves };
  }

  /** All of them, or those of one move by its place in the list; undefined without such a replay. */
  differences(
    tenantId: string,
    id: string,
    move: number | undefined,
  ): readonly ReplayDifference[] | undefined {
    const running = this.#find(tenantId, id);
    if (running === undefined || move === undefined) return running?.differences;
    return movesOf(running)[move] ?? [];
  }

  /** One that is over stays as it is. */
  cancel(tenantId: string, id: string): Replay | undefined {
    this.#find(tenantId, id)?.stop.abort();
    return this.find(tenantId, id);
  }

  async #run(running: Running, source: ReplaySource, within: Within, contactsMax: number): Promise<void> {
    const { replay, stop } = running;
    try {
      const measured = await within((transaction) => measure(transaction, source.span, contactsMax));
      const { fromMs, ...counted } = measured;
      Object.assign(replay, counted);
      await this.#goThrough(running, { ...source, span: { ...source.span, fromMs } }, within);
      replay.state = stop.signal.aborted ? 'cancelled' : 'done';
    } catch (error) {
      this.#log.error({ err: error, replayId: replay.id }, 'a replay of past contacts failed');
      replay.state = 'failed';
      replay.failure = 'The contacts could not be read or decided; the log of the server says why.';
    } finally {
      source.close();
    }
    replay.endedAt = new Date(this.#now()).toISOString();
  }

  async #goThrough(running: Running, { span, decide }: ReplaySource, within: Within): Promise<void> {
    const { replay, stop } = running;
    let behind: PastContact | undefined;
    let begunAt = performance.now();
    while (!stop.signal.aborted && replay.done < replay.total) {
      const batch = await within((transaction) => readBatch(transaction, span, behind));
      if (batch.length === 0) return;
      behind = batch.at(-1);
      for await (const contact of decide(within, batch)) {
        note(running, contact);
        if (performance.now() - begunAt < sliceMs) continue;
        await pause(sliceMs);
        if (stop.signal.aborted) return;
        begunAt = performance.now();
      }
    }
  }

  #find(tenantId: string, id: string): Running | undefined {
    const running = this.#byId.get(id);
    return running?.tenantId === tenantId ? running : undefined;
  }

  #of(tenantId: string): Running[] {
    return [...this.#byId.values()].filter((running) => running.tenantId === tenantId);
  }

  #sweep(tenantId: string): void {
    const oldest = this.#now() - keptMs;
    for (const { replay } of this.#byId.values()) {
      if (replay.endedAt !== null && Date.parse(replay.endedAt) < oldest) this.#byId.delete(replay.id);
    }
    const over = this.#of(tenantId).filter(({ replay }) => replay.state !== 'running');
    for (const { replay } of over.slice(0, Math.max(0, over.length - keptMax + 1))) {
      this.#byId.delete(replay.id);
    }
  }
}

function note({ replay, differences, moves }: Running, contact: ReplayDifference): void {
  replay.done += 1;
  const move = moveOf(contact);
  if (move === undefined) return;
  replay.changed += 1;
  if (contact.doubts.length > 0) replay.doubtful += 1;
  differences.push(contact);
  const same = moves.get(move);
  if (same === undefined) moves.set(move, [contact]);
  else same.push(contact);
}

/** The most frequent first. */
function movesOf({ moves }: Running): ReplayDifference[][] {
  return [...moves.values()].toSorted((a, b) => b.length - a.length).slice(0, movesMax);
}
