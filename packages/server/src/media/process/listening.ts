import {
  AnsweringMachineDetector,
  beepTone,
  faxAnswerTone,
  faxCallingTone,
  SpeechDetector,
  ToneDetector,
} from '@crosspoint/media';
import type { ListenParams, MediaEventBody } from '../protocol.ts';
import { CommandError } from './errors.ts';
import { HeardSound } from './heard-sound.ts';
import { ears, type LegTable } from './legs.ts';

/** Silence is made up for in pieces of at most 120 ms. */
const silenceSamples = 960;
const samplesPerMs = 8;
/** Legs whose sound is handed on at the same time: 20 kB a second each. */
const soundsMax = 300;
/** Sound may be so late without being replaced by silence. */
const lateMsMax = 80;

const tones = { beep: beepTone, 'fax-calling': faxCallingTone, 'fax-answer': faxAnswerTone } as const;

interface Listener {
  startedAtMs: number;
  /** Heard so far, with the silence that stands for packets that did not come. */
  samples: number;
  speech: SpeechDetector | undefined;
  tones: ToneDetector | undefined;
  answeringMachine: AnsweringMachineDetector | undefined;
  sound: HeardSound | undefined;
}

/**
 * Listens to what legs say, at somebody's wish: speech and silence, tones, answering machines, or all of it. Detectors count time in
 * sound, so that what did not come (loss, a sender that suppresses silence) is heard as silence.
 */
export class Listening {
  readonly #legs: LegTable;
  readonly #emit: (event: MediaEventBody) => void;
  readonly #listeners = new Map<number, Listener>();
  readonly #silence = new Int16Array(silenceSamples);

  constructor(legs: LegTable, emit: (event: MediaEventBody) => void) {
    this.#legs = legs;
    this.#emit = emit;
  }

  /** Begins anew with these detectors. Throws a CommandError naming what is wrong. */
  start(leg: number, params: ListenParams, nowMs: number): void {
    const { speech, tones: names, answeringMachine, sound = false } = params;
    if (speech === undefined && names === undefined && answeringMachine === undefined && !sound) {
      throw new CommandError(
        'invalid-request',
        'speech, tones, answeringMachine, sound: say for what to listen, at least one',
      );
    }
    if (sound && this.#sounds() >= soundsMax) {
      const message = `sound: of ${soundsMax} legs already; wait until one is not listened to any more`;
      throw new CommandError('listening-limit', message);
    }
    try {
      this.#listeners.set(leg, {
        startedAtMs: nowMs,
        samples: 0,
        speech: speech && new SpeechDetector(speech),
        tones: names && new ToneDetector(names.map((name) => tones[name])),
        answeringMachine: answeringMachine && new AnsweringMachineDetector(answeringMachine),
        sound: sound ? new HeardSound() : undefined,
      });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new CommandError('invalid-request', error.message);
    }
    this.#legs.isHeard[leg]! |= ears.detectors;
  }

  #sounds(): number {
    let count = 0;
    for (const { sound } of this.#listeners.values()) if (sound !== undefined) count++;
    return count;
  }

  /** Fine when nobody listens. */
  stop(leg: number): void {
    this.#listeners.delete(leg);
    this.#legs.isHeard[leg]! &= ~ears.detectors;
  }

  /** Listens to the sound of one packet, at 8,000 Hz. */
  hear(leg: number, samples: Int16Array, length: number, nowMs: number): void {
    const listener = this.#listeners.get(leg);
    if (listener === undefined) return;
    this.#catchUp(leg, listener, nowMs, length, lateMsMax);
    this.#listen(leg, listener, samples, length);
  }

  /** Lets time pass for legs that send nothing; called some times a second. */
  tick(nowMs: number): void {
    for (const [leg, listener] of this.#listeners) this.#catchUp(leg, listener, nowMs, 0, lateMsMax);
  }

  /** Makes up with silence for what is late by more than `slackMs`. */
  #catchUp(leg: number, listener: Listener, nowMs: number, arriving: number, slackMs: number): void {
    const due = (nowMs - listener.startedAtMs) * samplesPerMs;
    let missing = Math.floor(due - listener.samples - arriving);
    if (missing <= slackMs * samplesPerMs) return;
    missing -= (slackMs / 2) * samplesPerMs;
    for (; missing > 0; missing -= silenceSamples) {
      this.#listen(leg, listener, this.#silence, Math.min(silenceSamples, missing));
    }
  }

  #listen(leg: number, listener: Listener, samples: Int16Array, length: number): void {
    listener.samples += length;
    const legId = this.#legs.ids[leg] as string;
    listener.sound?.add(samples, length, (at, sound) =>
      this.#emit({ event: 'sound-heard', legId, atMs: at / samplesPerMs, sound }),
    );
    for (const { type, atMs } of listener.speech?.process(samples, 0, length) ?? []) {
      this.#emit({ event: 'speech-changed', legId, state: type, atMs });
    }
    for (const { name, frequencyHz, atMs, durationMs } of listener.tones?.process(samples, 0, length) ?? []) {
      const tone = name as keyof typeof tones;
      this.#emit({ event: 'tone', legId, tone, frequencyHz, atMs, durationMs });
    }
    for (const heard of listener.answeringMachine?.process(samples, 0, length) ?? []) {
      if (heard.type === 'message-ready') {
        this.#emit({ event: 'message-ready', legId, reason: heard.reason, atMs: heard.atMs });
        continue;
      }
      const { type: _, ...verdict } = heard;
      this.#emit({ event: 'answered-by', legId, ...verdict });
    }
    if (listener.answeringMachine?.isDone === true) listener.answeringMachine = undefined;
    const { speech, tones: others, answeringMachine, sound } = listener;
    if ((speech ?? others ?? answeringMachine ?? sound) === undefined) this.stop(leg);
  }
}
