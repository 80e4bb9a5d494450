import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { ConsoleWindow, launchChromium, until, useWorld } from '../src/index.ts';

const world = useWorld();
let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());

/** A window of somebody at the console; the test fails when anything goes wrong in it unseen. */
async function signedIn(username?: string, password?: string): Promise<ConsoleWindow> {
  const opened = await ConsoleWindow.open(browser, world().product);
  onTestFinished(async () => {
    await opened.close();
    expect(opened.errors).toEqual([]);
  });
  await opened.login(username, password);
  return opened;
}

/** A conversation of some seconds that is over, with its recording. */
async function recorded() {
  const scene = await world().scene();
  const { customer, agent } = await scene.connect();
  await customer.sound.ear.hears(700, { forMs: 1_500 });
  customer.hangUp();
  await agent.ended();
  const contact = await scene.lastContact();
  await until('the recording to be complete', async () =>
    (await world().api.contact(contact.id)).recordings.some(({ status }) => status === 'complete'),
  );
  return { scene, contact };
}

test('[SUP-03] a call is made, judged beside its player, and read by its agent', async () => {
  const { scene, contact } = await recorded();
  const { page } = await signedIn();
  const { httpUrl } = world().product;
  const form = `Courtesy ${contact.id.slice(-4)}`;

  await page.goto(`${httpUrl}/operations/scorecards`);
  await page.getByRole('link', { name: 'New scorecard' }).first().click();
  await page.waitForURL('**/operations/scorecards/new');
  await page.getByLabel('Name', { exact: true }).fill(form);
  await page.getByLabel('Name of the group').fill('Manner');
  await page.getByRole('textbox', { name: 'Question', exact: true }).fill('Did the agent greet?');
  await page.getByRole('button', { name: 'Add a question' }).click();
  await page.getByRole('textbox', { name: 'Question', exact: true }).nth(1).fill('How friendly was it?');
  await page.getByLabel('Answered with').nth(1).selectOption('points');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.waitForURL(/operations\/scorecards\/[0-9a-f-]{36}$/);

  await page.goto(`${httpUrl}/contacts/${contact.id}`);
  await page.getByRole('region', { name: 'Evaluations' }).getByRole('button', { name: 'Evaluate' }).click();
  await page.waitForURL(/evaluation=/);
  // The player stands beside the form.
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
  await page.getByText('Yes', { exact: true }).click();
  await page.getByRole('button', { name: 'Finish' }).click();
  await page.getByText('Answer this question.').waitFor();
  await page.getByRole('spinbutton', { name: 'How friendly was it?' }).fill('70');
  await page.getByRole('button', { name: 'Comment on: How friendly was it?' }).click();
  await page
    .getByRole('textbox', { name: 'Comment on: How friendly was it?' })
    .fill('Warm, a little hurried');
  await page.getByText('Draft stored').waitFor();
  await page.getByRole('button', { name: 'Finish' }).click();
  await page.getByText('Evaluation finished with 85').waitFor();

  const [person] = scene.agents;
  const own = await signedIn(person?.username, person?.password);
  await own.goTo('/evaluations');
  await own.page.getByRole('link', { name: person?.username ?? '' }).click();
  await own.page.getByText('Warm, a little hurried').waitFor();
  await own.page.getByLabel('What you say to it').fill('I shall take my time');
  await own.page.getByRole('button', { name: 'I have read it' }).click();
  await own.page.getByText('I shall take my time').waitFor();

  await page.goto(`${httpUrl}/evaluations?sort=-score`);
  const row = page.getByRole('row').filter({ hasText: form });
  await row.getByText('Read', { exact: true }).waitFor();
  expect(await row.getByRole('cell').last().innerText()).toBe('85');
});

test('[SUP-03] whoever listens stands among the coaching, and a shared note reaches the agent', async () => {
  const { api, product } = world();
  const scene = await world().scene({ agents: 2, staffed: false });
  const [person] = scene.agents;
  await scene.staff(scene.agent(1));
  await api.setStatus(scene.agent(2).username, 'offline');
  await scene.agent(2).phone.register();
  const { customer } = await scene.connect();
  const idOf = async (position: number) => (await api.liveAgent(scene.agent(position).username)).id;
  const agentId = await idOf(1);
  const leg = (await api.calls()).find((call) => call.agentId === agentId)?.id;
  const target = { agentId: await idOf(2) };
  await api.request('POST', `/calls/${leg}/supervise`, { mode: 'listen', target });
  const supervisor = await scene.agent(2).phone.nextCall();
  supervisor.answer();
  await supervisor.answered();
  supervisor.hangUp();
  await supervisor.ended();
  customer.hangUp();
  const contact = await scene.lastContact();

  const { page } = await signedIn();
  await page.goto(`${product.httpUrl}/contacts/${contact.id}`);
  await page.getByRole('region', { name: 'Evaluations' }).getByRole('button', { name: 'New note' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Note', { exact: true }).fill('Let the caller finish');
  await dialog.getByText('Share with the agent').click();
  await dialog.getByLabel('Follow-up').fill('2026-01-05');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Note stored').waitFor();
  await page.goto(`${product.httpUrl}/coaching?agentId=${agentId}`);
  const note = page.getByRole('row').filter({ hasText: 'Let the caller finish' });
  await note.getByText('shared').waitFor();
  const intervention = page.getByRole('row').filter({ hasText: 'listened' });
  await intervention.getByText(person?.username ?? '', { exact: true }).waitFor();
  await note.getByRole('button', { name: 'Done' }).click();
  await note.getByRole('button', { name: 'Open again' }).waitFor();

  const own = await signedIn(person?.username, person?.password);
  await own.goTo('/coaching');
  await own.page.getByText('Let the caller finish').waitFor();
  expect(await own.page.getByText('listened').count()).toBe(0);
});

test('[TEAM-04] the performance of today opens the contacts that it counts, and is a table to download', async () => {
  const { scene, contact } = await recorded();
  const username = scene.agent(1).username;
  const { page } = await signedIn();
  await page.goto(`${world().product.httpUrl}/performance`);
  const row = page.getByRole('row').filter({ hasText: username });
  await row.getByRole('cell').nth(1).getByText('1', { exact: true }).waitFor();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download CSV' }).click(),
  ]);
  const lines = readFileSync(await download.path(), 'utf8').split('\r\n');
  expect(lines[0]).toContain('agent,teams,answered,handled');
  expect(lines.find((line) => line.includes(username))).toMatch(new RegExp(`${username},,1,1,`));
  await row.getByRole('link', { name: username }).click();
  await page.getByRole('link', { name: contact.callerPhone }).waitFor();
  expect(await page.getByRole('row').count()).toBe(2);
});
