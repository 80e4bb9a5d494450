import { describe, expect, it } from 'vitest';
import { FactsWriter } from './index.ts';
import type { PendingFacts } from './pending.ts';
import type { FactsSession } from './session.ts';
import type { Facts } from './types.ts';

const tenantId = '00000000-0000-7000-8000-000000000001';
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

function facts(name: string, rows = 1): Facts {
  const event = { agentId: name, at: 1, type: 'device.changed', data: { reachable: true, reason: '' } };
  return { tenantId, agentEvents: Array.from({ length: rows }, () => event) as never };
}

const nameOf = (pending: PendingFacts): string => String(pending.facts.agentEvents?.[0]?.agentId);

/** A database whose every answer the test decides. */
class ScriptedDatabase {
  readonly batches: string[][] = [];
  readonly ids: (readonly string[])[] = [];
  opened = 0;
  closed = 0;
  answer: (batch: readonly string[]) => Promise<void> = async () => undefined;

  readonly openSession = async (): Promise<FactsSession> => {
    this.opened++;
    return {
      write: async (batch) => {
        const names = batch.map(nameOf);
        this.batches.push(names);
        this.ids.push(batch.flatMap(({ agentEventIds }) => agentEventIds));
        await this.answer(names);
      },
      close: async () => {
        this.closed++;
      },
    };
  };
}

function writerOn(
  database: ScriptedDatabase,
  options: { backlogRowsMax?: number; batchRowsMax?: number } = {},
) {
  const { openSession } = database;
  return new FactsWriter({
    connection: {},
    log,
    openSession,
    gatherMs: 1,
    retryMinMs: 1,
    retryMaxMs: 2,
    ...options,
  });
}

function gate(): { opened: Promise<void>; open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

const sqlError = (code: string): Error => Object.assign(new Error(`SQLSTATE ${code}`), { code });

describe('group commit', () => {
  it('[OPS-03] writes what arrives together in one batch, in order', async () => {
    const database = new ScriptedDatabase();
    const writer = writerOn(database);
    await Promise.all(['a', 'b', 'c'].map((name) => writer.append(facts(name))));
    expect(database.batches).toEqual([['a', 'b', 'c']]);
    expect(await writer.close()).toBe(0);
    expect(database.closed).toBe(1);
  });

  it('[OPS-03] resolves only after the batch has committed; what comes meanwhile shares the next', async () => {
    const database = new ScriptedDatabase();
    const commit = gate();
    const started = gate();
    database.answer = async () => {
      started.open();
      await commit.opened;
    };
    const writer = writerOn(database);
    const order: string[] = [];
    const first = writer.append(facts('a')).then(() => order.push('a'));
    await started.opened;
    const second = writer.append(facts('b')).then(() => order.push('b'));
    const third = writer.append(facts('c')).then(() => order.push('c'));
    expect(order).toEqual([]);
    expect(writer.health.backlogRows).toBe(3);
    commit.open();
    await Promise.all([first, second, third]);
    expect(database.batches).toEqual([['a'], ['b', 'c']]);
    expect(order).toEqual(['a', 'b', 'c']);
    await writer.close();
  });

  it('[OPS-03] limits the rows of a batch, and lets a larger append pass alone', async () => {
    const database = new ScriptedDatabase();
    const writer = writerOn(database, { batchRowsMax: 3 });
    await Promise.all([
      writer.append(facts('a', 2)),
      writer.append(facts('b', 1)),
      writer.append(facts('c', 1)),
      writer.append(facts('d', 9)),
    ]);
    expect(database.batches).toEqual([['a', 'b'], ['c'], ['d']]);
    await writer.close();
  });

  it('[OPS-03] has nothing to wait for when there is nothing to write', async () => {
    const writer = writerOn(new ScriptedDatabase());
    await expect(writer.append({ tenantId })).resolves.toBeUndefined();
  });
});

describe('while the database is away', () => {
  it('[OPS-03] keeps everything, tries again on a new session, and repeats the same identifiers', async () => {
    const database = new ScriptedDatabase();
    let failures = 3;
    const states: string[] = [];
    const writer = writerOn(database);
    database.answer = async () => {
      states.push(writer.health.state);
      if (failures-- > 0) throw sqlError('57P01');
    };
    await writer.append(facts('a'));
    expect(database.batches).toEqual([['a'], ['a'], ['a'], ['a']]);
    expect(new Set(database.ids.map(String)).size).toBe(1);
    expect(states).toEqual(['ok', 'retrying', 'retrying', 'retrying']);
    await writer.settled();
    expect(writer.health).toEqual({
      state: 'ok',
      backlogRows: 0,
      spooledBytes: 0,
      failingSince: undefined,
      lastError: undefined,
    });
    expect(database.opened).toBe(4);
    await writer.close();
  });

  it.each(['08006', '53100', '40001', '42P01', 'ECONNREFUSED'])(
    '[OPS-03] tries again after %s',
    async (code) => {
      const database = new ScriptedDatabase();
      let isFirst = true;
      database.answer = async () => {
        if (isFirst) {
          isFirst = false;
          throw sqlError(code);
        }
      };
      const writer = writerOn(database);
      await writer.append(facts('a'));
      expect(database.batches).toHaveLength(2);
      await writer.close();
    },
  );

  it('[OPS-03] warns at half of the backlog and refuses beyond the limit, keeping what it has accepted', async () => {
    const database = new ScriptedDatabase();
    const commit = gate();
    database.answer = () => commit.opened;
    const writer = writerOn(database, { backlogRowsMax: 4 });
    const accepted = [writer.append(facts('a'))];
    expect(writer.health.state).toBe('ok');
    accepted.push(writer.append(facts('b')));
    expect(writer.health.state).toBe('full');
    accepted.push(writer.append(facts('c', 2)));
    await expect(writer.append(facts('d'))).rejects.toMatchObject({ code: 'facts-backlog-full' });
    commit.open();
    await Promise.all(accepted);
    await writer.append(facts('e'));
    expect(database.batches.flat()).toEqual(['a', 'b', 'c', 'e']);
    await writer.close();
  });
});

describe('rows that the database refuses', () => {
  it('[OPS-03] are rejected alone and hold up nobody', async () => {
    const database = new ScriptedDatabase();
    database.answer = async (batch) => {
      if (batch.includes('bad')) throw sqlError('22P02');
    };
    const writer = writerOn(database);
    const results = await Promise.allSettled(['a', 'bad', 'b'].map((name) => writer.append(facts(name))));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { code: 'facts-rejected' } });
    expect(database.batches).toEqual([['a', 'bad', 'b'], ['a'], ['bad'], ['b']]);
    expect(writer.health).toMatchObject({ state: 'ok', backlogRows: 0 });
    await writer.close();
  });
});

describe('closing', () => {
  it('[OPS-03] writes what waits and refuses what comes later', async () => {
    const database = new ScriptedDatabase();
    const writer = writerOn(database);
    const last = writer.append(facts('a'));
    expect(await writer.close()).toBe(0);
    await last;
    expect(writer.health.state).toBe('closed');
    await expect(writer.append(facts('b'))).rejects.toMatchObject({ code: 'facts-closed' });
  });

  it('[OPS-03] gives up at its time-out, says how much, and leaves no promise hanging', async () => {
    const database = new ScriptedDatabase();
    database.answer = async () => {
      throw sqlError('57P03');
    };
    const writer = writerOn(database);
    const waiting = [writer.append(facts('a')), writer.append(facts('b', 2))];
    const results = Promise.allSettled(waiting);
    expect(await writer.close(20)).toBe(3);
    expect(await results).toMatchObject([
      { status: 'rejected', reason: { code: 'facts-closed' } },
      { status: 'rejected', reason: { code: 'facts-closed' } },
    ]);
  });
});
