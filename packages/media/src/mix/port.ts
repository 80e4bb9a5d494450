/**
 * The door of the mixer: any number of parties, each hears the sum of those that it may hear and never itself. One call
 * of `mix` per frame; in between the parties' frames are written into `input(party)` and read from `output(party)`.
 */

export interface MixerOptions {
  readonly sampleRateHz: 8_000 | 16_000 | 48_000;
  /** Length of a frame in ms, 10–60. Default 20. */
  readonly frameMs?: number;
}

export interface MixerPort {
  readonly sampleRateHz: number;
  /** Samples in a frame. */
  readonly frameSamples: number;
  /** Adds a party that hears and is heard by everybody; returns its number, which stays valid until it is removed. */
  add(): number;
  remove(party: number): void;
  /** Loudness with which a party is heard, 0–8 (1 unchanged); reached within one frame, so that nothing clicks. */
  setGain(party: number, gain: number): void;
  /** A muted party is heard by nobody and hears as before. */
  setMuted(party: number, muted: boolean): void;
  /**
   * Who hears a party: everybody, or only these, also when others join later. Listen, whisper and barge are nothing but
   * such settings; see `supervise`.
   */
  setAudience(speaker: number, audience: 'everybody' | readonly number[]): void;
  /** One pair only, within what `setAudience` allows. */
  setHears(listener: number, speaker: number, hears: boolean): void;
  hears(listener: number, speaker: number): boolean;
  /** The frame in which the party's sound is to be written before `mix`; call `fed` once it has been. */
  input(party: number): Int16Array;
  /** Says that `input` holds a frame of sound; a party that is not fed counts as silent in the next mix and costs nothing. */
  fed(party: number): void;
  /** Mixes one frame. Cost is linear in the number of parties plus the number of pairs that do not hear each other. */
  mix(): void;
  /**
   * What the party hears, valid until the next `mix`; computed when it is asked for. Those who hear everybody and say
   * nothing themselves get the very same array, so that it needs to be encoded only once per codec.
   */
  output(party: number): Int16Array;
  /** What is said to everybody, for a recording: the sum of all parties but those with an audience; valid until the next `mix`. */
  toEverybody(): Int16Array;
}

/** How a supervisor takes part (vocabulary: monitor, whisper, barge). */
export type SupervisionMode = 'listen' | 'whisper' | 'barge';
