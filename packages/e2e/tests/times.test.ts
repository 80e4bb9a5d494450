import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { ConsoleWindow, launchChromium, Product, until } from '../src/index.ts';

/** How long people wait for the product, while nothing else keeps the machine busy. */
let product: Product;

beforeAll(async () => {
  product = await Product.start();
});
afterAll(() => product.dispose());

test('[OPS-01] starts, stops cleanly, and is ready again in under 5 s with everything kept', async () => {
  const api = await product.api();
  await api.apply({ queues: [{ name: 'kept' }] });
  expect(await product.stop()).toBe(0);
  await until('every process to be gone', () => product.processes().length === 0);
  const begunAt = performance.now();
  await product.start();
  expect(performance.now() - begunAt).toBeLessThan(5_000);
  expect((await (await product.api()).queues()).map(({ name }) => name)).toContain('kept');
});

test('[OPS-10] the board is there within 2 s of opening the address', async () => {
  const browser = await launchChromium();
  onTestFinished(() => browser.close());
  const opened = await ConsoleWindow.open(browser, product);
  await opened.login();
  const begunAt = performance.now();
  await opened.page.goto(`${product.httpUrl}/supervisor/dashboard`);
  await opened.page.getByRole('heading', { name: 'Board' }).waitFor();
  expect(performance.now() - begunAt).toBeLessThan(2_000);
  expect(opened.errors).toEqual([]);
});
