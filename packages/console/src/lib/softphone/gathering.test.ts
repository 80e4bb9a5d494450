import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { candidatesMaxMs, gatherOnRestart } from './gathering.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A connection as Firefox makes them: it says that it gathers a while after it has taken the description. */
function world() {
  const target = new EventTarget();
  const connection = Object.assign(target, {
    iceGatheringState: 'complete',
    localDescription: { sdp: '' },
    setLocalDescription: ({ sdp }: { sdp: string }) => {
      connection.localDescription = { sdp };
      return Promise.resolve();
    },
  });
  gatherOnRestart(connection as unknown as RTCPeerConnection);
  const become = (state: string, candidate = ''): void => {
    connection.localDescription.sdp += candidate;
    connection.iceGatheringState = state;
    target.dispatchEvent(new Event('icegatheringstatechange'));
  };
  /** Takes a description with that name of the ICE session; whether that is over now. */
  const take = (ufrag: string) => {
    const seen = { isTaken: false };
    void connection.setLocalDescription({ sdp: `a=ice-ufrag:${ufrag}\r\n` }).then(() => {
      seen.isTaken = true;
    });
    return async () => {
      await vi.advanceTimersByTimeAsync(0);
      return seen.isTaken;
    };
  };
  return { become, take };
}

test('[CAR-03] [RFC8839 §4.4.1.1.1] an answer that restarts ICE waits for its candidates', async () => {
  const { become, take } = world();
  expect(await take('first')()).toBe(true);
  const isTaken = take('second');
  expect(await isTaken()).toBe(false);
  become('gathering');
  expect(await isTaken()).toBe(false);
  become('complete', 'a=candidate:0 1 UDP 1 127.0.0.1 9000 typ host\r\n');
  expect(await isTaken()).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

test('[CAR-03] an answer without a restart does not wait, and one without a network not for long', async () => {
  const { become, take } = world();
  await take('first')();
  expect(await take('first')()).toBe(true);
  const isTaken = take('second');
  become('gathering');
  await vi.advanceTimersByTimeAsync(candidatesMaxMs - 1);
  expect(await isTaken()).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await isTaken()).toBe(true);
});
