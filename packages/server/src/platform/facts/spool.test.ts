import { appendFileSync, mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FactsSpool, FactsWriter } from './index.ts';
import { type PendingFacts, pendingFacts } from './pending.ts';
import type { FactsSession } from './session.ts';
import type { Facts } from './types.ts';

const tenantId = '00000000-0000-7000-8000-000000000001';
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const nobody = (): void => undefined;
let directory: string;

function facts(name: string): Facts {
  const event = { agentId: name, at: 1, type: 'device.changed', data: { reachable: true, reason: '' } };
  return { tenantId, agentEvents: [event] as never };
}
const pending = (name: string): PendingFacts => pendingFacts(facts(name), 1, nobody, nobody);
const namesOf = (batch: readonly PendingFacts[]): string[] =>
  batch.map((each) => String(each.facts.agentEvents?.[0]?.agentId));
const files = (): string[] => readdirSync(directory).sort();

async function drain(spool: FactsSpool): Promise<string[]> {
  const names: string[] = [];
  while (!spool.isEmpty) {
    names.push(...namesOf((await spool.oldest()).batch));
    spool.dropOldest();
  }
  return names;
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'crosspoint-spool-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('the spool of facts', () => {
  it('[OPS-03] gives back what it was given, in order, over several files, and then is empty', async () => {
    const spool = new FactsSpool(directory, { fileBytesMax: 500 });
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    for (const name of names) await spool.append([pending(name)]);
    expect(files().length).toBeGreaterThan(1);
    expect(spool.bytes).toBeGreaterThan(500);
    expect(await drain(spool)).toEqual(names);
    expect([files(), spool.bytes]).toEqual([[], 0]);
    await spool.close();
  });

  it('[OPS-03] is there for the next process with the same identifiers of rows', async () => {
    const spool = new FactsSpool(directory);
    const given = [pending('a'), pending('b')];
    await spool.append(given);
    const next = new FactsSpool(directory);
    expect(next.isEmpty).toBe(false);
    const { batch, damagedLines } = await next.oldest();
    expect(damagedLines).toBe(0);
    expect(batch.map(({ facts: stored }) => stored.agentEvents)).toEqual(
      given.map((each) => each.facts.agentEvents),
    );
    expect(batch.map(({ agentEventIds }) => agentEventIds)).toEqual(
      given.map(({ agentEventIds }) => agentEventIds),
    );
    await Promise.all([spool.close(), next.close()]);
  });

  it('[OPS-03] passes over a line that a power cut has cut', async () => {
    const spool = new FactsSpool(directory);
    await spool.append([pending('a'), pending('b')]);
    await spool.close();
    const path = join(directory, files()[0] ?? '');
    truncateSync(path, spool.bytes - 10);
    const next = new FactsSpool(directory);
    await next.append([pending('c')]);
    const { batch, damagedLines } = await next.oldest();
    expect([namesOf(batch), damagedLines]).toEqual([['a'], 1]);
    next.dropOldest();
    expect(await drain(next)).toEqual(['c']);
    await next.close();
  });

  it('[OPS-03] refuses beyond its limit and says when half of it is reached', async () => {
    const spool = new FactsSpool(directory, { bytesMax: 600 });
    await spool.append([pending('a')]);
    expect(spool.isHalfFull).toBe(false);
    await spool.append([pending('b')]);
    expect(spool.isHalfFull).toBe(true);
    await expect(spool.append([pending('c')])).rejects.toThrow('the limit is 600');
    expect(await drain(spool)).toEqual(['a', 'b']);
    await spool.close();
  });

  it('[OPS-03] leaves files of others alone', async () => {
    appendFileSync(join(directory, 'notes.txt'), 'mine');
    const spool = new FactsSpool(directory);
    expect(spool.isEmpty).toBe(true);
    await spool.close();
  });
});

/** A database that answers or does not. */
class ScriptedDatabase {
  isAway = false;
  readonly stored: string[] = [];
  readonly openSession = async (): Promise<FactsSession> => ({
    write: async (batch) => {
      if (this.isAway) throw Object.assign(new Error('away'), { code: '57P01' });
      this.stored.push(...namesOf(batch));
    },
    close: async () => undefined,
  });
}

function writerOn(database: ScriptedDatabase, spool: FactsSpool): FactsWriter {
  const { openSession } = database;
  return new FactsWriter({
    ...{ connection: {}, log, openSession, spool },
    ...{ gatherMs: 1, retryMinMs: 1, retryMaxMs: 2 },
  });
}

describe('a writer with a spool', () => {
  it('[OPS-03] promises facts that are on disk while the database is away, and stores each once, in order', async () => {
    const database = new ScriptedDatabase();
    const spool = new FactsSpool(directory);
    const writer = writerOn(database, spool);
    await writer.append(facts('a'));
    database.isAway = true;
    await writer.append(facts('b'));
    await writer.append(facts('c'));
    expect(database.stored).toEqual(['a']);
    expect(writer.health).toMatchObject({ state: 'retrying', backlogRows: 0, lastError: 'away' });
    expect(writer.health.spooledBytes).toBeGreaterThan(0);
    database.isAway = false;
    await writer.settled();
    await writer.append(facts('d'));
    expect(database.stored).toEqual(['a', 'b', 'c', 'd']);
    expect(writer.health).toMatchObject({ state: 'ok', backlogRows: 0, spooledBytes: 0 });
    expect(await writer.close()).toBe(0);
  });

  it('[OPS-03] that is closed meanwhile loses nothing: the next one stores it before anything else', async () => {
    const database = new ScriptedDatabase();
    database.isAway = true;
    const writer = writerOn(database, new FactsSpool(directory));
    const accepted = [writer.append(facts('a')), writer.append(facts('b'))];
    expect(await writer.close(200)).toBe(0);
    await Promise.all(accepted);
    database.isAway = false;
    const next = writerOn(database, new FactsSpool(directory));
    await next.settled();
    expect(database.stored).toEqual(['a', 'b']);
    expect(files()).toEqual([]);
    await next.close();
  });

  it('[OPS-03] keeps facts in memory while the disk takes none either, and stores them all', async () => {
    const database = new ScriptedDatabase();
    database.isAway = true;
    const spool = new FactsSpool(directory, { bytesMax: 10 });
    const writer = writerOn(database, spool);
    const accepted = ['a', 'b', 'c'].map((name) => writer.append(facts(name)));
    expect(writer.health.backlogRows).toBe(3);
    database.isAway = false;
    await Promise.all(accepted);
    expect(database.stored).toEqual(['a', 'b', 'c']);
    await writer.close();
  });

  it('[OPS-03] takes no new contacts when half of the spool is full', async () => {
    const database = new ScriptedDatabase();
    database.isAway = true;
    const writer = writerOn(database, new FactsSpool(directory, { bytesMax: 400 }));
    await writer.append(facts('a'));
    expect(writer.health.state).toBe('full');
    database.isAway = false;
    await writer.settled();
    expect(writer.health.state).toBe('ok');
    await writer.close();
  });
});
