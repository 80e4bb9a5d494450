/**
 * Start times and idle cost: the first start on an empty data directory, the second one, then memory and CPU of the
 * idle process tree. `npm run bench -- start`
 */
import { Product, proportionalBytes } from '@crosspoint/e2e';
import { cpuBetween, parts, printFigure, usageOf } from './figures.ts';

const settleMs = 3_000;
const idleMs = 10_000;

const begunAtMs = performance.now();
const product = await Product.start();
try {
  printFigure('first start to ready (empty data directory)', (performance.now() - begunAtMs) / 1000, 's');
  await product.stop();
  const againAtMs = performance.now();
  await product.start();
  printFigure('second start to ready', (performance.now() - againAtMs) / 1000, 's', 'wanted: under 5');

  await pause(settleMs);
  const before = usageOf(product);
  await pause(idleMs);
  const after = usageOf(product);
  const cpu = cpuBetween(before, after);
  for (const part of parts) {
    printFigure(`idle memory, ${part}, resident`, after[part].residentBytes / 1e6, 'MB');
    printFigure(`idle CPU, ${part}`, (cpu[part] / idleMs) * 100, '%');
  }
  const proportional = product
    .processes()
    .reduce((sum, { pid, residentBytes }) => sum + (proportionalBytes(pid) ?? residentBytes), 0);
  printFigure('idle memory, all, shared pages counted once', proportional / 1e6, 'MB', 'wanted: under 400');
  printFigure('idle CPU, all', (cpu.total / idleMs) * 100, '%', 'wanted: under 2');
} finally {
  await product.dispose();
}

/** The measurement itself takes time. */
function pause(durationMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, durationMs);
  return promise;
}
