import { type ChildProcess, execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Hearing } from '@crosspoint/core';
import type { RecognitionEvents, RecognitionStream, Recogniser } from './door.ts';
import { anySounds, grammarOf, type PhraseGrammar } from './grammar.ts';
import { Pronunciations } from './pronunciations.ts';
import { Slots } from './slots.ts';
import { forEngine, Utterance } from './utterance.ts';

const program = 'pocketsphinx_batch';
const modelFolder = '/usr/share/pocketsphinx/model/en-us';
const model = join(modelFolder, 'en-us');
const dictionary = join(modelFolder, 'cmudict-en-us.dict');

/** Utterances recognised at once, and those that wait for their turn: calls need the processor more. */
const atOnceMax = 2;
const waitingMax = 12;
const runTimeoutMs = 5_000;

const outputCharsMax = 10_000;
/** However slowly somebody speaks, no sound takes longer, in stretches of 10 ms: whoever speaks for longer has said more than the phrase. */
const soundFramesMax = 24;

/** The machine gave the engine too little time. */
class NoAnswer extends Error {}

/** Whether the engine and its English model are on this machine. */
export function hasPocketsphinx(): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/local/bin'];
  const isThere = (path: string, mode: number): boolean => {
    try {
      accessSync(path, mode);
      return true;
    } catch {
      return false; // Not in this folder.
    }
  };
  return (
    folders.some((folder) => isThere(join(folder, program), constants.X_OK)) &&
    isThere(dictionary, constants.R_OK)
  );
}

/**
 * English words of a small vocabulary, by pocketsphinx beside the server. Each utterance is recognised when it is over, by processes
 * of low priority that end with it; the phrases are measured against sounds in any order, which tells how sure it is.
 */
export class Pocketsphinx implements Recogniser {
  readonly #known = new Pronunciations(dictionary);
  readonly #slots = new Slots(atOnceMax, waitingMax);
  readonly #isInstalled: () => boolean;

  constructor(isInstalled = hasPocketsphinx) {
    this.#isInstalled = isInstalled;
  }

  refusal({ language, phrases, repeats }: Hearing): ReturnType<Recogniser['refusal']> {
    if (language !== 'en') return 'language-unknown';
    if (!this.#isInstalled()) return 'not-installed';
    return grammarOf({ phrases, repeats }, this.#known) === undefined ? 'words-unknown' : undefined;
  }

  open(hearing: Hearing, events: RecognitionEvents): RecognitionStream {
    const utterance = new Utterance(hearing.maxMs + hearing.silenceMs);
    const grammar = grammarOf(hearing, this.#known);
    const aborted = new AbortController();
    let leave: (() => void) | undefined;
    const recognise = async (known: PhraseGrammar): Promise<void> => {
      try {
        const { text, confidence } = await runEngine(utterance, known, aborted.signal);
        if (!aborted.signal.aborted) events.heard(text, confidence);
      } catch (error) {
        const fault = error instanceof NoAnswer ? 'timeout' : 'engine-failed';
        if (!aborted.signal.aborted) events.failed(fault, (error as Error).message.slice(0, 300));
      } finally {
        leave?.();
      }
    };
    return {
      write: (samples) => utterance.add(samples),
      finish: () => {
        if (grammar === undefined) return queueMicrotask(() => events.failed('words-unknown', ''));
        leave = this.#slots.take(() => void recognise(grammar));
        if (leave === undefined) queueMicrotask(() => events.failed('busy', `${waitingMax} wait already`));
      },
      cancel: () => {
        aborted.abort();
        leave?.();
      },
    };
  }
}

async function runEngine(
  utterance: Utterance,
  grammar: PhraseGrammar,
  signal: AbortSignal,
): Promise<{ text: string; confidence: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'crosspoint-heard-'));
  try {
    await Promise.all([
      writeFile(join(folder, 'utterance.raw'), forEngine(utterance)),
      writeFile(join(folder, 'list'), 'utterance\n'),
      writeFile(join(folder, 'words'), grammar.dictionary),
      writeFile(join(folder, 'phrases'), grammar.phrases),
      writeFile(join(folder, 'sounds'), anySounds),
    ]);
    const [phrase, sounds] = await Promise.all([
      scoreOf(folder, 'phrases', signal),
      scoreOf(folder, 'sounds', signal),
    ]);
    if (phrase === undefined || sounds === undefined || phrase.text === '')
      return { text: '', confidence: 0 };
    const frames = Math.max(1, utterance.spokenFrames);
    const explained = Math.min(1, (grammar.soundsIn(phrase.text) * soundFramesMax) / frames);
    const confidence = confidenceOf((phrase.score - sounds.score) / frames) * explained ** 2;
    return { text: phrase.text, confidence: Math.round(confidence * 100) / 100 };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * How sure a phrase is that scores so much more for each 10 ms of speech than sounds in any order do: of words spoken through a
 * telephone three quarters score above 2, of other words three quarters below -3.
 */
const confidenceOf = (perFrame: number): number => 1 / (1 + Math.exp(-(perFrame + 4) / 2.5));

/** Undefined when nothing was recognised. */
async function scoreOf(
  folder: string,
  grammar: string,
  signal: AbortSignal,
): Promise<{ text: string; score: number } | undefined> {
  const output = join(folder, `${grammar}.heard`);
  const options = [
    ...['-adcin', 'yes', '-cepdir', folder, '-cepext', '.raw', '-ctl', join(folder, 'list')],
    ...['-hmm', model, '-dict', join(folder, 'words'), '-jsgf', join(folder, grammar)],
    ...['-hyp', output, '-logfn', '/dev/null'],
  ];
  await run('nice', ['-n', '10', program, ...options], signal);
  const line = (await readFile(output, 'utf8')).slice(0, outputCharsMax).trim();
  const [, text = '', score] = /^(.*?)\s*\(utterance (-?\d+)\)$/.exec(line) ?? [];
  return score === undefined ? undefined : { text, score: Number(score) };
}

function run(command: string, options: string[], signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const limits = { timeout: runTimeoutMs, killSignal: 'SIGKILL', signal } as const;
  const child: ChildProcess = execFile(command, options, limits, (error) => {
    if (error === null) resolve();
    else reject(child.killed ? new NoAnswer(`no answer within ${runTimeoutMs} ms`) : error);
  });
  return promise;
}
