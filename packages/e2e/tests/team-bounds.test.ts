import type { Agent, Queue, Team } from '@crosspoint/contracts';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { ConsoleWindow, launchChromium, useWorld } from '../src/index.ts';

const world = useWorld();
const password = 'a-password-for-nora';
let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());

/** Two teams with an agent each in one queue that is nobody's, and a supervisor of the first team. */
async function twoTeams() {
  const { api } = world();
  const scene = await world().scene({ agents: 2 });
  const [own, other] = scene.agents;
  const queue = (await api.queues()).find(({ name }) => name === scene.queueName) as Queue;
  const idOf = async (username: string | undefined) =>
    (await api.liveAgents()).find((agent) => agent.username === username)?.id ?? '';
  const username = world().freshName('nora');
  const nora = await api.request<{ id: string }>('POST', '/users', {
    ...{ username, password, name: 'Nora', role: 'supervisor' },
  });
  const names = { north: world().freshName('North'), south: world().freshName('South') };
  const ownId = await idOf(own?.username);
  await api.request('POST', '/teams', { name: names.north, memberIds: [nora.id, ownId] });
  await api.request('POST', '/teams', { name: names.south, memberIds: [await idOf(other?.username)] });
  const window = await ConsoleWindow.open(browser, world().product);
  onTestFinished(() => window.close());
  await window.signIn(username, password);
  return { window, page: window.page, queue, own, other, ownId, names };
}

test('[TEAM-03] the editor of a queue offers a supervisor of one team only what the server takes', async () => {
  const { window, page, queue, own, other } = await twoTeams();
  await window.goTo(`/operations/queues/${queue.id}`);
  const remove = (name: string | undefined) => page.getByRole('button', { name: `Remove ${name}` });
  await remove(own?.username).waitFor();
  expect(await remove(other?.username).count()).toBe(0);
  const theirs = page.getByRole('spinbutton', { name: `Priority: ${other?.username}` });
  expect(await theirs.isDisabled()).toBe(true);
  expect(await page.getByLabel('Team', { exact: true }).isDisabled()).toBe(true);

  await page.getByRole('spinbutton', { name: `Priority: ${own?.username}` }).fill('7');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Everything is saved').waitFor();
  const stored = await world().api.get<Queue>(`/queues/${queue.id}`);
  const priorities = new Map(stored.agents.map(({ username, priority }) => [username, priority]));
  expect([own, other].map((agent) => priorities.get(agent?.username ?? ''))).toEqual([7, 1]);
});

test('[TEAM-03] a supervisor of one team adds teams within it and takes nobody out of the last one', async () => {
  const { window, page, own, names } = await twoTeams();
  await window.goTo('/admin/teams');
  await page.getByRole('cell', { name: names.north, exact: true }).waitFor();
  expect(await page.getByText(names.south).count()).toBe(0);
  // With people in it who are in no other team it cannot be deleted.
  expect(await page.getByRole('button', { name: `Delete ${names.north}` }).count()).toBe(0);
  await page.getByRole('button', { name: `Edit ${names.north}` }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(own?.username ?? '').waitFor();
  expect(await dialog.getByRole('button', { name: `Remove ${own?.username}` }).count()).toBe(0);
  expect(await dialog.getByLabel('Part of').isDisabled()).toBe(true);
  await page.keyboard.press('Escape');

  const inner = world().freshName('Inner');
  await page.getByRole('button', { name: 'New team' }).click();
  expect(await dialog.getByLabel('Part of').locator('option').allInnerTexts()).toEqual([names.north]);
  await dialog.getByLabel('Team', { exact: true }).fill(inner);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('cell', { name: inner, exact: true }).waitFor();
  const { items } = await world().api.get<{ items: Team[] }>('/teams?limit=200');
  expect(items.find(({ name }) => name === inner)?.parent?.name).toBe(names.north);
});

test('[TEAM-03] [QUE-06] what the page of an agent does not show of the place in a queue stays as it is', async () => {
  const { window, page, queue, ownId } = await twoTeams();
  const { api } = world();
  const before = await api.get<Queue>(`/queues/${queue.id}`);
  const agents = before.agents.map(({ agentId, priority, delaySeconds }) => ({
    ...{ agentId, priority, delaySeconds, weight: 9 },
  }));
  await api.request('PUT', `/queues/${queue.id}`, { ...before, agents });
  await window.goTo(`/admin/users/${ownId}`);
  await page.getByLabel('Extension').fill(world().freshExtension());
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Everything is saved').waitFor();
  const agent = await api.get<Agent>(`/agents/${ownId}`);
  expect(agent.extension).not.toBeNull();
  expect(agent.queues.map(({ weight }) => weight)).toEqual([9]);
});
