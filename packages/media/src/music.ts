import { sampleRateHz } from './tones.ts';

/**
 * Music on hold, composed and played here: a slow piece of sixteen bars in D major for a soft pad, a bell-like
 * piano and a bass, 64 beats a minute. It is a deterministic computation, so it needs no file and no licence, and
 * its end runs into its beginning without a seam: every tail that passes the end sounds at the start.
 * The register fits the telephone: fundamentals of 110–900 Hz, nothing above 3,400 Hz.
 */

const beatsPerMinute = 64;
const beatsPerBar = 4;
const barCount = 16;
const samplesPerBeat = (60 * sampleRateHz) / beatsPerMinute;
const totalSamples = barCount * beatsPerBar * samplesPerBeat;

/** Length of the piece in seconds. */
export const musicSeconds = totalSamples / sampleRateHz;

/** MIDI note numbers: bass, then the four voices of the pad. */
const progression: readonly (readonly number[])[] = [
  [50, 57, 62, 66, 69], // D
  [47, 57, 62, 66, 71], // Bm7
  [43, 59, 62, 66, 69], // Gmaj7/9
  [45, 57, 61, 64, 69], // A
  [50, 57, 62, 66, 69], // D
  [54, 57, 61, 64, 69], // F#m
  [43, 59, 62, 67, 71], // G
  [45, 57, 62, 64, 69], // Asus4
  [47, 59, 62, 66, 69], // Bm7
  [43, 59, 62, 66, 71], // Gmaj7
  [50, 57, 62, 66, 69], // D
  [45, 57, 61, 64, 67], // A7
  [47, 59, 62, 66, 69], // Bm7
  [52, 59, 62, 64, 67], // Em7
  [43, 59, 62, 66, 69], // Gmaj9
  [45, 57, 61, 64, 69], // A
];

/** The tune: [bar, beat, MIDI note, beats]. Its phrases answer each other every four bars. */
const tune: readonly (readonly [number, number, number, number])[] = [
  [0, 0, 78, 2],
  [0, 2, 76, 1],
  [0, 3, 74, 1],
  [1, 0, 73, 1.5],
  [1, 1.5, 74, 2.5],
  [2, 0, 71, 2],
  [2, 2, 74, 2],
  [3, 0, 76, 3],
  [4, 0, 78, 2],
  [4, 2, 81, 1],
  [4, 3, 78, 1],
  [5, 0, 76, 1.5],
  [5, 1.5, 73, 2.5],
  [6, 0, 74, 2],
  [6, 2, 71, 1],
  [6, 3, 74, 1],
  [7, 0, 76, 3],
  [8, 1, 78, 1],
  [8, 2, 81, 2],
  [9, 0, 79, 1.5],
  [9, 1.5, 78, 2.5],
  [10, 0, 76, 1],
  [10, 1, 78, 1],
  [10, 2, 74, 2],
  [11, 0, 73, 3],
  [12, 1, 74, 1],
  [12, 2, 78, 2],
  [13, 0, 76, 2],
  [13, 2, 71, 2],
  [14, 0, 74, 1],
  [14, 1, 73, 1],
  [14, 2, 71, 2],
  [15, 0, 73, 2],
  [15, 2, 69, 2],
];

/** Pairs of partial number and strength. */
type Timbre = readonly (readonly [number, number])[];
const padTimbre: Timbre = [
  [1, 1],
  [2, 0.32],
  [3, 0.1],
];
const pianoTimbre: Timbre = [
  [1, 1],
  [2, 0.28],
  [3, 0.08],
  [4, 0.05],
];
const bassTimbre: Timbre = [
  [1, 1],
  [2, 0.55],
  [3, 0.2],
];

interface Note {
  startSample: number;
  lengthSamples: number;
  frequencyHz: number;
  level: number;
  timbre: Timbre;
  attackSamples: number;
  /** Half-life of the decay; Infinity for a sustained voice. */
  decaySamples: number;
  releaseSamples: number;
}

const highestPartialHz = 3_400;

function frequencyOf(midiNote: number): number {
  return 440 * 2 ** ((midiNote - 69) / 12);
}

/**
 * Adds a note to the ring; what passes the end goes on at the beginning. Each partial is a rotating phasor
 * (two multiplications a sample), which is several times faster than `Math.sin`.
 */
function addNote(ring: Float32Array, note: Note): void {
  const total = note.lengthSamples + note.releaseSamples;
  const decay = 0.5 ** (1 / note.decaySamples);
  for (const [partial, strength] of note.timbre) {
    const frequency = note.frequencyHz * partial;
    if (frequency > highestPartialHz) continue;
    const angle = (2 * Math.PI * frequency) / sampleRateHz;
    const cos = Math.cos(angle);
    const sin = Math.sin(angle);
    let real = 1;
    let imaginary = 0;
    // Higher partials fade sooner, as on a string.
    const partialDecay = decay ** partial;
    let level = note.level * strength;
    let at = note.startSample % ring.length;
    for (let i = 0; i < total; i++) {
      const attack = i < note.attackSamples ? i / note.attackSamples : 1;
      const release = i < note.lengthSamples ? 1 : (total - i) / note.releaseSamples;
      ring[at]! += imaginary * level * attack * release;
      level *= partialDecay;
      const next = real * cos - imaginary * sin;
      imaginary = real * sin + imaginary * cos;
      real = next;
      if (++at === ring.length) at = 0;
    }
  }
}

function addPad(ring: Float32Array, bar: number, voices: readonly number[]): void {
  const start = bar * beatsPerBar * samplesPerBeat;
  for (const [index, voice] of voices.entries()) {
    // Two voices a few cents apart beat slowly against each other, which keeps a held chord alive.
    for (const cents of [-4, 4]) {
      addNote(ring, {
        startSample: start,
        lengthSamples: beatsPerBar * samplesPerBeat,
        frequencyHz: frequencyOf(voice) * 2 ** (cents / 1200),
        level: 0.05 - index * 0.005,
        timbre: padTimbre,
        attackSamples: samplesPerBeat,
        decaySamples: Number.POSITIVE_INFINITY,
        releaseSamples: samplesPerBeat,
      });
    }
  }
}

function addArpeggio(ring: Float32Array, bar: number, voices: readonly number[]): void {
  const order = [0, 2, 1, 3, 2, 1, 3, 2];
  for (const [step, index] of order.entries()) {
    addNote(ring, {
      startSample: Math.round((bar * beatsPerBar + step / 2) * samplesPerBeat),
      lengthSamples: samplesPerBeat,
      frequencyHz: frequencyOf(voices[index] as number),
      level: step === 0 ? 0.085 : 0.06,
      timbre: pianoTimbre,
      attackSamples: 60,
      decaySamples: 2_600,
      releaseSamples: samplesPerBeat,
    });
  }
}

/** A room: two feedback delays whose lengths share no rhythm. The second pass settles the seam of the loop. */
function addRoom(ring: Float32Array): void {
  const dry = ring.slice();
  for (const [delayMs, feedback, share] of [
    [173, 0.42, 0.22],
    [271, 0.36, 0.18],
  ] as const) {
    const delay = Math.round((delayMs * sampleRateHz) / 1000);
    const line = new Float32Array(delay);
    let at = 0;
    for (let pass = 0; pass < 2; pass++) {
      for (let i = 0; i < ring.length; i++) {
        const delayed = line[at] as number;
        line[at] = (dry[i] as number) + delayed * feedback;
        if (++at === delay) at = 0;
        if (pass === 1) ring[i]! += delayed * share;
      }
    }
  }
}

/** Peak of the finished piece relative to full scale: calm beside speech at about −20 dBm0. */
const peakLevel = 0.28;

/** Computes the whole piece, `musicSeconds` long, 16-bit linear at 8,000 Hz. Takes some hundred milliseconds. */
export function composeMusic(): Int16Array {
  const ring = new Float32Array(totalSamples);
  for (const [bar, [bass, ...voices]] of progression.entries()) {
    addPad(ring, bar, voices);
    addArpeggio(ring, bar, voices);
    addNote(ring, {
      startSample: bar * beatsPerBar * samplesPerBeat,
      lengthSamples: 3 * samplesPerBeat,
      frequencyHz: frequencyOf(bass as number),
      level: 0.14,
      timbre: bassTimbre,
      attackSamples: 200,
      decaySamples: 9_000,
      releaseSamples: samplesPerBeat,
    });
  }
  for (const [bar, beat, note, beats] of tune) {
    addNote(ring, {
      startSample: Math.round((bar * beatsPerBar + beat) * samplesPerBeat),
      lengthSamples: Math.round(beats * samplesPerBeat),
      frequencyHz: frequencyOf(note),
      level: 0.13,
      timbre: pianoTimbre,
      attackSamples: 90,
      decaySamples: 5_200,
      releaseSamples: samplesPerBeat,
    });
  }
  addRoom(ring);
  let peak = 0;
  for (let i = 0; i < ring.length; i++) peak = Math.max(peak, Math.abs(ring[i] as number));
  const gain = (peakLevel * 32_767) / peak;
  const samples = new Int16Array(ring.length);
  for (let i = 0; i < ring.length; i++) samples[i] = Math.round((ring[i] as number) * gain);
  return samples;
}
