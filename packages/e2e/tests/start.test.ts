import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { onTestFinished, expect, test } from 'vitest';
import { ApiClient, checkIdentity, Product, temporaryFolder, until } from '../src/index.ts';

async function started(...args: Parameters<typeof Product.start>): Promise<Product> {
  const product = await Product.start(...args);
  onTestFinished(() => product.dispose());
  return product;
}

/** What a product said that was expected not to start, and to end by itself with a code that says so. */
async function failureOf(...args: Parameters<typeof Product.start>): Promise<string> {
  const outcome = await Product.start(...args).catch((error: unknown) => error);
  if (outcome instanceof Product) {
    await outcome.dispose();
    throw new Error('The product started although it should not have.');
  }
  const failure = String(outcome);
  expect(failure).toMatch(/The product ended with [1-9]/);
  return failure;
}

/** A TCP port of the loopback interface that is taken until the test ends. */
async function takenPort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address.port;
}

test('[OPS-01] the first start without a password makes one and prints it once', async () => {
  const product = await started({ env: { CROSSPOINT_ADMIN_PASSWORD: '' } });
  const password = /Login\s+admin, password (\S+)/.exec(product.output)?.[1];
  expect(password).toBeDefined();
  const api = await ApiClient.login(product.httpUrl, 'admin', password ?? '');
  expect((await api.get<{ user: { role: string } }>('/auth/me')).user.role).toBe('admin');
  await product.stop();
  await product.start();
  expect(product.output).not.toMatch(/Login\s+admin/);
});

test('[OPS-01] a broken settings file is refused with line, column and remedy', async () => {
  const file = join(temporaryFolder(), 'crosspoint.yaml');
  writeFileSync(file, 'http:\n  port: 0\nsip:\n  port: [1, 2\nlogLevel: info\n');
  const failure = await failureOf({ env: { CROSSPOINT_CONFIG: file } });
  expect(failure).toContain(file);
  expect(failure).toMatch(/line \d+, column \d+/);
});

test('[OPS-01] an unknown setting and a wrong value are named', async () => {
  const file = join(temporaryFolder(), 'crosspoint.yaml');
  writeFileSync(file, 'http:\n  prot: 8080\n');
  expect(await failureOf({ env: { CROSSPOINT_CONFIG: file } })).toMatch(/prot/);
  expect(await failureOf({ env: { CROSSPOINT_HTTP_PORT: 'eighty' } })).toMatch(
    /CROSSPOINT_HTTP_PORT[\s\S]*eighty/,
  );
});

test('[OPS-01] a taken HTTP port is named, with the process that has it and the setting', async () => {
  const port = await takenPort();
  const failure = await failureOf({ env: { CROSSPOINT_HTTP_PORT: String(port) } });
  expect(failure).toContain(String(port));
  expect(failure).toContain('CROSSPOINT_HTTP_PORT');
  expect(failure).toContain(String(process.pid));
});

test('[OPS-01] a taken SIP port is named with the setting', async () => {
  const port = await takenPort();
  const failure = await failureOf({ env: { CROSSPOINT_SIP_PORT: String(port) } });
  expect(failure).toContain(String(port));
  expect(failure).toContain('CROSSPOINT_SIP_PORT');
});

test('[OPS-01] a second start on the same data directory is refused, and the first goes on', async () => {
  const product = await started();
  const failure = await failureOf({ dataDir: product.dataDir });
  expect(failure).toContain(product.dataDir);
  expect(failure).toContain(String(product.pid));
  expect(await (await product.api()).queues()).toEqual([]);
});

test('[OPS-01] stops cleanly, leaves no process behind, and is ready again with everything kept', async () => {
  const product = await started();
  await (await product.api()).apply({ queues: [{ name: 'kept' }] });
  expect(await product.stop()).toBe(0);
  await until('every process to be gone', () => product.processes().length === 0);
  await product.start();
  expect((await (await product.api()).queues()).map(({ name }) => name)).toContain('kept');
});

test('[OPS-01] --demo brings a company to life: calls are answered, and every number adds up', async () => {
  const product = await started({ args: ['--demo'] });
  const api = await product.api();
  await until(
    'answered calls',
    async () => (await api.contacts()).some(({ outcome }) => outcome === 'answered'),
    {
      timeoutMs: 50_000,
    },
  );
  expect((await api.liveAgents()).filter(({ status }) => status === 'available').length).toBeGreaterThan(1);
  for (const { name } of await api.queues()) checkIdentity(name, await api.stats(name));
  expect(await product.stop()).toBe(0);
});

const document = `agents:
  - { username: alice, name: Alice, password: console-password, sip: { password: sip-password } }
queues:
  - { name: support, ringTimeoutSeconds: 15, agents: [alice] }
numbers:
  - { number: "700", target: { queue: support } }
`;

test('[OPS-01] apply shows the difference, is idempotent, and says what a dry run would do', async () => {
  const product = await started();
  const dry = await product.apply(document, '--dry-run');
  expect(dry).toMatchObject({ code: 0, output: expect.stringContaining('support') });
  expect(await (await product.api()).queues()).toEqual([]);
  const first = await product.apply(document);
  expect(first).toMatchObject({ code: 0, output: expect.stringContaining('alice') });
  expect((await (await product.api()).queues()).map(({ name }) => name)).toEqual(['support']);
  const second = await product.apply(document);
  expect(second.code).toBe(0);
  expect(second.output).not.toMatch(/create|update/i);
  const exported = await product.cli('export');
  expect(exported).toMatchObject({ code: 0, output: expect.stringContaining('support') });
  expect(exported.output).not.toContain('sip-password');
});

test('[OPS-01] a broken configuration document is refused with line and column, and nothing is applied', async () => {
  const product = await started();
  const broken: [string, RegExp][] = [
    [document.replace('ringTimeoutSeconds: 15', 'ringTimeoutSecond: 15'), /ringTimeoutSecond/],
    [document.replace('ringTimeoutSeconds: 15', 'ringTimeoutSeconds: soon'), /ringTimeoutSeconds/],
    [document.replace('agents: [alice]', 'agents: [alicia]'), /alicia/],
    [document.replace('numbers:', 'numbers: ]'), /./],
  ];
  for (const [text, names] of broken) {
    const result = await product.apply(text);
    expect(result.code).not.toBe(0);
    expect(result.output).toMatch(names);
    expect(result.output).toMatch(/line \d+, column \d+|:\d+:\d+/);
  }
  expect(await (await product.api()).queues()).toEqual([]);
});
