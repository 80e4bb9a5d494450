import type { JitterBuffer } from './jitter-buffer.ts';
import { Playout } from './port.ts';

/** A line for tests: packets of 20 ms with what happens to each on the way, and a player that takes every 20 ms. */

export interface Fate {
  /** Time on the way in ms; undefined: lost. */
  readonly delayMs: number | undefined;
  /** Arrives a second time, this much later. */
  readonly againMs?: number;
}

export interface Played {
  readonly kind: Playout;
  /** Number of the packet, taken from its payload. */
  readonly packet: number;
  readonly delayMs: number;
  readonly units: number;
  readonly recoverable: boolean;
  readonly atMs: number;
}

export interface Line {
  readonly buffer: JitterBuffer;
  readonly fates: readonly Fate[];
  /** Ticks of the player per 20 ms of the sender; 1 ± 0.0002 is a drift of 200 ppm. */
  readonly clockRatio?: number;
  readonly firstSequence?: number;
  readonly firstTimestamp?: number;
  readonly tailMs?: number;
  /** Looks at the buffer after each step. */
  readonly inspect?: () => void;
}

const packetMs = 20;

export function playLine(line: Line): Played[] {
  const { buffer, fates } = line;
  const payload = new Uint8Array(160);
  const view = new DataView(payload.buffer);
  const arrivals: { atMs: number; packet: number }[] = [];
  for (const [packet, fate] of fates.entries()) {
    if (fate.delayMs === undefined) continue;
    const sentMs = packet * packetMs * (line.clockRatio ?? 1);
    arrivals.push({ atMs: sentMs + fate.delayMs, packet });
    if (fate.againMs !== undefined) arrivals.push({ atMs: sentMs + fate.delayMs + fate.againMs, packet });
  }
  arrivals.sort((a, b) => a.atMs - b.atMs);
  const played: Played[] = [];
  const endMs = fates.length * packetMs + (line.tailMs ?? 300);
  let next = 0;
  // The player's ticks lie between those of the sender.
  for (let nowMs = 7; nowMs < endMs; ) {
    for (; next < arrivals.length && (arrivals[next]?.atMs as number) <= nowMs; next++) {
      const { packet, atMs } = arrivals[next] as { atMs: number; packet: number };
      view.setUint32(0, packet);
      const sequence = ((line.firstSequence ?? 0) + packet) & 0xffff;
      const timestamp = ((line.firstTimestamp ?? 0) + packet * 160) >>> 0;
      buffer.put(sequence, timestamp, 160, payload, 0, 160, atMs);
      line.inspect?.();
    }
    const kind = buffer.take(nowMs);
    line.inspect?.();
    const content = new DataView(buffer.bytes.buffer);
    played.push({
      kind,
      packet: kind === Playout.frame ? content.getUint32(buffer.start) : -1,
      delayMs: buffer.statistics().delayMs,
      units: buffer.durationUnits,
      recoverable: buffer.recoverable,
      atMs: nowMs,
    });
    nowMs += buffer.durationUnits / 8;
  }
  return played;
}

/** Numbers of the packets in the order in which they were played. */
export function packetsOf(played: readonly Played[]): number[] {
  return played.filter((step) => step.kind === Playout.frame).map((step) => step.packet);
}
