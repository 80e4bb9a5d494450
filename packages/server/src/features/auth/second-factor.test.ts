import { generateSync } from 'otplib';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Caller, callerOf, createTestApi, TEST_PASSWORD, type TestApi } from '../../../test/api.ts';

let api: TestApi;
let person: Caller;
let username: string;
let tests = 0;

beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());
/** Each test has a user of its own, with a session. */
beforeEach(async () => {
  username = `factor-${++tests}`;
  api.clock.nowMs += 120_000;
  await api.addCaller({ username, role: 'supervisor' });
  const answer = await login();
  person = callerOf(api.app, answer.body.user.id, {
    cookie: String(answer.headers['set-cookie']).split(';')[0] ?? '',
  });
});

const login = (code?: string, password = TEST_PASSWORD) =>
  api.anonymous.send('POST', '/auth/login', {
    body: { username, password, ...(code === undefined ? {} : { code }) },
    headers: { 'x-forwarded-for': `192.0.2.${tests}` },
  });
const codeOf = (secret: string) => generateSync({ secret, epoch: Math.floor(api.clock.nowMs / 1000) });
const begin = () => person.send('POST', '/auth/second-factor', { body: { currentPassword: TEST_PASSWORD } });
const confirm = (code: string) => person.send('POST', '/auth/second-factor/confirm', { body: { code } });

async function enrolled(): Promise<{ secret: string; recoveryCodes: string[] }> {
  const { secret } = (await begin()).body;
  const answer = await confirm(codeOf(secret));
  expect(answer.status, answer.text).toBe(200);
  api.clock.nowMs += 30_000;
  return { secret, recoveryCodes: answer.body.recoveryCodes };
}

test('[API-04] a second factor counts from the first code that proves the app has the secret', async () => {
  expect((await person.get('/auth/second-factor')).body).toMatchObject({ enabled: false });
  const begun = await begin();
  expect(begun.status).toBe(201);
  expect(begun.body.uri).toBe(
    `otpauth://totp/Crosspoint:${username}?secret=${begun.body.secret}&issuer=Crosspoint`,
  );
  expect((await login()).status).toBe(200);
  expect((await confirm('000000')).body.code).toBe('second-factor-wrong');
  const confirmed = await confirm(codeOf(begun.body.secret));
  expect(confirmed.body.recoveryCodes).toHaveLength(10);
  expect(confirmed.body.recoveryCodes[0]).toMatch(/^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/);
  expect((await person.get('/auth/second-factor')).body).toMatchObject({
    enabled: true,
    recoveryCodesLeft: 10,
  });
  expect((await begin()).body).toMatchObject({ code: 'command-refused', reason: 'second-factor-enabled' });
});

test('[API-04] signing in then wants a code, each once, and only with the right password', async () => {
  const { secret } = await enrolled();
  expect(await login()).toMatchObject({ status: 401, body: { code: 'second-factor-required' } });
  expect((await login(codeOf(secret), 'wrong-password')).body.code).toBe('credentials-wrong');
  expect((await login('123456')).body.code).toBe('second-factor-wrong');
  const code = codeOf(secret);
  const entered = await login(`${code.slice(0, 3)} ${code.slice(3)}`);
  expect(entered.status, entered.text).toBe(200);
  expect((await login(code)).body.code).toBe('second-factor-wrong');
  api.clock.nowMs += 30_000;
  expect((await login(codeOf(secret))).status).toBe(200);
});

test('[API-04] of two requests with one code only one gets in', async () => {
  const { secret } = await enrolled();
  const code = codeOf(secret);
  const answers = await Promise.all([login(code), login(code), login(code)]);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
});

test('[API-04] a recovery code signs in once; new ones end the former', async () => {
  const { secret, recoveryCodes } = await enrolled();
  const [first = '', second = ''] = recoveryCodes;
  expect((await login(first.toUpperCase().replaceAll('-', ' '))).status).toBe(200);
  expect((await login(first)).body.code).toBe('second-factor-wrong');
  expect((await person.get('/auth/second-factor')).body.recoveryCodesLeft).toBe(9);
  const renewed = await person.send('POST', '/auth/second-factor/recovery-codes', {
    body: { code: codeOf(secret) },
  });
  expect(renewed.body.recoveryCodes).toHaveLength(10);
  expect((await login(second)).body.code).toBe('second-factor-wrong');
  expect((await login(renewed.body.recoveryCodes[0])).status).toBe(200);
});

test('[OPS-05] wrong codes are slowed down like wrong passwords', async () => {
  await enrolled();
  for (let attempt = 0; attempt < 6; attempt++) {
    expect((await login('000000')).body.code).toBe('second-factor-wrong');
  }
  expect((await login('000000')).body.code).toBe('login-delayed');
});

test('[API-04] the person removes it with the password, an administrator without; both are audited', async () => {
  await enrolled();
  const remove = (currentPassword: string) =>
    person.send('POST', '/auth/second-factor/remove', { body: { currentPassword } });
  expect((await remove('wrong-password')).body.code).toBe('current-password-wrong');
  expect((await remove(TEST_PASSWORD)).status).toBe(204);
  expect((await login()).status).toBe(200);
  await enrolled();
  const path = `/users/${person.userId}`;
  expect((await api.as.admin.get(path)).body.secondFactor).toBe(true);
  expect((await api.as.supervisor.send('DELETE', `${path}/second-factor`)).status).toBe(403);
  expect((await api.as.admin.send('DELETE', `${path}/second-factor`)).status).toBe(204);
  expect((await api.as.admin.send('DELETE', `${path}/second-factor`)).status).toBe(404);
  expect((await login()).status).toBe(200);
  const { text } = await api.as.admin.get('/audit?limit=20');
  expect(text).toContain('user.second-factor-removed');
  expect(text).toContain('user.second-factor-reset');
});

test('[OPS-05] the database holds neither the secret nor the recovery codes', async () => {
  const { secret, recoveryCodes } = await enrolled();
  const row = await api.database.asSystem((transaction) =>
    transaction
      .selectFrom('second_factors')
      .selectAll()
      .where('user_id', '=', person.userId)
      .executeTakeFirstOrThrow(),
  );
  const stored = JSON.stringify(row);
  expect(row.sealed_secret).toMatch(/^v1\./);
  expect(stored).not.toContain(secret);
  for (const code of recoveryCodes) expect(stored).not.toContain(code);
});
