import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { QueueId } from '@crosspoint/contracts';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Caller, createTestApi, queueStats, type TestApi } from '../../../test/api.ts';
import { newId } from '../../platform/index.ts';
import { signatureOf } from './webhook.ts';

interface Posted {
  headers: IncomingHttpHeaders;
  body: string;
}

let api: TestApi;
let admin: Caller;
let queueId: QueueId;
let receiver: Server;
let hook: string;
const posted: Posted[] = [];
/** What the receiver answers next; 204 when nothing is said. */
const answers: number[] = [];

const mails: { recipients: string[]; text: string; user: string | undefined }[] = [];
const smtp = new SMTPServer({
  authOptional: false,
  allowInsecureAuth: true,
  hideSTARTTLS: true,
  onAuth: ({ username, password }, _session, done) =>
    password === 'mail-password' ? done(null, { user: username }) : done(new Error('wrong')),
  onData: (stream, session, done) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const recipients = session.envelope.rcptTo.map(({ address }) => address);
      mails.push({ recipients, text: Buffer.concat(chunks).toString('utf8'), user: session.user });
      done();
    });
  },
});

beforeAll(async () => {
  api = await createTestApi({ flags: { 'flows.lookupNetworks': '127.0.0.1' } });
  ({ admin } = api.as);
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      posted.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
      response.writeHead(answers.shift() ?? 204).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  const made = await admin.send('POST', '/queues', { body: { name: 'Příjem', alerts: { waitingCount: 3 } } });
  expect(made.status, made.text).toBe(201);
  queueId = made.body.id;
});
afterAll(async () => {
  await api.close();
  await new Promise((resolve) => receiver.close(resolve));
  await new Promise<void>((resolve) => smtp.close(resolve));
});
beforeEach(async () => {
  await waiting(0);
  api.clock.nowMs += 2 * 3_600_000;
  await waiting(0);
  for (const target of (await admin.get('/alert-targets')).body.items)
    await admin.send('DELETE', `/alert-targets/${target.id}`);
  posted.length = 0;
  mails.length = 0;
});

/** What the queue shows, and two looks at it, of which the second surely saw it. */
async function waiting(count: number): Promise<void> {
  api.centre.queues.set(queueId, queueStats(queueId, { waiting: count }));
  await api.alerts.look();
  await api.alerts.look();
}
async function target(to: object, rest: object = {}): Promise<string> {
  const body = { name: `target ${JSON.stringify(to).slice(0, 80)}`, to, ...rest };
  const answer = await admin.send('POST', '/alert-targets', { body });
  expect(answer.status, answer.text).toBe(201);
  return answer.body.id;
}
/** A beat that surely sees what is due now. */
async function beat(afterSeconds = 0): Promise<void> {
  api.clock.nowMs += afterSeconds * 1000;
  await api.notifications.work();
  await api.notifications.work();
}
const deliveries = async (query = '') => (await admin.get(`/alert-deliveries?${query}`)).body.items;
const mailServer = (password: string | null | undefined) => ({
  ...{ host: '127.0.0.1', port: (smtp.server.address() as AddressInfo).port, encryption: 'none' },
  ...{ username: 'crosspoint', fromAddress: 'alerts@example.com' },
  ...(password === undefined ? {} : { password }),
});

describe('a webhook', () => {
  test('[SUP-04] [API-03] gets an alert once when it begins and once when it is over, signed', async () => {
    const id = await target({ kind: 'webhook', url: hook });
    const { secret } = (await admin.send('POST', `/alert-targets/${id}/secret`)).body;
    expect(secret).toMatch(/^whsec_/);
    await waiting(5);
    await beat();
    await waiting(7);
    await beat();
    expect(posted).toHaveLength(1);
    await waiting(0);
    api.clock.nowMs += 10_000;
    await waiting(0);
    await beat();
    expect(posted.map(({ body }) => JSON.parse(body))).toMatchObject([
      { type: 'alert.raised', data: { queueName: 'Příjem', kind: 'waiting', value: 5, threshold: 3 } },
      { type: 'alert.cleared', data: { worst: 7 } },
    ]);
    for (const { headers, body } of posted) {
      const [messageId, time] = [String(headers['webhook-id']), Number(headers['webhook-timestamp'])];
      expect(headers['webhook-signature']).toBe(signatureOf(secret, messageId, time, body));
    }
    expect(await deliveries()).toMatchObject([
      { event: 'cleared', state: 'delivered', attempts: 1, lastError: null },
      { event: 'raised', state: 'delivered', attempts: 1, lastError: null },
    ]);
  });

  test('[API-03] is signed as the specification’s own example', () => {
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const signature = signatureOf(secret, 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, '{"test": 2432232314}');
    expect(signature).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  test('[API-03] that fails is tried again, ever more seldom, with the same id, and at last given up', async () => {
    await target({ kind: 'webhook', url: hook }, { events: ['raised'] });
    answers.push(500, 503);
    await waiting(5);
    await beat();
    expect(await deliveries()).toMatchObject([{ state: 'waiting', attempts: 1, lastError: 'answered 500' }]);
    await beat(9);
    expect(posted).toHaveLength(1);
    await beat(1);
    await beat(30);
    expect(await deliveries()).toMatchObject([{ state: 'delivered', attempts: 3, lastError: null }]);
    expect(new Set(posted.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    await waiting(0);
    api.clock.nowMs += 10_000;
    await waiting(0);
    answers.push(...Array.from({ length: 8 }, () => 500));
    await waiting(5);
    for (const pause of [0, 10, 30, 120, 300, 900, 1800, 3600]) await beat(pause);
    const [failed] = await deliveries('state=failed');
    expect(failed).toMatchObject({ attempts: 8, nextAttemptAt: null, lastError: 'answered 500' });
    await beat(100_000);
    expect(posted).toHaveLength(11);
    expect((await admin.send('POST', `/alert-deliveries/${failed.id}/retry`)).status).toBe(200);
    await beat();
    expect(await deliveries('state=failed')).toEqual([]);
    const again = await admin.send('POST', `/alert-deliveries/${failed.id}/retry`);
    expect(again).toMatchObject({ status: 409, body: { code: 'command-refused' } });
  });

  test('[OPS-05] cannot make the server ask inside the house, nor is it led there by a redirect', async () => {
    await target({ kind: 'webhook', url: 'http://169.254.169.254/latest' }, { events: ['raised'] });
    await target({ kind: 'webhook', url: 'http://localhost.:1/', note: undefined }, { events: ['raised'] });
    answers.push(302);
    await target({ kind: 'webhook', url: hook }, { events: ['raised'] });
    await waiting(5);
    await beat();
    const byName = Object.fromEntries(
      (await deliveries()).map((one: { target: { name: string }; lastError: string; state: string }) => [
        one.target.name.includes('169.254')
          ? 'metadata'
          : one.target.name.includes('/hook')
            ? 'hook'
            : 'local',
        `${one.state} ${one.lastError}`,
      ]),
    );
    expect(byName['metadata']).toMatch(/^failed the address is not of the public internet/);
    expect(byName['hook']).toBe('waiting answered 302');
    expect(posted).toHaveLength(1);
  });

  test('[SUP-04] gets only the kinds and queues that it asks for, and nothing while it is off', async () => {
    await target({ kind: 'webhook', url: `${hook}?1` }, { kinds: ['no-agents'] });
    await target({ kind: 'webhook', url: `${hook}?2` }, { queueIds: [admin.userId] });
    await target({ kind: 'webhook', url: `${hook}?3` }, { enabled: false });
    await waiting(5);
    await beat();
    expect(await deliveries()).toEqual([]);
  });

  test('[QUE-01] for a team hears of the queues of the team and of teams within it', async () => {
    const team = async (name: string, parentId: string | null = null) =>
      (await admin.send('POST', '/teams', { body: { name: `${name} ${newId()}`, parentId } })).body
        .id as string;
    const whole = await team('Whole house');
    const part = await team('Reception', whole);
    const body = { name: 'Příjem', alerts: { waitingCount: 3 }, teamId: part };
    expect((await admin.send('PUT', `/queues/${queueId}`, { body })).status).toBe(200);
    await target({ kind: 'webhook', url: `${hook}?other` }, { teamIds: [await team('Others')] });
    const hearing = await target({ kind: 'webhook', url: `${hook}?whole` }, { teamIds: [whole] });
    await waiting(5);
    await beat();
    expect(await deliveries()).toMatchObject([{ target: { id: hearing } }]);
  });
});

describe('mail', () => {
  test('[SUP-04] comes in the language of who gets it, by a server whose password is never shown', async () => {
    const none = await admin.send('POST', '/mail-server/test', { body: { to: 'a@example.com' } });
    expect(none.body.code).toBe('command-refused');
    const set = await admin.send('PUT', '/mail-server', { body: mailServer('mail-password') });
    expect(set.body, set.text).toMatchObject({ hasPassword: true, port: expect.any(Number) });
    const to = { kind: 'mail', addresses: ['eva@example.com', 'jan@example.com'], language: 'cs' };
    await target({ ...to, timeZone: 'Europe/Prague' });
    await waiting(5);
    await beat();
    const [mail] = mails;
    expect(mail).toMatchObject({ recipients: to.addresses, user: 'crosspoint' });
    const decoded = Buffer.from(mail?.text.split('\r\n\r\n')[1]?.replaceAll('\r\n', '') ?? '', 'base64');
    const text = /base64/.test(mail?.text ?? '') ? decoded.toString('utf8') : (mail?.text ?? '');
    expect(text.replaceAll('=\r\n', '')).toMatch(/Po(č|=C4=8D)et (č|=C4=8D)ekaj(í|=C3=AD)c(í|=C3=AD)ch je 5/);
    expect(await deliveries()).toMatchObject([{ state: 'delivered' }]);
    for (const path of ['/mail-server', '/audit?limit=100', '/alert-targets']) {
      const shown = (await admin.get(path)).text;
      expect(shown).not.toContain('mail-password');
      expect(shown).not.toMatch(/sealed/i);
    }
    const row = await api.database.asSystem((transaction) =>
      transaction.selectFrom('mail_servers').selectAll().executeTakeFirstOrThrow(),
    );
    expect(JSON.stringify(row)).not.toContain('mail-password');
  });

  test('[SUP-04] a test says what the server says', async () => {
    await admin.send('PUT', '/mail-server', { body: mailServer('mail-password') });
    const body = { to: 'eva@example.com', language: 'es' };
    const sent = await admin.send('POST', '/mail-server/test', { body });
    expect(sent.body).toEqual({ delivered: true, error: null });
    expect(mails[0]?.text).toContain('mensaje de prueba');
    await admin.send('PUT', '/mail-server', { body: mailServer('wrong') });
    const refused = await admin.send('POST', '/mail-server/test', { body });
    expect(refused.body).toMatchObject({ delivered: false, error: expect.stringContaining('535') });
    await admin.send('PUT', '/mail-server', { body: { ...mailServer(undefined), port: 1 } });
    const gone = await admin.send('POST', '/mail-server/test', { body });
    expect(gone.body).toMatchObject({ delivered: false, error: expect.stringContaining('ECONNREFUSED') });
  });

  test('[API-04] a stored password does not go to another server', async () => {
    await admin.send('PUT', '/mail-server', { body: mailServer('mail-password') });
    const kept = await admin.send('PUT', '/mail-server', { body: mailServer(undefined) });
    expect(kept.body.hasPassword).toBe(true);
    const moved = await admin.send('PUT', '/mail-server', {
      body: { ...mailServer(undefined), host: 'evil.example' },
    });
    expect(moved.body.hasPassword).toBe(false);
  });
});

test('[TEAM-03] supervisors see where alerts go, administrators decide it', async () => {
  const { supervisor, agent } = api.as;
  for (const path of ['/alert-targets', '/alert-deliveries', '/mail-server']) {
    expect((await supervisor.get(path)).status, path).toBe(200);
    expect((await agent.get(path)).status, path).toBe(403);
  }
  expect((await supervisor.send('PUT', '/mail-server', { body: mailServer('x') })).status).toBe(403);
  const odd = { name: 'odd', to: { kind: 'webhook', url: 'ftp://example.com' } };
  const refused = await admin.send('POST', '/alert-targets', { body: odd });
  expect(refused).toMatchObject({ status: 400, body: { errors: [{ path: 'to.url' }] } });
});
