import { expect, test } from 'vitest';
import { inTurn } from './in-turn.ts';

/** A store that is read slowly: each reading is of the moment at which it began, and ends when told. */
function slowlyRead() {
  const readings: { value: number; end: (error?: Error) => void }[] = [];
  const seen: number[] = [];
  const store = { value: 0 };
  const read = inTurn(async () => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const { value } = store;
    readings.push({ value, end: (error) => (error === undefined ? resolve() : reject(error)) });
    await promise;
    seen.push(value);
  });
  return { store, readings, seen, read };
}

test('[RTE-05] [OPS-03] of two changes at the same moment the later one stays', async () => {
  const { store, readings, seen, read } = slowlyRead();
  store.value = 1;
  const first = read();
  store.value = 2;
  const second = read();
  store.value = 3;
  const third = read();
  expect(readings.map(({ value }) => value)).toEqual([1]);
  readings[0]?.end();
  await first;
  await expect.poll(() => readings.length).toBe(2);
  readings[1]?.end();
  await Promise.all([second, third]);
  expect(seen).toEqual([1, 3]);
  const fourth = read();
  readings[2]?.end();
  await fourth;
  expect(seen).toEqual([1, 3, 3]);
});

test('[OPS-03] whoever asks after a failure, or during it, is served anew', async () => {
  const { store, readings, seen, read } = slowlyRead();
  const first = read();
  store.value = 1;
  const second = read();
  readings[0]?.end(new Error('away'));
  await expect(first).rejects.toThrow('away');
  await expect.poll(() => readings.length).toBe(2);
  // The second one runs: whoever asks now waits for one that begins later.
  store.value = 2;
  const third = read();
  expect(readings).toHaveLength(2);
  readings[1]?.end();
  await second;
  await expect.poll(() => readings.length).toBe(3);
  readings[2]?.end();
  await third;
  expect(seen).toEqual([1, 2]);
});
