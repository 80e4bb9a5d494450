import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContactId } from '@crosspoint/contracts';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findInputs, journalNumbers, journalPath, readJournal } from './journal-files.ts';
import { JournalLines } from './journal-lines.ts';

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'crosspoint-journal-lines-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

const frame = { before: ['{"n":7}', '{"s":7}'], after: ['{"n":7,"q":[3]}'] };
const contactIds = ['a', 'b', 'c', 'd', 'e'] as ContactId[];

const step = fc.oneof(
  fc.record({ act: fc.constant('input' as const), contact: fc.nat(4), size: fc.nat(20) }),
  fc.record({
    act: fc.constantFrom('end' as const, 'write' as const),
    contact: fc.nat(4),
    size: fc.constant(0),
  }),
);

/** Lines under small limits, with what each contact was told; a contact that ends makes room for another of a new name. */
class Scene {
  readonly #lines = new JournalLines(directory, 0, { fileBytesMax: 2_000, copiedBytesMin: 150 });
  readonly told = new Map<ContactId, number[]>();
  readonly ended = new Map<ContactId, number[]>();
  readonly #names = [...contactIds];
  #count = 0;
  renewals = 0;

  constructor() {
    this.#lines.beginFile(frame);
  }

  input(contact: number, size: number): void {
    const id = this.#names[contact] as ContactId;
    const told = this.told.get(id) ?? [];
    told.push(++this.#count);
    this.told.set(id, told);
    const text = 'ž'.repeat(size);
    this.#lines.add(id, JSON.stringify({ c: id, t: this.#count, i: { type: 'note', text } }));
  }

  end(contact: number): void {
    const id = this.#names[contact] as ContactId;
    const told = this.told.get(id);
    if (told === undefined) return;
    // A contact is forgotten when its facts are stored, by when its lines are on the disk.
    this.write();
    this.#lines.forget(id);
    this.ended.set(id, told);
    this.told.delete(id);
    this.#names[contact] = `${contactIds[contact]}${++this.#count}` as ContactId;
  }

  write(): void {
    const bytes = this.#lines.waitingBytes;
    this.#lines.note('{"n":1}');
    this.#lines.write();
    // Slower than the server copies, so that more happens meanwhile.
    if (this.#lines.isLong && this.#lines.renew(bytes / 3, () => frame)) this.renewals += 1;
  }

  fail(): void {
    this.#lines.shrink();
    this.#lines.beginFile(frame);
  }

  close(): void {
    this.#lines.close();
  }
}

function play(scene: Scene, { act, contact, size }: { act: string; contact: number; size: number }): void {
  if (act === 'input') scene.input(contact, size);
  else if (act === 'end') scene.end(contact);
  else scene.write();
}

/** What the newest file tells of each contact, by the numbers of its inputs. */
function toldBy(number: number): Map<ContactId, number[]> {
  const { contacts } = readJournal(journalPath(directory, number));
  return new Map([...contacts.values()].map(({ id, inputs }) => [id, inputs.map(({ at }) => at)]));
}

describe('lines of a journal', () => {
  test('[OPS-03] whenever the process dies, the newest file has all of what lives, and some file all of what has ended', () => {
    let renewals = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
        for (const name of readdirSync(directory)) rmSync(join(directory, name));
        const scene = new Scene();
        for (const each of steps) play(scene, each);
        scene.write();
        const newest = toldBy(journalNumbers(directory).at(-1) ?? 0);
        for (const [id, told] of scene.told) expect(newest.get(id)).toEqual(told);
        for (const [id, told] of scene.ended) {
          expect(findInputs(directory, id)?.map(({ at }) => at)).toEqual(told);
          if (newest.has(id)) expect(newest.get(id), 'none goes along in part').toEqual(told);
        }
        renewals += scene.renewals;
        scene.close();
      }),
      { seed: 7, numRuns: 60 },
    );
    expect(renewals, 'new files were made').toBeGreaterThan(50);
  });

  test('[OPS-03] a line that is longer than a piece of the copy goes along whole', () => {
    const scene = new Scene();
    scene.input(0, 40_000);
    scene.write();
    for (let writes = 0; scene.renewals === 0 && writes < 100; writes++) {
      scene.input(1, 10);
      scene.write();
    }
    expect(scene.renewals).toBe(1);
    expect(toldBy(2).get(contactIds[0] as ContactId)).toEqual([1]);
    scene.close();
  });

  test('[OPS-03] a file that is not to be made any more leaves nothing half made, and what lives is kept in memory', () => {
    const scene = new Scene();
    for (let count = 0; count < 20; count++) {
      scene.input(count % 5, 50);
      if (count % 5 === 4) scene.write();
    }
    scene.end(2);
    scene.fail();
    scene.close();
    expect(readdirSync(directory).filter((name) => name.endsWith('.new'))).toEqual([]);
    expect(toldBy(journalNumbers(directory).at(-1) ?? 0)).toEqual(scene.told);
  });
});
