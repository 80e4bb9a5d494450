import { pino } from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import { HAND_OVER_SIGNAL, handOverOnSignal } from './lifecycle.ts';

const former = process.listeners(HAND_OVER_SIGNAL);
afterEach(() => {
  vi.unstubAllEnvs();
  for (const listener of process.listeners(HAND_OVER_SIGNAL)) {
    if (!former.includes(listener)) process.off(HAND_OVER_SIGNAL, listener);
  }
});

test('[OPS-07] a server that nobody starts again refuses to make room for another process, and says so to who asked', () => {
  // A supervisor that was killed leaves its number behind.
  for (const supervisor of ['', '1']) {
    vi.stubEnv('SUPERVISED', supervisor === '' ? '' : 'crosspoint');
    vi.stubEnv('SUPERVISOR', supervisor === '' ? undefined : `${process.ppid}${supervisor}`);
    const reasons: string[] = [];
    const handOver = vi.fn(async () => undefined);
    const ignore = handOverOnSignal(pino({ enabled: false }), handOver, (reason) => reasons.push(reason));
    process.emit(HAND_OVER_SIGNAL, HAND_OVER_SIGNAL);
    ignore();
    expect(handOver).not.toHaveBeenCalled();
    expect(reasons).toEqual([expect.stringContaining('was not started by npm start')]);
    process.off(HAND_OVER_SIGNAL, process.listeners(HAND_OVER_SIGNAL).at(-1) ?? (() => undefined));
  }
});
