import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SpeechFault } from '@crosspoint/contracts';
import { writeWavHeader, wavHeaderBytes } from '@crosspoint/media';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type SpeechChoice, SpeechProviderError, type SpokenText } from './door.ts';
import { Speech } from './speech.ts';

const wav = Buffer.alloc(wavHeaderBytes + 16_000);
writeWavHeader(wav, { encoding: 'pcm16', channels: 1, rateHz: 8_000 }, 16_000);
for (let at = 0; at < 8_000; at++)
  wav.writeInt16LE(Math.round(9_000 * Math.sin(at / 4)), wavHeaderBytes + at * 2);

let dataDir = '';
let choice: SpeechChoice | undefined;
/** What keeps the service from speaking that text. */
let faultOf: (text: string) => SpeechFault | undefined;
let asked: string[];
let told: string[];
let timers: { ms: number; run: () => void }[];
let speech: Speech;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'owed-'));
  const voices = { en: 'v', es: 'v', cs: 'v' };
  choice = { provider: 'openai', address: 'http://127.0.0.1/v1', region: '', model: '', voices, key: 'k' };
  [asked, told, timers] = [[], [], []];
  speech = new Speech({
    dataDir,
    choice: async () => choice,
    byProvider: async (_choice, { text }) => {
      asked.push(text);
      const fault = faultOf(text);
      if (fault !== undefined) throw new SpeechProviderError(fault);
      return wav;
    },
    failed: (fault) => told.push(fault),
    spoke: () => told.push('spoke'),
    later: (ms, run) => {
      const timer = { ms, run };
      timers.push(timer);
      return () => void (timers = timers.filter((each) => each !== timer));
    },
  });
});
afterEach(() => rm(dataDir, { recursive: true }));

const textsOf = (count: number): SpokenText[] =>
  Array.from({ length: count }, (_, at) => ({ text: `Text ${at}.`, language: 'en' }));

/** Lets the only timer run out. @returns how long it was, in milliseconds. */
async function nextTry(): Promise<number> {
  const [timer, ...others] = timers.splice(0);
  expect(others).toEqual([]);
  timer?.run();
  // Whoever comes next waits for what is being tried.
  await speech.prepareTexts([]);
  return timer?.ms ?? Number.NaN;
}

test('[IVR-04] texts that a service failed to speak are spoken by it as soon as it is back, with growing pauses until then', async () => {
  faultOf = () => 'no-connection';
  const texts = textsOf(3);
  await speech.prepareTexts(texts);
  const offline = texts.map((each) => speech.pathOf(each));
  const pausesMs = [];
  for (let tries = 0; tries < 7; tries++) pausesMs.push(await nextTry());
  expect(pausesMs).toEqual([30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000]);
  expect(texts.map((each) => speech.pathOf(each))).toEqual(offline);
  faultOf = () => undefined;
  await nextTry();
  for (const [at, each] of texts.entries()) {
    expect(speech.pathOf(each)).not.toBe(offline[at]);
  }
  expect(timers).toEqual([]);
  expect(told.at(-1)).toBe('spoke');
});

test('[IVR-04] a text that a service refuses for its own sake keeps no other from being spoken, and is given up after two days', async () => {
  faultOf = () => 'key-refused';
  const texts = textsOf(24);
  await speech.prepareTexts(texts);
  expect(asked).toHaveLength(1);
  faultOf = (text) => (text === 'Text 0.' || text === 'Text 22.' ? 'request-refused' : undefined);
  for (let tries = 0; tries < 2; tries++) await nextTry();
  expect(new Set(asked).size).toBe(24);
  expect(told).not.toContain('spoke');
  asked = [];
  let tries = 0;
  for (; timers.length > 0; tries++) await nextTry();
  expect(new Set(asked)).toEqual(new Set(['Text 0.', 'Text 22.']));
  expect(tries).toBe(300);
});

test('[IVR-04] a service that was left for the engine is not asked for what it owes, and neither is one of a centre that has ended', async () => {
  faultOf = () => 'unavailable';
  await speech.prepareTexts(textsOf(1));
  const kept = choice;
  choice = undefined;
  await nextTry();
  expect([asked.length, timers.length]).toEqual([1, 0]);
  choice = kept;
  await speech.prepareTexts(textsOf(1));
  expect(timers).toHaveLength(1);
  speech.close();
  expect(timers).toEqual([]);
});
