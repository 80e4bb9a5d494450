import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ContactId, FlowDocument, type FlowId } from '@crosspoint/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SecretBox } from '../../platform/index.ts';
import type { PublishedFlow } from '../flows/index.ts';
import { CallJournal } from './journal.ts';
import { JournaledFlows } from './journaled-flow.ts';

const log = { warn: () => undefined, error: () => undefined };
const contactId = '00000000-0000-7000-8000-000000000001' as ContactId;
const origin = { number: '1', callerPhone: '', callerName: '', queueId: null, trunkId: undefined };
const document = FlowDocument.parse({ name: 'door', start: 'bye', nodes: { bye: { kind: 'end' } } });
const published: PublishedFlow = { id: 'f1' as FlowId, version: 3, document };
let dataDir: string;
let flows: Map<string, PublishedFlow>;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'crosspoint-flow-notes-'));
  flows = new Map([['door', published]]);
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

function begun(): { journal: CallJournal; notes: JournaledFlows; left: readonly string[] } {
  const { journal, left } = CallJournal.open(dataDir, () => 1_000, log);
  const notes = new JournaledFlows(journal, SecretBox.open(dataDir), () => flows);
  return { journal, notes, left: left?.contacts.get(contactId)?.flow ?? [] };
}

function written(flow: PublishedFlow, keys: string): void {
  const { journal, notes } = begun();
  journal.begin(() => []);
  journal.opened(contactId, origin);
  notes.began(contactId, { ...published, version: 1 });
  notes.heard(contactId, 1, { type: 'said' });
  notes.began(contactId, flow);
  [...keys].forEach((digit, index) => notes.heard(contactId, 10 + index, { type: 'digit', digit }));
}

test('[OPS-03] a flow and what it was told are there for the next process, from its last beginning on', () => {
  written(published, '47');
  const { notes, left } = begun();
  expect(notes.read(left)).toEqual({
    flow: published,
    inputs: [
      { at: 10, input: { type: 'digit', digit: '4' } },
      { at: 11, input: { type: 'digit', digit: '7' } },
    ],
  });
});

test('[OPS-03] [OPS-05] keys that callers press in a flow cannot be read in the files', () => {
  written(published, '4711');
  const folder = join(dataDir, 'journal');
  const text = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  expect(text.join()).toContain(contactId);
  expect(text.join()).not.toMatch(/digit|4711/);
});

test('[OPS-03] a flow that was published anew meanwhile is not taken up; one that a rule made is', () => {
  const made = { ...published, document: { ...document } };
  written(published, '1');
  const before = begun();
  flows.set('door', { ...published, version: 4 });
  expect(before.notes.read(before.left)).toBeUndefined();
  written(made, '2');
  const after = begun();
  expect(after.notes.read(after.left)?.flow).toEqual(made);
});

test('[OPS-03] a flow is not taken up either when one that it leads through was published anew', () => {
  const calling = (name: string, flow: string) =>
    FlowDocument.parse({
      ...{ name, start: 'sub' },
      nodes: { sub: { kind: 'sub-flow', flow, next: 'bye' }, bye: { kind: 'end' } },
    });
  const [outer, middle] = [calling('outer', 'middle'), calling('middle', 'door')];
  const flow = { ...published, document: outer };
  flows.set('outer', flow).set('middle', { ...published, document: middle });
  written(flow, '1');
  const { notes, left } = begun();
  expect(notes.read(left)?.flow).toEqual(flow);
  flows.set('door', { ...published, version: 4 });
  expect(notes.read(left)).toBeUndefined();
  flows.delete('door');
  expect(notes.read(left)).toBeUndefined();
});

test('[OPS-03] notes of another installation, or none, are no flow', () => {
  written(published, '1');
  const { journal, left } = begun();
  const stranger = new JournaledFlows(journal, new SecretBox(Buffer.alloc(32)), () => flows);
  expect([stranger.read(left), stranger.read([])]).toEqual([undefined, undefined]);
});
