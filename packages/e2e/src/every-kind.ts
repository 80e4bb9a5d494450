import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FlowNodeInput, FlowNodeKind, PromptLanguage } from '@crosspoint/contracts';
import type { PhoneCall } from '@crosspoint/sim/phones';
import { synthesizeTone } from '@crosspoint/media';
import { writeToneFile } from './audio/index.ts';

/**
 * Flows through nodes of all kinds. Their prompts are tones that tell the language, and one node from the next: two prompts
 * in turn.
 */
export const spokenLanguages: readonly PromptLanguage[] = ['en', 'es', 'cs'];
const promptsOfNodes = {
  language: 'odd',
  say: 'even',
  play: 'odd',
  menu: 'even',
  wrong: 'odd',
  collect: 'odd',
  inner: 'even',
  survey: 'odd',
  record: 'even',
  voicemail: 'odd',
  end: 'even',
} as const;
export type SpokenNode = keyof typeof promptsOfNodes;
const promptNames = ['odd', 'even'] as const;

/** All are multiples of 50 Hz, which a phone's ear tells apart. */
export const promptToneHz = (node: SpokenNode, language: PromptLanguage): number =>
  toneHz(promptsOfNodes[node], language);
const toneHz = (name: (typeof promptNames)[number], language: PromptLanguage): number =>
  550 + 100 * spokenLanguages.indexOf(language) + 350 * promptNames.indexOf(name);

/** Puts both prompts in every language into the data directory of a product, so long each. */
export function recordPrompts(dataDir: string, seconds: number): void {
  for (const language of spokenLanguages) {
    const folder = join(dataDir, 'prompts', language);
    mkdirSync(folder, { recursive: true });
    for (const name of promptNames) {
      writeToneFile(join(folder, `${name}.wav`), toneHz(name, language), seconds);
    }
  }
}

const prompt = (node: SpokenNode) => [{ recording: promptsOfNodes[node] }];

export interface Surroundings {
  queue: string;
  /** Takes nobody. */
  closedQueue: string;
  agent: string;
  box: string;
  innerFlow: string;
  lookupUrl: string;
  /** After so much silence a recording is over. */
  silenceSeconds: number;
}

const allDay = [{ from: '00:00', to: '24:00' }];
const alwaysOpen = {
  timeZone: 'Europe/Prague',
  week: {
    ...{ monday: allDay, tuesday: allDay, wednesday: allDay, thursday: allDay },
    ...{ friday: allDay, saturday: allDay, sunday: allDay },
  },
};

/** A node of each kind that leads to `next` when all goes well, and to `elsewhere` when it does not. */
export function everyKind(
  { queue, closedQueue, agent, box, innerFlow, lookupUrl, silenceSeconds }: Surroundings,
  elsewhere = 'bye',
): { [Kind in Exclude<FlowNodeKind, 'return' | 'end'>]: (next: string) => FlowNodeInput } {
  return {
    language: (next) => ({
      ...{ kind: 'language', prompt: prompt('language'), otherwise: 'en', next },
      choices: { 1: 'en', 2: 'es', 3: 'cs' },
    }),
    say: (next) => ({ kind: 'say', prompt: prompt('say'), bargeIn: false, next }),
    play: (next) => ({ kind: 'play', recording: promptsOfNodes.play, bargeIn: false, next }),
    menu: (next) => ({
      ...{ kind: 'menu', prompt: prompt('menu'), invalidPrompt: prompt('wrong') },
      ...{ timeoutPrompt: prompt('wrong'), timeoutSeconds: 1, retries: 9 },
      ...{ keys: { 5: next }, otherwise: elsewhere },
    }),
    collect: (next) => ({
      ...{ kind: 'collect', prompt: prompt('collect'), variable: 'code', digitsMin: 3, digitsMax: 3 },
      ...{ timeoutSeconds: 30, interDigitSeconds: 10, next, otherwise: elsewhere },
    }),
    set: (next) => ({ kind: 'set', variable: 'twice', value: 'code + code', next }),
    condition: (next) => ({
      ...{ kind: 'condition', cases: [{ when: 'twice == "472472"', next }], otherwise: elsewhere },
    }),
    split: (next) => ({
      kind: 'split',
      branches: [
        { weight: 1, next },
        { weight: 3, next },
      ],
    }),
    hours: (next) => ({ kind: 'hours', hours: alwaysOpen, open: next, closed: elsewhere }),
    http: (next) => ({ kind: 'http', url: lookupUrl, timeoutMs: 10_000, next, failed: elsewhere }),
    'sub-flow': (next) => ({ kind: 'sub-flow', flow: innerFlow, next }),
    survey: (next) => ({
      ...{ kind: 'survey', question: 'How was it?', prompt: prompt('survey'), timeoutSeconds: 30 },
      ...{ next, otherwise: elsewhere },
    }),
    transfer: (next) => ({ kind: 'transfer', to: { agent }, failed: next }),
    record: (next) => ({
      ...{ kind: 'record', prompt: prompt('record'), silenceSeconds, next, failed: elsewhere },
    }),
    voicemail: (next) => ({
      ...{ kind: 'voicemail', box, prompt: prompt('voicemail'), silenceSeconds, next, failed: elsewhere },
    }),
    callback: (next) => ({ kind: 'callback', queue, next, failed: elsewhere }),
    queue: (next) => ({ kind: 'queue', queue: closedQueue, refused: next }),
  };
}

export const farewell: FlowNodeInput = { kind: 'end', prompt: prompt('end') };
/** The flow that a sub-flow node of these leads through. */
export const innerNodes = {
  inner: { kind: 'say', prompt: prompt('inner'), bargeIn: false, next: 'back' },
  back: { kind: 'return' },
} as const satisfies Record<string, FlowNodeInput>;

/** How a phone sends its keys. */
export const keyWays = ['RFC 4733', 'SIP INFO', 'in-band'] as const;
export type KeyWay = (typeof keyWays)[number];

const sampleRateHz = 8_000;
const rowsHz = [697, 770, 852, 941];
const columnsHz = [1_209, 1_336, 1_477];
const keypad = '123456789*0#';
/** The two tones of which a key is made (ITU-T Q.23). */
export function keyTonesHz(key: string): [number, number] {
  const at = keypad.indexOf(key);
  return [rowsHz[Math.floor(at / 3)] ?? 0, columnsHz[at % 3] ?? 0];
}

/** Sound of one's own is repeated; none lasts so long as this. */
const lastsSeconds = 60;

export function press(call: PhoneCall, way: KeyWay, keys: string): void {
  if (way === 'RFC 4733') return call.sound.sendDigits(keys);
  if (way === 'SIP INFO') return [...keys].forEach((key) => call.sendInfoDigit(key));
  const sound = new Int16Array(sampleRateHz * lastsSeconds);
  for (const [index, key] of [...keys].entries()) {
    const frequenciesHz = keyTonesHz(key);
    sound.set(synthesizeTone({ frequenciesHz, levelDbm0: -10, onMs: 120 }), (index * sampleRateHz) / 4);
  }
  call.sound.say(sound);
}

/** Says something for that long, and nothing from then on. */
export function sayBriefly(call: PhoneCall, ms: number): void {
  const sound = new Int16Array(sampleRateHz * lastsSeconds);
  sound.set(synthesizeTone({ frequenciesHz: [400], levelDbm0: -10, onMs: ms }));
  call.sound.say(sound);
}
