import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentFact, ContactId, LegId } from '@crosspoint/contracts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SipLegSnapshot } from '../../carriers/sip/index.ts';
import { CallJournal, findJournaledContact } from './journal.ts';
import type { ContactOrigin } from './journal-files.ts';

const one = '018f0000-0000-7000-8000-000000000001' as ContactId;
const two = '018f0000-0000-7000-8000-000000000002' as ContactId;
const origin: ContactOrigin = {
  ...{
    number: '700',
    callerPhone: '+420555000111',
    callerName: 'Jiří 🙂',
    queueId: null,
    trunkId: undefined,
  },
};
const noTurn = { agentFacts: [] as AgentFact[], closed: [] as never[] };
const stored = Promise.resolve(true);
const never = new Promise<boolean>(() => undefined);
let dataDir = '';
const said: string[] = [];
let now = 1_000;
const log = {
  warn: (_fields: object, message: string) => void said.push(message),
  error: (_fields: object, message: string) => void said.push(message),
};
const open = () => CallJournal.open(dataDir, () => now, log);
const files = () => readdirSync(join(dataDir, 'journal')).filter((name) => name.endsWith('.ndjson'));

/** A journal that writes, as it is after a start. */
function begun(): CallJournal {
  const { journal } = open();
  journal.begin(() => [7]);
  return journal;
}

function turn(journal: CallJournal, contactId: ContactId, text: string, until = never): void {
  if (!journal.isOpen(contactId)) journal.opened(contactId, origin);
  journal.input(contactId, now, { type: 'leg.digit', legId: 'leg' as LegId, digit: text });
  journal.turnEnded(noTurn, [], until);
}

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'crosspoint-journal-'));
  said.length = 0;
  now = 1_000;
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

describe('the journal of calls', () => {
  test('[OPS-03] what was kept is there for the next process, without any close', () => {
    const journal = begun();
    turn(journal, one, '1');
    now += 5;
    turn(journal, one, '2');
    journal.place({
      ...{ legId: 'leg' as LegId, contactId: one, mediaId: 'm1', process: 0, run: 'r' },
      request: { transport: 'rtp', bindAddress: '127.0.0.1' },
    });
    journal.leg({ legId: 'leg' as LegId, contactId: one, callId: 'abc' } as SipLegSnapshot);
    journal.flush();
    const left = open().left?.contacts.get(one);
    expect(left?.origin?.callerPhone).toBe('+420555000111');
    expect(left?.inputs.map(({ at, input }) => [at, (input as { digit: string }).digit])).toEqual([
      [1_000, '1'],
      [1_005, '2'],
    ]);
    expect(left?.places.get('leg' as LegId)?.mediaId).toBe('m1');
    expect(left?.legs.get('leg' as LegId)?.callId).toBe('abc');
    expect(open().left?.heard).toEqual([7]);
  });

  test('[OPS-03] a socket that was opened before there was a contact is kept with it; without a contact it is not', () => {
    const journal = begun();
    const request = { transport: 'rtp', bindAddress: '127.0.0.1' } as const;
    const place = { legId: 'leg' as LegId, mediaId: 'm', process: 0, run: 'r', request };
    journal.place({ ...place, contactId: one });
    journal.place({ ...place, contactId: two });
    turn(journal, one, '1');
    const { left } = open();
    expect(left?.contacts.get(one)?.places.size).toBe(1);
    expect(left?.contacts.has(two)).toBe(false);
  });

  test('[OPS-03] a new file begins with what lives, and leaves out what is closed and stored', async () => {
    const journal = begun();
    turn(journal, one, '1');
    turn(journal, two, '1');
    journal.input(two, now, { type: 'contact.wrapped' });
    journal.turnEnded({ agentFacts: [], closed: [{ id: two }] as never }, [], stored);
    await stored;
    journal.begin(() => []);
    const { left } = open();
    expect([...(left?.contacts.keys() ?? [])]).toEqual([one]);
    expect(left?.storedTurn).toBe(left?.lastTurn);
    expect(findJournaledContact(dataDir, two)).toHaveLength(2);
    expect(findJournaledContact(dataDir, 'nobody' as ContactId)).toBeUndefined();
  });

  test('[OPS-03] a contact that is closed and not stored yet goes along', () => {
    const journal = begun();
    turn(journal, one, '1');
    journal.input(one, now, { type: 'contact.wrapped' });
    journal.turnEnded({ agentFacts: [], closed: [{ id: one }] as never }, [], never);
    journal.begin(() => []);
    const { left } = open();
    expect(left?.contacts.get(one)?.lastTurn).toBeGreaterThan(left?.storedTurn ?? 0);
  });

  test('[OPS-03] a contact whose books were closed without its machine is not taken up again', () => {
    const journal = begun();
    turn(journal, one, '1');
    turn(journal, two, '1');
    journal.closedByFacts(one);
    turn(journal, two, '2');
    const closed = ({ left }: ReturnType<typeof open>) =>
      [...(left?.contacts.values() ?? [])].map(({ id, isClosedByFacts }) => [id, isClosedByFacts]);
    expect(closed(open())).toEqual([
      [one, true],
      [two, false],
    ]);
    journal.begin(() => []);
    expect(closed(open()), 'nor does it go along into a new file').toEqual([[two, false]]);
  });

  test('[OPS-03] a line that the end of the process has cut is passed over', () => {
    const journal = begun();
    turn(journal, one, '1');
    const [name = ''] = files();
    appendFileSync(join(dataDir, 'journal', name), `{"c":"${one}","t":1001,"i":{"ty`);
    const { left } = open();
    expect(left?.damagedLines).toBe(1);
    expect(left?.contacts.get(one)?.inputs).toHaveLength(1);
  });

  test('[OPS-03] what brings down every process that takes it up is left alone in the sixth start', () => {
    turn(begun(), one, '1');
    for (const isThere of [true, true, true, true, true, false])
      expect(open().left !== undefined).toBe(isThere);
    expect(said).toEqual([expect.stringContaining('could not be taken up')]);
    open().journal.settled();
    expect(open().left).toBeDefined();
  });

  test('[SEC-01] only the account of the server may read it', () => {
    turn(begun(), one, '1');
    const [name = ''] = files();
    expect(statSync(join(dataDir, 'journal', name)).mode & 0o777).toBe(0o600);
    expect(statSync(join(dataDir, 'journal')).mode & 0o777).toBe(0o700);
  });

  test('[OPS-03] facts of agents that are not stored yet go along into a new file, stored ones do not', async () => {
    const journal = begun();
    const chosen = (agentId: string) =>
      ({ agentId, at: now, type: 'status.chosen', data: { status: 'break', by: 'agent' } }) as never;
    journal.turnEnded({ agentFacts: [chosen('ann')], closed: [] }, ['id-1'], stored);
    await stored;
    journal.turnEnded({ agentFacts: [chosen('bob')], closed: [] }, ['id-2'], never);
    journal.turnEnded({ agentFacts: [chosen('eve')], closed: [] }, ['id-3'], Promise.resolve(false));
    await stored;
    journal.begin(() => [7]);
    const { left } = open();
    expect(left?.agentFacts.map(({ ids }) => ids)).toEqual([['id-2'], ['id-3']]);
    for (const { turn: factsTurn } of left?.agentFacts ?? []) {
      expect(factsTurn).toBeGreaterThan(left?.storedTurn ?? 0);
    }
  });

  test('[OPS-03] lines go along from file to file as they were, whatever their letters', () => {
    const journal = begun();
    for (const text of ['1', 'ž', '3']) {
      turn(journal, one, text);
      turn(journal, two, `${text}${text}`);
      journal.begin(() => []);
    }
    turn(journal, one, '4');
    const { left } = open();
    const digits = (id: ContactId) =>
      left?.contacts.get(id)?.inputs.map(({ input }) => (input as { digit: string }).digit);
    expect(digits(one)).toEqual(['1', 'ž', '3', '4']);
    expect(digits(two)).toEqual(['11', 'žž', '33']);
    expect(left?.contacts.get(one)?.origin?.callerName).toBe('Jiří 🙂');
    expect(left?.damagedLines).toBe(0);
  });

  test('[OPS-03] while nothing can be written what lives is kept in memory, and written when there is room again', () => {
    const journal = begun();
    turn(journal, one, '1');
    const folder = join(dataDir, 'journal');
    rmSync(folder, { recursive: true });
    journal.begin(() => []);
    expect(journal.failure).toContain('ENOENT');
    turn(journal, one, '2');
    now += 2_000;
    turn(journal, two, '3');
    mkdirSync(folder);
    now += 2_000;
    journal.flush();
    expect(journal.failure).toBeUndefined();
    expect(said).toEqual([
      expect.stringContaining('cannot be written'),
      expect.stringContaining('written again'),
    ]);
    const { left } = open();
    expect(left?.contacts.get(one)?.inputs).toHaveLength(2);
    expect(left?.contacts.get(two)?.inputs).toHaveLength(1);
  });

  test('[OPS-03] what a contact was told that ended while nothing could be written is there for questions', async () => {
    const journal = begun();
    turn(journal, one, '1');
    turn(journal, two, '1');
    // No further file can be made, as on a full disk.
    const obstacle = join(dataDir, 'journal', 'journal-000002.ndjson.new');
    mkdirSync(obstacle);
    journal.begin(() => []);
    expect(journal.failure).toContain('EISDIR');
    journal.input(two, now, { type: 'contact.wrapped' });
    journal.turnEnded({ agentFacts: [], closed: [{ id: two }] as never }, [], stored);
    await stored;
    rmSync(obstacle, { recursive: true });
    now += 2_000;
    journal.flush();
    expect(journal.failure).toBeUndefined();
    expect([...(open().left?.contacts.keys() ?? [])], 'it is not taken up again').toEqual([one]);
    expect(findJournaledContact(dataDir, two)).toHaveLength(2);
  });

  test('[OPS-03] files beyond a week are removed, the newest never', () => {
    const journal = begun();
    turn(journal, one, '1');
    now = Date.now() + 8 * 86_400_000;
    writeFileSync(join(dataDir, 'journal', 'journal-000099.ndjson.new'), 'half');
    journal.begin(() => []);
    expect(files()).toHaveLength(1);
    expect(readdirSync(join(dataDir, 'journal')).some((name) => name.endsWith('.new'))).toBe(false);
    expect(open().left?.contacts.has(one)).toBe(true);
  });
});
