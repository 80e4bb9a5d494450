import { readFileSync } from 'node:fs';
import { parseWavHeader, sampleRateHz, toneLevelDbm0, type WavInfo } from '@crosspoint/media';
import { expect, it } from 'vitest';
import type { MediaError } from '../client.ts';
import type { MediaSettings } from '../process/settings.ts';
import type { MediaErrorCode } from '../protocol.ts';
import type { PhonePacket } from './phone.ts';
import { MediaWorld } from './world.ts';

/** What the parts of the contract share: a runner that gives each test a media process of its own, and looks. */

/** Half a second of sound: long enough to tell 440 from 1,000 Hz with 2 Hz resolution. */
export const half = 25;
export const loud = -14;
export const quiet = -40;
/** Samples of 100 ms. */
const tenth = 800;

/** Whatever hears sound in packets of 20 ms: a telephone, or a browser. */
export interface Listener {
  hears(count: number): Promise<void>;
  lastSamples(packetCount: number): Int16Array;
}

/** How many half seconds a listener may take to come to hear what it should. */
const stretchesMax = 12;

/**
 * Comes to hear each of these tones and none of those for half a second. How soon is not the matter here: the telephones
 * share a process that stumbles on a busy machine, and then a tone breaks off where it is made.
 */
export async function expectTones(
  listener: Listener,
  heardHz: readonly number[],
  unheardHz: readonly number[],
  wantedDbm0 = loud,
): Promise<void> {
  let wanted: number[] = [];
  let unwanted: number[] = [];
  for (let stretch = 0; stretch < stretchesMax; stretch++) {
    await listener.hears(half + 2);
    const samples = listener.lastSamples(half);
    const levels = (tones: readonly number[]) =>
      tones.map((hz) => typicalLevelDbm0(samples, hz, 0, samples.length));
    [wanted, unwanted] = [levels(heardHz), levels(unheardHz)];
    if (wanted.every((level) => level > wantedDbm0) && unwanted.every((level) => level < quiet)) return;
  }
  throw new Error(
    `heard ${heardHz.join()} Hz at ${wanted.join()}, ${unheardHz.join()} Hz at ${unwanted.join()} dBm0`,
  );
}

/** One telephone hears one frequency clearly and the other not at all. */
export function expectHears(listener: Listener, frequencyHz: number, notHz: number): Promise<void> {
  return expectTones(listener, [frequencyHz], [notHz]);
}

/**
 * Level of a tone in the stretch as most tenths of a second have it: a telephone of a busy test machine may stumble
 * once, which must not look like a missing tone.
 */
export function typicalLevelDbm0(samples: Int16Array, frequencyHz: number, from: number, to: number): number {
  const levels: number[] = [];
  for (let at = from; at + tenth <= to; at += tenth) {
    levels.push(toneLevelDbm0(samples, frequencyHz, sampleRateHz, at, at + tenth));
  }
  return levels.toSorted((a, b) => a - b)[Math.floor(levels.length / 2)] as number;
}

export async function refusal(promise: Promise<unknown>): Promise<MediaErrorCode> {
  return promise.then(
    () => {
      throw new Error('the request was accepted');
    },
    (error: MediaError) => error.code,
  );
}

export interface Channels {
  info: WavInfo;
  left: Int16Array;
  right: Int16Array;
}

export function readRecording(path: string): Channels {
  const bytes = readFileSync(path);
  const info = parseWavHeader(bytes);
  if ('problem' in info) throw new Error(info.problem);
  const frames = info.dataBytes / 4;
  const at = (frame: number, channel: number): number =>
    bytes.readInt16LE(info.dataStart + frame * 4 + channel * 2);
  return {
    info,
    left: Int16Array.from({ length: frames }, (_, frame) => at(frame, 0)),
    right: Int16Array.from({ length: frames }, (_, frame) => at(frame, 1)),
  };
}

/** Half a second of the recording has this tone as it was spoken; nowhere is the tone of the other channel. */
export function expectRecorded(samples: Int16Array, frequencyHz: number, notHz: number): void {
  const stretch = sampleRateHz / 2;
  const starts = Array.from({ length: Math.floor(samples.length / tenth) }, (_, i) => i * tenth).filter(
    (from) => from + stretch <= samples.length,
  );
  const level = (hz: number) => (from: number) => typicalLevelDbm0(samples, hz, from, from + stretch);
  expect(Math.max(...starts.map(level(frequencyHz)))).toBeGreaterThan(loud - 4);
  expect(Math.max(...starts.map(level(notHz)))).toBeLessThan(loud - 10);
}

/** The longest stretch of digital silence on a channel, in samples. */
export function longestSilence(samples: Int16Array): { from: number; to: number } {
  let longest = { from: 0, to: 0 };
  let from = 0;
  for (let at = 0; at <= samples.length; at++) {
    if (at < samples.length && samples[at] === 0) continue;
    if (at - from > longest.to - longest.from) longest = { from, to: at };
    from = at + 1;
  }
  return longest;
}

/** Every packet carries the next sequence number, and timestamps never go back. */
export function expectContinuous(phone: { readonly packets: readonly PhonePacket[] }): void {
  expect(new Set(phone.packets.map((packet) => packet.ssrc)).size).toBe(1);
  for (const [index, packet] of phone.packets.entries()) {
    const former = phone.packets[index - 1];
    if (former === undefined) continue;
    expect(packet.sequence).toBe((former.sequence + 1) & 0xffff);
    expect((packet.timestamp - former.timestamp) | 0).toBeGreaterThanOrEqual(0);
  }
}

export type ContractTest = (
  title: string,
  body: (world: MediaWorld) => Promise<void>,
  settings?: Partial<MediaSettings>,
) => void;

/** Ports of one test: a telephone that still speaks to a finished test's port must not be heard in another. */
const portsPerTest = 32;

/** A runner for one packet path; tests run side by side, each with a media process and ports of its own. */
export function contractTest(packets: 'koffi' | 'epoll' | 'dgram', portBase: number): ContractTest {
  let rtpPortMin = portBase;
  return (title, body, settings = {}) => {
    const ports = { rtpPortMin, rtpPortMax: rtpPortMin + portsPerTest - 1 };
    rtpPortMin += portsPerTest;
    it.concurrent(`${title} (${packets})`, async () => {
      const world = await MediaWorld.open({ packets, ...ports, ...settings });
      try {
        await body(world);
      } finally {
        await world.close();
      }
    }, 300_000);
  };
}
