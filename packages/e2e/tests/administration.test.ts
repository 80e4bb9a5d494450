import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AdherenceReport, AgentSchedule } from '@crosspoint/contracts';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { adminPassword, ApiClient, ConsoleWindow, launchChromium, until, useWorld } from '../src/index.ts';

/** Webhooks to this machine are inside the house, and have to be allowed. */
const world = useWorld({ env: { CROSSPOINT_FLOWS_LOOKUP_NETWORKS: '127.0.0.1' } });
const password = 'a-password-for-vera';
let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());

async function open(): Promise<ConsoleWindow> {
  const opened = await ConsoleWindow.open(browser, world().product);
  onTestFinished(() => opened.close());
  return opened;
}

const focused = (element: Locator): Promise<boolean> =>
  until('it has the focus', () => element.evaluate((each) => each === document.activeElement));

test('[TEAM-03] [API-04] a role made in the console opens what it names, and who has it can be signed out at once', async () => {
  const role = world().freshName('Auditor');
  const username = world().freshName('vera');
  const admin = await open();
  await admin.login();
  await admin.goTo('/admin/roles');
  await admin.page.getByRole('button', { name: 'New role' }).first().click();
  const dialog = admin.page.getByRole('dialog');
  await dialog.getByLabel('Name').fill(role);
  for (const permission of ['See the audit log', 'See alerts']) {
    const choice = dialog.getByRole('group', { name: permission, exact: true });
    await choice.getByText('All', { exact: true }).click();
  }
  await dialog.getByRole('button', { name: 'Create' }).click();
  await admin.page.getByRole('cell', { name: role, exact: true }).waitFor();

  await admin.goTo('/admin/users/new');
  await admin.page.getByLabel('Name', { exact: true }).fill('Vera');
  await admin.page.getByLabel('Username', { exact: true }).fill(username);
  await admin.page.getByLabel('Role').selectOption({ label: role });
  await admin.page.getByLabel('Password', { exact: true }).first().fill(password);
  await admin.page.getByText('Takes calls').first().click();
  await admin.page.getByRole('button', { name: 'Create' }).click();
  await admin.page.waitForURL(/\/admin\/users\/[0-9a-f-]{36}$/);

  const vera = await open();
  await vera.login(username, password);
  await vera.page.waitForURL((url) => url.pathname === '/admin/audit');
  const places = await vera.page.getByRole('navigation').getByRole('link').allInnerTexts();
  expect(places.map((place) => place.trim())).toEqual(['Alerts', 'Audit log']);

  await admin.page.reload();
  await admin.page.getByRole('button', { name: 'Sign out everywhere' }).click();
  const ended = admin.page.waitForResponse((response) => response.request().method() === 'DELETE');
  await admin.page
    .getByRole('alertdialog')
    .or(admin.page.getByRole('dialog'))
    .getByRole('button', { name: 'Sign out everywhere' })
    .click();
  await ended;
  await vera.page.waitForURL((url) => url.pathname === '/login');
  await admin.page.getByText('Not signed in anywhere').waitFor();
});

test('[API-04] a key made by keyboard is shown once, works, and is refused as soon as it is revoked; what is missing has the focus', async () => {
  const name = world().freshName('script');
  const admin = await open();
  await admin.login();
  await admin.goTo('/admin/keys');
  const { page } = admin;
  const { keyboard } = page;
  await page.getByRole('button', { name: 'New key' }).first().press('Enter');
  const dialog = page.getByRole('dialog');
  await focused(dialog.getByLabel('Name'));
  await dialog.getByRole('button', { name: 'Make key' }).press('Enter');
  await focused(dialog.getByLabel('Name'));
  await keyboard.type(name);
  await keyboard.press('Enter');
  await focused(dialog.getByRole('checkbox').first());
  await dialog.getByRole('checkbox', { name: 'See queues' }).press('Space');
  await dialog.getByLabel('Name').press('Enter');
  const key = await dialog.locator('code').innerText();
  await focused(dialog.getByRole('button', { name: 'Copy the key' }));
  const ask = (path: string): Promise<number> =>
    fetch(`${world().product.httpUrl}/api/v1${path}`, { headers: { authorization: `Bearer ${key}` } }).then(
      ({ status }) => status,
    );
  expect([await ask('/queues'), await ask('/users')]).toEqual([200, 403]);
  // What is shown once is not lost by a slip: only its own button closes it.
  await keyboard.press('Escape');
  await focused(dialog.getByRole('button', { name: 'I have kept it' }));
  await page.mouse.click(5, 5);
  expect(await dialog.locator('code').innerText()).toBe(key);
  await dialog.getByRole('button', { name: 'I have kept it' }).press('Enter');
  const row = page.getByRole('row').filter({ hasText: name });
  expect(await row.innerText()).not.toContain(key);
  await row.getByRole('button', { name: 'Revoke' }).press('Enter');
  const gone = page.waitForResponse((response) => response.request().method() === 'DELETE');
  await page
    .getByRole('alertdialog')
    .or(dialog)
    .getByRole('button', { name: 'Revoke', exact: true })
    .press('Enter');
  await gone;
  expect(await ask('/queues')).toBe(401);
  await row.getByText('Revoked').waitFor();
  // The button is gone; its row has the focus.
  await focused(row);
});

test('[API-04] a second factor is set up by keyboard: every step begins where one types, and a wrong password changes nothing', async () => {
  const admin = await open();
  await admin.login();
  await admin.goTo('/profile');
  const { page } = admin;
  await page.getByRole('button', { name: 'Set up' }).press('Enter');
  const dialog = page.getByRole('dialog');
  const asked = dialog.getByLabel('Current password');
  await focused(asked);
  await page.keyboard.type('not-the-password');
  await page.keyboard.press('Enter');
  await dialog.getByText('Nothing was changed.', { exact: false }).waitFor();
  await asked.fill(adminPassword);
  await page.keyboard.press('Enter');
  await focused(dialog.getByLabel('Code of the app'));
  await page.keyboard.type('000000');
  await page.keyboard.press('Enter');
  await dialog.getByText('The code is wrong', { exact: false }).waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
});

test('[I18N-02] a dialog says what is missing and what is taken, and keeps what was typed from a stray Escape', async () => {
  const name = world().freshName('Shift');
  await world().api.request('POST', '/teams', { name });
  const opened = await open();
  await opened.signIn();
  const { page } = opened;
  const dialog = page.getByRole('dialog', { name: 'New team' });
  await page.goto(`${world().product.httpUrl}/admin/numbers`);
  await page.getByRole('button', { name: 'New number' }).click();
  await page.getByRole('dialog').getByRole('button').last().click();
  await page.getByText('Fill this in').first().waitFor();
  expect(await page.getByText('Characters that are not allowed here').count()).toBe(0);
  // Nothing was typed: it closes at once.
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.goto(`${world().product.httpUrl}/admin/teams`);
  await page.getByRole('button', { name: 'New team' }).click();
  const field = dialog.getByLabel('Team', { exact: true });
  await field.fill(name);
  await page.keyboard.press('Enter');
  await dialog.getByText('Already taken').waitFor();
  await page.keyboard.press('Escape');
  const question = page.getByRole('dialog', { name: 'Close without saving?' });
  await question.waitFor();
  await page.keyboard.press('Escape');
  await question.waitFor({ state: 'detached' });
  expect(await field.inputValue()).toBe(name);
  await page.keyboard.press('Escape');
  await question.getByRole('button', { name: 'Discard' }).click();
  await dialog.waitFor({ state: 'detached' });
  await focused(page.getByRole('button', { name: 'New team' }));
});

test('[SUP-04] a caller who waits too long for nobody reaches a webhook, and its end too', async () => {
  const messages: { type: string; data: { kind: string; queueName: string } }[] = [];
  const receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      messages.push(JSON.parse(Buffer.concat(chunks).toString('utf8')));
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void receiver.close());
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/alerts`;
  const target = await world().api.request<{ id: string }>('POST', '/alert-targets', {
    name: world().freshName('pager'),
    to: { kind: 'webhook', url },
  });
  const scene = await world().scene({
    staffed: false,
    queue: {
      alerts: { waitingCount: 1, longestWaitSeconds: null, serviceLevel: null, noAgents: false },
    },
  });
  const call = await (await scene.caller()).call(scene.number);
  await call.answered();
  await until('the alert', async () => messages.some(({ type }) => type === 'alert.raised'));
  expect(messages[0]).toMatchObject({
    type: 'alert.raised',
    data: { kind: 'waiting', queueName: scene.queueName },
  });
  call.hangUp();
  await until('its end', async () => messages.some(({ type }) => type === 'alert.cleared'));
  await until('both are marked as delivered', async () => {
    const { items } = await world().api.request<{ items: { state: string }[] }>(
      'GET',
      `/alert-deliveries?targetId=${target.id}`,
    );
    return items.length === 2 && items.every(({ state }) => state === 'delivered');
  });
});

test('[TEAM-02] shifts typed on the keyboard show on the board whether they are kept', async () => {
  const scene = await world().scene();
  const username = scene.agents[0]?.username ?? '';
  const agent = await world().api.liveAgent(username);
  const admin = await open();
  await admin.login();
  await admin.goTo(`/admin/shifts/${agent.id}`);
  await admin.page.getByLabel('Time zone').selectOption('UTC');
  // Every day around the clock, so that it holds whenever this runs.
  const first = admin.page.getByRole('button', { name: 'Add a shift on Monday' });
  await first.press('Enter');
  await admin.page.getByLabel('Monday: from').fill('0');
  await admin.page.getByLabel('Monday: to').fill('0');
  await admin.page.getByRole('button', { name: 'Remove this break' }).press('Enter');
  for (const day of ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'])
    await admin.page.getByRole('button', { name: `Copy ${day} to the next day` }).press('Enter');
  await admin.page.getByRole('button', { name: 'Save' }).press('Enter');
  await until('the stored week', async () => {
    const { schedule } = await world().api.request<AgentSchedule>('GET', `/schedules/${agent.id}`);
    // It holds from today on: nothing is expected of the days before.
    return (
      Object.keys(schedule?.weeks[0]?.week ?? {}).length === 7 &&
      Object.keys(schedule?.week ?? {}).length === 0
    );
  });
  await admin.goTo('/supervisor/agents');
  const row = admin.page.getByRole('row', { name: new RegExp(username) });
  await row.getByText('in', { exact: true }).waitFor();
  await world().api.setStatus(username, 'break', 'lunch');
  await row.getByText('out', { exact: true }).waitFor();
  const from = new Date(Date.now() - 3_600_000).toISOString();
  await until('the break in the report', async () => {
    const period = `from=${from}&to=${new Date().toISOString()}&agentId=${agent.id}`;
    const report = await world().api.request<AdherenceReport>('GET', `/adherence?${period}`);
    const differences = report.days.flatMap((day) => day.differences);
    return differences.some(({ scheduled, activity }) => scheduled === 'work' && activity === 'break');
  });
});

test('[SUP-01] a wallboard is arranged, and shown to somebody else by its link', async () => {
  const admin = await open();
  await admin.login();
  await admin.goTo('/wallboard');
  await admin.page.getByRole('button', { name: 'Arrange a wallboard of your own' }).click();
  const dialog = admin.page.getByRole('dialog');
  await dialog.getByLabel('Name').fill(world().freshName('Hall'));
  await dialog.getByText('Huge').click();
  await dialog.getByLabel('Add a figure').selectOption({ label: 'Answered' });
  await dialog.getByText('Agents by state').click();
  await dialog.getByText('Shared: whoever has the link may look at it').click();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await admin.page.waitForURL(/board=/);
  const link = new URL(admin.page.url());
  const vera = await open();
  // Named by the wallboard, so that a second attempt makes another one.
  const username = `wall-${link.searchParams.get('board')?.slice(-8)}`;
  await world().api.request('POST', '/users', { username, name: 'Wall', role: 'analyst', password });
  await vera.login(username, password);
  await vera.goTo(`${link.pathname}${link.search}`);
  const figures = vera.page.getByRole('region', { name: 'Figures' }).locator('a > span');
  await figures.getByText('Answered').waitFor();
  expect(await figures.first().innerText()).toBe('Waiting');
  expect(await vera.page.getByRole('button', { name: 'Arrange', exact: true }).count()).toBe(0);
});

test('[SUP-03] two judge a conversation by a scorecard, one of them by keyboard, and calibration tells who is milder', async () => {
  const { api, product } = world();
  const scene = await world().scene();
  const { customer } = await scene.connect();
  customer.hangUp();
  const { id: contactId } = await scene.lastContact();
  const { id: agentId } = await api.liveAgent(scene.agent(1).username);
  const question = { id: 'greeted', text: 'Greeted?', kind: 'yes-no', weight: 1 };
  const groups = [{ name: 'Opening', weight: 1, questions: [question] }];
  const name = world().freshName('Courtesy');
  const { id: scorecardId } = await api.request<{ id: string }>('POST', '/scorecards', { name, groups });
  const reviewer = world().freshName('vera');
  await api.request('POST', '/users', { username: reviewer, name: reviewer, role: 'supervisor', password });
  const vera = await ApiClient.login(product.httpUrl, reviewer, password);
  const begun = await vera.request<{ id: string }>('POST', '/evaluations', {
    contactId,
    agentId,
    scorecardId,
  });
  const answers = [{ questionId: 'greeted', value: false }];
  await vera.request('PUT', `/evaluations/${begun.id}`, { answers, finished: true });

  const admin = await open();
  await admin.login();
  await admin.goTo(`/contacts/${contactId}`);
  await admin.page.getByLabel('Scorecard').selectOption({ label: name });
  await admin.page.getByRole('button', { name: 'Evaluate' }).press('Enter');
  const panel = admin.page.getByRole('group', { name: 'Evaluation', exact: true });
  await panel.getByRole('radio', { name: 'Yes' }).press('Space');
  await panel.getByRole('button', { name: 'Finish' }).press('Enter');
  await panel.getByText('of 100').waitFor();
  // The form is gone; its place has the focus.
  await focused(panel);
  await admin.goTo(`/evaluations?view=calibration&scorecardId=${scorecardId}`);
  const row = (who: string) => admin.page.getByRole('row').filter({ hasText: who });
  await row('Administrator').getByText('Milder than the others').waitFor();
  await row(reviewer).getByText('Stricter than the others').waitFor();
});
