import { type TenantId, type TrunkId, type TrunkLive, TrunkSettings } from '@crosspoint/contracts';
import { type Flow, parseUri, type SipUri } from '@crosspoint/sip';
import { afterEach, describe, expect, test } from 'vitest';
import { openTestShell } from './shell-testing.ts';
import { openProvider } from './trunk-testing.ts';
import { SipTrunks } from './trunks.ts';

const tenantId = 'tenant' as TenantId;
const id = 'trunk' as TrunkId;
const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

/** Our side: a stack with its trunks, and what people see of them. */
async function openTrunks() {
  const seen: TrunkLive[] = [];
  const watchers: { holds: (live: TrunkLive) => boolean; resolve: (live: TrunkLive) => void }[] = [];
  const shell = await openTestShell({ now: Date.now, onEvent: (event) => void trunks.handle(event) });
  const trunks = new SipTrunks({
    shell,
    resolve: async ({ host }) => Promise.reject(new Error(`host ${host} has no address`)),
    serverFailed: () => undefined,
    now: () => Date.now(),
    contactUserOf: (trunkId) => `t-${trunkId}`,
    changed: (trunk) => {
      const live = trunk.live();
      seen.push(live);
      for (const watcher of watchers.splice(0)) {
        if (watcher.holds(live)) watcher.resolve(live);
        else watchers.push(watcher);
      }
    },
  });
  trunks.open();
  opened.push(async () => {
    await trunks.close();
    await shell.close();
  });
  /** Waits until the trunk shows this. */
  const shows = (expected: Partial<TrunkLive>): Promise<TrunkLive> => {
    const holds = (live: TrunkLive) =>
      Object.entries(expected).every(([key, value]) => live[key as keyof TrunkLive] === value);
    const { promise, resolve, reject } = Promise.withResolvers<TrunkLive>();
    const last = seen.at(-1);
    if (last !== undefined && holds(last)) resolve(last);
    const timer = setTimeout(
      () => reject(new Error(`no ${JSON.stringify(expected)}, but ${JSON.stringify(seen.at(-1))}`)),
      60_000,
    );
    watchers.push({ holds, resolve });
    return promise.finally(() => clearTimeout(timer));
  };
  const configure = (settings: object | undefined) =>
    trunks.configure(
      tenantId,
      settings === undefined
        ? []
        : [
            {
              tenantId,
              id,
              name: 'a',
              // A test does not wait five seconds for the next keep-alive.
              settings: {
                ...TrunkSettings.parse({ host: '127.0.0.1', ...settings }),
                keepAliveSeconds: 0.1,
              },
            },
          ],
    );
  return { trunks, shell, shows, configure, seen };
}

async function provider(options: Parameters<typeof openProvider>[0] = {}) {
  const made = await openProvider(options);
  opened.push(() => made.close());
  return made;
}

const register = { username: 'acme', password: 'trunk-secret' };

describe('a trunk that is kept alive', () => {
  test('[CAR-01] shows which server answers, leaves it when it is gone, and comes back', async () => {
    const { shows, configure } = await openTrunks();
    const first = await provider();
    const second = await provider();
    configure({
      port: first.port,
      transport: 'tcp',
      alternates: [{ host: '127.0.0.1', port: second.port, transport: 'tcp' }],
    });
    await shows({ state: 'reachable', server: `127.0.0.1:${first.port}/tcp` });
    await first.close();
    await shows({ state: 'reachable', server: `127.0.0.1:${second.port}/tcp` });
    await provider({ port: first.port });
    await shows({ state: 'reachable', server: `127.0.0.1:${first.port}/tcp` });
  });

  test('[CAR-01] shows that nobody answers, and why', async () => {
    const { shows, configure, trunks } = await openTrunks();
    configure({ host: 'sip.nowhere.example' });
    const reason = 'host sip.nowhere.example has no address';
    expect(await shows({ state: 'unreachable' })).toMatchObject({ code: 503, reason, server: '' });
    expect(await trunks.test(id)).toMatchObject({ reachable: false, status: 503, reason });
    configure({ enabled: false });
    await shows({ state: 'off' });
    expect(await trunks.test(id)).toBeUndefined();
  });

  test('[CAR-01] is asked on demand, and any answer shows that it is there', async () => {
    const { configure, trunks, shows } = await openTrunks();
    const strict = await provider({ refuse: () => ({ status: 403 }) });
    configure({ port: strict.port });
    await shows({ state: 'reachable' });
    expect(await trunks.test(id)).toMatchObject({
      reachable: true,
      status: 403,
      server: `127.0.0.1:${strict.port}/udp`,
    });
  });
});

describe('a trunk that registers', () => {
  test('[CAR-01] is registered with its password, under a name of its own, until it stops', async () => {
    const { shows, configure } = await openTrunks();
    const registrar = await provider();
    configure({ port: registrar.port, register });
    const live = await shows({ state: 'registered', server: `127.0.0.1:${registrar.port}/udp` });
    expect(Date.parse(live.expiresAt ?? '')).toBeGreaterThan(Date.now() + 3_000_000);
    const [binding] = (await registrar.next('registration-changed')).bindings;
    expect(binding?.contact).toContain('sip:t-trunk@127.0.0.1:');
    configure(undefined);
    expect((await registrar.next('registration-changed')).bindings).toEqual([]);
  });

  test('[CAR-01] shows that the provider refuses, with its words', async () => {
    const { shows, configure } = await openTrunks();
    const registrar = await provider();
    configure({ port: registrar.port, register: { ...register, password: 'wrong' } });
    expect(await shows({ state: 'refused' })).toMatchObject({ code: 401, reason: '401 Unauthorized' });
    configure({ port: registrar.port, register });
    await shows({ state: 'registered', code: null });
  });

  test('[CAR-01] moves to the next server when the first is gone, and back', async () => {
    const { shows, configure } = await openTrunks();
    const first = await provider();
    const second = await provider();
    configure({
      port: first.port,
      transport: 'tcp',
      alternates: [{ host: '127.0.0.1', port: second.port, transport: 'tcp' }],
      register,
    });
    await shows({ state: 'registered', server: `127.0.0.1:${first.port}/tcp` });
    await first.close();
    await shows({ state: 'registered', server: `127.0.0.1:${second.port}/tcp` });
    await provider({ port: first.port });
    await shows({ state: 'registered', server: `127.0.0.1:${first.port}/tcp` });
  });
});

describe('the trunk of an incoming call', () => {
  const flow = (port: number): Flow => ({
    protocol: 'udp',
    localAddress: '127.0.0.1',
    localPort: 5060,
    remoteAddress: '127.0.0.1',
    remotePort: port,
  });

  test('[CAR-01] is found by our Contact, by the source, or by the server that answers', async () => {
    const { trunks, shows, configure } = await openTrunks();
    const server = await provider();
    configure({ port: server.port });
    await shows({ state: 'reachable' });
    expect(trunks.ofIncoming('700', flow(server.port))?.id).toBe(id);
    expect(trunks.ofIncoming('700', flow(9))).toBeUndefined();
    expect(trunks.ofIncoming('t-trunk', flow(9))?.id).toBe(id);
    configure({ port: server.port, match: ['127.0.0.0/8'] });
    expect(trunks.ofIncoming('700', flow(9))?.id).toBe(id);
    configure({ port: server.port, match: ['127.0.0.0/8'], enabled: false });
    expect(trunks.ofIncoming('t-trunk', flow(server.port))).toBeUndefined();
  });
});

describe('a 3xx of a provider', () => {
  const uri = (text: string) => parseUri(text) as SipUri;

  test('[RFC3261 §8.1.3.4] is followed to its own servers, and nowhere else', async () => {
    const { trunks, configure } = await openTrunks();
    configure({ host: '192.0.2.7', alternates: [{ host: 'sip.provider.example' }], keepAliveSeconds: 0 });
    const flow: Flow = {
      protocol: 'udp',
      localAddress: '192.0.2.1',
      localPort: 5060,
      remoteAddress: '192.0.2.7',
      remotePort: 5060,
    };
    expect(trunks.redirect(uri('sip:1@192.0.2.7'), flow)).toEqual(flow);
    expect(trunks.redirect(uri('sip:1@192.0.2.7:5080'), flow)).toMatchObject({ remotePort: 5080 });
    expect(trunks.redirect(uri('sip:1@sip.provider.example'), flow)).toEqual(flow);
    expect(trunks.redirect(uri('sip:1@198.51.100.9'), flow)).toBeUndefined();
    // A phone that forwards calls.
    expect(trunks.redirect(uri('sip:1@192.0.2.7'), { ...flow, remoteAddress: '192.0.2.99' })).toBeUndefined();
  });
});
