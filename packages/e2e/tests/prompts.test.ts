import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Prompt } from '@crosspoint/contracts';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { ConsoleWindow, launchPhoneChromium, useWorld, writeToneFile } from '../src/index.ts';

const world = useWorld();
let browser: Browser;
let dir = '';

beforeAll(async () => {
  browser = await launchPhoneChromium();
  dir = mkdtempSync(join(tmpdir(), 'crosspoint-prompts-'));
});
afterAll(async () => {
  await browser?.close();
  rmSync(dir, { recursive: true, force: true });
});

async function promptsPage(): Promise<Page> {
  const opened = await ConsoleWindow.open(browser, world().product);
  onTestFinished(async () => {
    await opened.close();
    expect(opened.errors).toEqual([]);
  });
  await opened.login();
  await opened.goTo('/operations/prompts');
  return opened.page;
}

async function own(name: string): Promise<Prompt[]> {
  const { items } = await world().api.request<{ items: Prompt[] }>(
    'GET',
    `/prompts?origin=own&search=${name}`,
  );
  return items;
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

test('[IVR-04] a prompt is recorded with the microphone, spoken in Czech and uploaded in Spanish, all on its page', async () => {
  const name = world().freshName('welcome');
  const page = await promptsPage();
  await button(page, 'New prompt').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Name' }).fill(name);
  await button(page, 'Record').click();
  // Chromium's microphone beeps once a second.
  await dialog.getByText(/^0:(0[2-9]|[1-5]\d)$/).waitFor();
  await button(page, 'Stop').click();
  await button(page, 'Store this sound').click();
  await dialog.getByText('Recorded with the microphone').waitFor();

  await dialog.getByRole('radio', { name: 'Czech' }).check({ force: true });
  await dialog.getByRole('textbox', { name: 'Words' }).fill('Dobrý den, vítejte.');
  await button(page, 'Let the voice say it').click();
  await dialog.getByText('Spoken by a voice').waitFor();

  await dialog.getByRole('radio', { name: 'Spanish' }).check({ force: true });
  const file = dialog.locator('input[type=file]');
  const letter = join(dir, 'letter.pdf');
  writeFileSync(letter, 'no sound');
  await file.setInputFiles(letter);
  await dialog.getByRole('alert').getByText('letter.pdf is no sound').waitFor();
  const tone = join(dir, 'tone.wav');
  writeToneFile(tone, 600, 2);
  await file.setInputFiles(tone);
  await button(page, 'Store this sound').click();
  await dialog.getByText('Uploaded').waitFor();

  const prompts = await own(name);
  expect(prompts.map(({ id, source }) => `${id} ${source}`)).toEqual([
    `en.${name} microphone`,
    `es.${name} uploaded`,
    `cs.${name} spoken`,
  ]);
  expect(prompts.every(({ durationSeconds }) => durationSeconds > 0.5)).toBe(true);
});

test('[IVR-04] a prompt that a queue plays is not deleted; it is replaced and heard on the page', async () => {
  const name = world().freshName('patience');
  const queue = world().freshName('patient');
  const tone = join(dir, 'busy.wav');
  // Long enough for a page that is slow to be seen playing it.
  writeToneFile(tone, 500, 20);
  await world().api.upload(`/prompts?language=en&name=${name}`, 'audio/wav', readFileSync(tone));
  await world().api.request('POST', '/queues', {
    name: queue,
    announcements: { language: 'en', greeting: name },
  });
  const page = await promptsPage();
  await button(page, `Delete the prompt ${name}?`).click();
  await page.getByText(`${name} is being played`).waitFor();
  expect(await own(name)).toHaveLength(1);
  const row = page.getByRole('row', { name: new RegExp(`^${name}`) });
  await row.getByText(`queue ${queue}`).waitFor();
  await row.getByRole('button', { name: `Play ${name}, English` }).click();
  await row.getByRole('button', { name: `Stop ${name}, English` }).waitFor();
});
