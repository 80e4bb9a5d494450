/**
 * The difference between the server's clock and this device's. Each message carries the server's time at which it was
 * sent; it arrives a little later, never earlier. The largest difference seen lately therefore belongs to the fastest
 * message and is the best estimate, wrong by at most that message's travelling time.
 */
export interface ServerClock {
  /** @param sentAtMs the server's clock when it sent, @param receivedAtMs this device's clock when it arrived */
  observe(sentAtMs: number, receivedAtMs: number): void;
  /** Server time for a time of this device, in milliseconds since 1970. */
  serverTime(deviceTimeMs: number): number;
  readonly offsetMs: number;
}

const samplesMax = 32;

/** A clock that remembers the last 32 observations, so that a device clock which is set anew is followed. */
export function createServerClock(): ServerClock {
  const differences: number[] = [];
  let offsetMs = 0;
  return {
    observe(sentAtMs, receivedAtMs) {
      if (!Number.isFinite(sentAtMs)) return;
      differences.push(sentAtMs - receivedAtMs);
      if (differences.length > samplesMax) differences.shift();
      offsetMs = Math.max(...differences);
    },
    serverTime: (deviceTimeMs) => deviceTimeMs + offsetMs,
    get offsetMs() {
      return offsetMs;
    },
  };
}
