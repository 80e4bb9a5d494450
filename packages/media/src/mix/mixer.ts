import { softLimit } from './limiter.ts';
import type { MixerOptions, MixerPort, SupervisionMode } from './port.ts';

/** Most parties of one mix; a conference that grows beyond is an attack or a mistake. */
export const partiesMax = 1_000;
/** The idle sound of A-law: a frame that holds no more (−72 dBFS) is heard by nobody, but would be added for everybody. */
export const inaudibleMax = 8;

class Party {
  readonly input: Int16Array;
  /** The input with its gain, summed with those of the others. */
  readonly contribution: Int32Array;
  /** Made when the party first hears something of its own. */
  output: Int16Array | undefined;
  outputFrame = -1;
  fed = false;
  speaking = false;
  /** 1; 2 while amplified, because such a voice may overload alone. */
  voices = 1;
  muted = false;
  gain = 1;
  /** Gain at the end of the last frame, from which it moves to the wanted one. */
  gainNow = 1;
  audience: Set<number> | undefined;
  readonly deafTo = new Set<number>();
  /** Others whom this party does not hear; computed from the settings when they change. */
  unheard: number[] = [];

  constructor(samples: number) {
    this.input = new Int16Array(samples);
    this.contribution = new Int32Array(samples);
  }
}

/** See `MixerPort`. The sum of all is computed once; each listener gets it minus itself and those it must not hear. */
export class Mixer implements MixerPort {
  readonly sampleRateHz: number;
  readonly frameSamples: number;
  readonly #parties: (Party | undefined)[] = [];
  readonly #sum: Int32Array;
  /** The sum without those whom one listener does not hear. */
  readonly #rest: Int32Array;
  readonly #common: Int16Array;
  #commonFrame = -1;
  /** What is said to everybody, made when somebody first says something to some only. */
  #open: Int16Array | undefined;
  #openFrame = -1;
  #frame = 0;
  /** Voices in this frame. */
  #voices = 0;
  #routesChanged = false;

  constructor(options: MixerOptions) {
    const frameMs = options.frameMs ?? 20;
    if (!(frameMs >= 10 && frameMs <= 60)) throw new RangeError(`frameMs: 10–60, not ${frameMs}`);
    this.sampleRateHz = options.sampleRateHz;
    this.frameSamples = (options.sampleRateHz / 1000) * frameMs;
    this.#sum = new Int32Array(this.frameSamples);
    this.#rest = new Int32Array(this.frameSamples);
    this.#common = new Int16Array(this.frameSamples);
  }

  /** @throws RangeError when there are `partiesMax` parties already. */
  add(): number {
    const free = this.#parties.indexOf(undefined);
    const party = free >= 0 ? free : this.#parties.length;
    if (party >= partiesMax) throw new RangeError(`parties: at most ${partiesMax} in one mix`);
    this.#parties[party] = new Party(this.frameSamples);
    this.#routesChanged = true;
    return party;
  }

  remove(party: number): void {
    this.#parties[party] = undefined;
    for (const other of this.#parties) {
      other?.audience?.delete(party);
      other?.deafTo.delete(party);
    }
    this.#routesChanged = true;
  }

  setGain(party: number, gain: number): void {
    if (!(gain >= 0 && gain <= 8)) throw new RangeError(`gain: 0–8, not ${gain}`);
    this.#party(party).gain = gain;
  }

  setMuted(party: number, muted: boolean): void {
    this.#party(party).muted = muted;
  }

  setAudience(speaker: number, audience: 'everybody' | readonly number[]): void {
    this.#party(speaker).audience = audience === 'everybody' ? undefined : new Set(audience);
    this.#routesChanged = true;
  }

  setHears(listener: number, speaker: number, hears: boolean): void {
    this.#party(speaker);
    const { deafTo } = this.#party(listener);
    if (hears) deafTo.delete(speaker);
    else deafTo.add(speaker);
    this.#routesChanged = true;
  }

  hears(listener: number, speaker: number): boolean {
    if (listener === speaker) return false;
    const { audience } = this.#party(speaker);
    return (audience === undefined || audience.has(listener)) && !this.#party(listener).deafTo.has(speaker);
  }

  input(party: number): Int16Array {
    return this.#party(party).input;
  }

  fed(party: number): void {
    this.#party(party).fed = true;
  }

  mix(): void {
    if (this.#routesChanged) this.#computeRoutes();
    this.#frame++;
    this.#voices = 0;
    this.#sum.fill(0);
    for (const party of this.#parties) if (party !== undefined) this.#addContribution(party);
  }

  output(party: number): Int16Array {
    const listener = this.#party(party);
    let changed = listener.speaking;
    for (let i = 0; i < listener.unheard.length && !changed; i++)
      changed = this.#parties[listener.unheard[i] as number]?.speaking ?? false;
    if (!changed) return this.#everything();
    listener.output ??= new Int16Array(this.frameSamples);
    if (listener.outputFrame !== this.#frame) {
      listener.outputFrame = this.#frame;
      this.#computeOutput(listener, listener.output);
    }
    return listener.output;
  }

  toEverybody(): Int16Array {
    if (!this.#parties.some((party) => party?.speaking === true && party.audience !== undefined))
      return this.#everything();
    this.#open ??= new Int16Array(this.frameSamples);
    if (this.#openFrame !== this.#frame) {
      this.#openFrame = this.#frame;
      this.#computeOpen(this.#open);
    }
    return this.#open;
  }

  #everything(): Int16Array {
    if (this.#commonFrame !== this.#frame) {
      this.#commonFrame = this.#frame;
      bringIntoRange(this.#sum, this.#voices, this.#common);
    }
    return this.#common;
  }

  #party(number: number): Party {
    const party = this.#parties[number];
    if (party === undefined) throw new RangeError(`party: ${number} is not in this mix`);
    return party;
  }

  #computeRoutes(): void {
    this.#routesChanged = false;
    for (const [listener, party] of this.#parties.entries()) {
      if (party === undefined) continue;
      party.unheard = [];
      for (const [speaker, other] of this.#parties.entries())
        if (other !== undefined && other !== party && !this.hears(listener, speaker))
          party.unheard.push(speaker);
    }
  }

  #addContribution(party: Party): void {
    const from = party.gainNow;
    const to = party.muted ? 0 : party.gain;
    party.gainNow = to;
    const isHeard = from > 1 || to > 1 || ((from > 0 || to > 0) && isAudible(party.input));
    party.speaking = party.fed && isHeard;
    party.fed = false;
    if (!party.speaking) return;
    party.voices = to > 1 || from > 1 ? 2 : 1;
    this.#voices += party.voices;
    const { input, contribution } = party;
    const sum = this.#sum;
    const samples = this.frameSamples;
    if (from === 1 && to === 1) {
      for (let i = 0; i < samples; i++) {
        const sample = input[i] as number;
        contribution[i] = sample;
        sum[i] = (sum[i] as number) + sample;
      }
      return;
    }
    const step = (to - from) / samples;
    for (let i = 0; i < samples; i++) {
      const sample = Math.round((input[i] as number) * (from + step * (i + 1)));
      contribution[i] = sample;
      sum[i] = (sum[i] as number) + sample;
    }
  }

  #computeOutput(listener: Party, output: Int16Array): void {
    const rest = this.#rest;
    rest.set(this.#sum);
    let voices = this.#voices;
    if (listener.speaking) {
      subtract(rest, listener.contribution);
      voices -= listener.voices;
    }
    for (const number of listener.unheard) {
      const speaker = this.#parties[number];
      if (speaker?.speaking !== true) continue;
      subtract(rest, speaker.contribution);
      voices -= speaker.voices;
    }
    bringIntoRange(rest, voices, output);
  }

  #computeOpen(output: Int16Array): void {
    const rest = this.#rest;
    rest.set(this.#sum);
    let voices = this.#voices;
    for (const party of this.#parties) {
      if (party?.speaking !== true || party.audience === undefined) continue;
      subtract(rest, party.contribution);
      voices -= party.voices;
    }
    bringIntoRange(rest, voices, output);
  }
}

/** Found out by the first samples of whoever speaks. */
function isAudible(frame: Int16Array): boolean {
  for (let i = 0; i < frame.length; i++) {
    const sample = frame[i] as number;
    if (sample > inaudibleMax || sample < -inaudibleMax) return true;
  }
  return false;
}

/** One voice alone stays bit by bit what it is; where several meet, overload is bent. */
function bringIntoRange(sum: Int32Array, voices: number, output: Int16Array): void {
  if (voices <= 1) output.set(sum);
  else for (let i = 0; i < output.length; i++) output[i] = softLimit(sum[i] as number);
}

function subtract(from: Int32Array, what: Int32Array): void {
  for (let i = 0; i < from.length; i++) from[i] = (from[i] as number) - (what[i] as number);
}

/**
 * Lets a supervisor listen to everybody unheard, whisper to one party only, or barge in and be heard by all. Whoever
 * joins later does not hear a whisper either.
 */
export function supervise(
  mixer: MixerPort,
  supervisor: number,
  supervised: number,
  mode: SupervisionMode,
): void {
  mixer.setMuted(supervisor, mode === 'listen');
  mixer.setAudience(supervisor, mode === 'barge' ? 'everybody' : mode === 'whisper' ? [supervised] : []);
}
