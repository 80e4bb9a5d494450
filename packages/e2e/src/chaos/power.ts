import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Contact, Recording, TimelineFact } from '@crosspoint/contracts';
import { decodeAudio } from '../audio/index.ts';
import type { CuttableDisk } from '../disks.ts';
import { signal } from '../product/index.ts';
import { until } from '../wait.ts';
import { checkIdentity, type World } from '../world.ts';
import { People } from './people.ts';
import { Dice } from './random.ts';

export interface PowerOptions {
  seed: number;
  cuts: number;
  /** Calls that are up at each cut. */
  calls: number;
  /** Told what is done, one line at a time. */
  tell?: (line: string) => void;
}

export interface PowerResult {
  /** Contacts that were known before a cut, and their facts; all of them were there afterwards. */
  contacts: number;
  facts: number;
  /** Recordings that had ended before a cut, and how many ran. */
  endedRecordings: number;
  /** Of each recording that ran and did not go on: how much of its end is missing. */
  lostMs: number[];
  /** From the start after a cut until everything was ready. */
  readyMs: number[];
}

/** What the server has said is so, to anybody who asked. */
interface Told {
  contacts: Contact[];
  recordings: Recording[];
  /** Of the configuration. */
  document: object;
  promptId: string;
  prompt: Uint8Array;
}

const contactsMax = 200;
const cutWithinMs = 3_000;

/**
 * Cuts the power of a product whose data lie on that disk, at random instants amid calls in all states, and starts it again. What it
 * had said to somebody must be there afterwards, recordings to their last moments; nothing may be left open. Throws what was
 * found wrong.
 */
export async function cutPower(
  world: World,
  disk: CuttableDisk,
  options: PowerOptions,
): Promise<PowerResult> {
  const { seed, cuts, calls, tell = () => undefined } = options;
  const dice = new Dice(seed);
  const result: PowerResult = { contacts: 0, facts: 0, endedRecordings: 0, lostMs: [], readyMs: [] };
  for (let cut = 1; cut <= cuts; cut++) {
    const people = await People.gather(world, dice, calls, () => undefined);
    await people.fill();
    for (let acts = calls; acts > 0; acts--) await people.act();
    const cutAtMs = performance.now() + dice.below(cutWithinMs);
    await until('the instant of the cut', () => performance.now() >= cutAtMs);
    const told = await ask(world, cut);
    const atMs = Date.now();
    disk.cut();
    tell(
      `cut ${cut}: ${told.contacts.length} contacts, ${told.contacts.filter(({ closedAt }) => closedAt === null).length} of them open, ` +
        `${told.recordings.filter(({ status }) => status === 'recording').length} recordings run`,
    );
    await endAll(world);
    await disk.restore();
    // The journal is brought to the disk with recordings only, so that it may be there or not: calls go on or are closed.
    const isJournalLost = cut % 2 === 1;
    if (isJournalLost) rmSync(join(world.product.dataDir, 'journal'), { recursive: true, force: true });
    people.hangUpAll();
    const startedAtMs = performance.now();
    await world.product.start();
    result.readyMs.push(Math.round(performance.now() - startedAtMs));
    await world.login();
    await checkTold(world, told);
    const lostMs = await checkRecordings(world, told, atMs);
    // One that went on is longer than the time before the cut.
    if (isJournalLost) result.lostMs.push(...lostMs);
    result.contacts += told.contacts.length;
    result.facts += told.contacts.reduce((sum, { timeline }) => sum + timeline.length, 0);
    result.endedRecordings += told.recordings.filter(({ status }) => status === 'complete').length;
    for (const { name } of await world.api.queues()) checkIdentity(name, await world.api.stats(name));
  }
  return result;
}

/** What the API says, and the last things that it says are done. */
async function ask(world: World, cut: number): Promise<Told> {
  const { api } = world;
  const recordings = await api.recordings();
  const contacts: Contact[] = [];
  for (const { id } of await api.contacts(contactsMax)) contacts.push(await api.contact(id));
  const promptId = `en.cut-${cut}`;
  const text = `This was said before cut ${cut}.`;
  await api.request('PUT', `/prompts/${promptId}`, { text, speak: { pacePercent: 100 } });
  const prompt = await soundOf(world, promptId);
  const name = `made before cut ${cut}`;
  const trunk = { name, host: '127.0.0.9', match: ['127.0.0.9/32'], keepAliveSeconds: 0 };
  // Its password is sealed with the key that lies in a file.
  const authentication = { username: 'acme', password: `secret ${cut}` };
  const document = { queues: [{ name }], trunks: [{ ...trunk, authentication }] };
  await api.apply(document);
  return { contacts, recordings, document, promptId, prompt };
}

/** Nothing of it goes on without power. */
async function endAll({ product }: World): Promise<void> {
  for (const { pid } of product.processes()) signal(pid, 'SIGKILL');
  await product.exited();
  await until('every process to be gone', () => product.processes().length === 0);
}

async function checkTold(world: World, told: Told): Promise<void> {
  const { api } = world;
  for (const before of told.contacts) {
    // What the disk still told of a call lets it go on: its telephones have hung up meanwhile.
    const after = await api.contactWhen(before.id, 'closed', ({ closedAt }) => closedAt !== null);
    const former = before.timeline.map(line).join('\n');
    const kept = after.timeline.slice(0, before.timeline.length).map(line).join('\n');
    if (kept !== former) throw new Error(`Contact ${before.id} was told as\n${former}\nand is now\n${kept}`);
    const numbers = after.timeline.map(({ seq }) => seq);
    if (numbers.some((seq, index) => seq !== index + 1))
      throw new Error(`Contact ${before.id} has the facts ${numbers.join(', ')}.`);
  }
  const { changes } = await api.apply(told.document, { dryRun: true });
  if (changes.length > 0) throw new Error(`What was applied is not so: ${JSON.stringify(changes)}`);
  const prompt = await soundOf(world, told.promptId);
  if (!Buffer.from(prompt).equals(Buffer.from(told.prompt)))
    throw new Error(
      `The prompt ${told.promptId} has ${prompt.length} bytes instead of ${told.prompt.length}.`,
    );
}

const line = ({ seq, at, type }: TimelineFact): string => `${seq} ${at} ${type}`;

/** How many milliseconds each recording that ran lacks of its end; others must be as they were. */
async function checkRecordings(world: World, { recordings }: Told, cutAtMs: number): Promise<number[]> {
  const { api } = world;
  const lostMs: number[] = [];
  for (const before of recordings) {
    const after = await api.get<Recording>(`/recordings/${before.id}`);
    if (after.status !== 'complete')
      throw new Error(`Recording ${before.id} was ${before.status} and is ${after.status}.`);
    const seconds = secondsOf(await api.downloadRecording(before.id));
    if (Math.abs(seconds - after.durationSeconds) > 0.1)
      throw new Error(`Recording ${before.id} says ${after.durationSeconds} s and holds ${seconds} s.`);
    if (before.status === 'recording') {
      lostMs.push(Math.round(cutAtMs - Date.parse(before.startedAt) - seconds * 1000));
    } else if (after.durationSeconds !== before.durationSeconds) {
      throw new Error(
        `Recording ${before.id} had ${before.durationSeconds} s and has ${after.durationSeconds} s.`,
      );
    }
  }
  return lostMs;
}

/** Decoded, so that a file that promises more than it holds is found out. */
function secondsOf(recording: Uint8Array): number {
  const folder = mkdtempSync(join(tmpdir(), 'crosspoint-power-'));
  try {
    const file = join(folder, 'recording.wav');
    writeFileSync(file, recording);
    return decodeAudio(file).durationSeconds;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function soundOf(world: World, promptId: string): Promise<Uint8Array> {
  const response = await world.api.send('GET', `/prompts/${promptId}`);
  return new Uint8Array(await response.arrayBuffer());
}
