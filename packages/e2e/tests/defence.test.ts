import type { AccessRule, Ban, Page, Refusal, SecuritySettings } from '@crosspoint/contracts';
import { expect, test } from 'vitest';
import { freshAddress, statusOf, Stranger, until, useWorld } from '../src/index.ts';

const world = useWorld();
const sip = () => world().product.sip;

async function as<Result>(address: string, work: (stranger: Stranger) => Promise<Result>): Promise<Result> {
  const stranger = await Stranger.open(address, sip());
  try {
    return await work(stranger);
  } finally {
    stranger.close();
  }
}

/** Long enough for an answer of a machine that is not busy, and for the proof that there is none. */
const silenceMs = 400;
const bans = async () => (await world().api.get<Page<Ban>>('/security/bans')).items;

test('[OPS-05] a scanner hears nothing, and a phone beside it everything', async () => {
  const source = freshAddress();
  const answers = await as(source, async (scanner) => [
    await scanner.ask({ method: 'OPTIONS', agent: 'friendly-scanner' }, silenceMs),
    await scanner.ask({ method: 'OPTIONS' }, silenceMs),
  ]);
  expect(answers).toEqual([undefined, undefined]);
  const beside = await as(freshAddress(), (phone) => phone.ask({ method: 'OPTIONS', agent: 'Telephone' }));
  expect(statusOf(beside ?? '')).toBe(200);
  const refusals = await world().api.get<Page<Refusal>>('/security/refusals?reason=scanner');
  expect(refusals.items.filter((each) => each.source === source)).toMatchObject([
    { detail: 'friendly-scanner' },
  ]);
});

test('[OPS-05] wrong passwords ban that user from that source, over a restart, until a person lifts it', async () => {
  const scene = await world().scene({ staffed: false });
  const { username, sipPassword } = scene.agent(1);
  const source = freshAddress();
  await as(source, async (guesser) => {
    for (let n = 0; n < 10; n++) expect(await guesser.register(username, `guess-${n}`)).toBe(401);
    expect(await guesser.ask({ method: 'REGISTER', user: username }, silenceMs)).toBeUndefined();
    expect(statusOf((await guesser.ask({ method: 'REGISTER', user: 'somebody' })) ?? '')).toBe(401);
  });
  expect(await as(freshAddress(), (agent) => agent.register(username, sipPassword))).toBe(200);
  expect(world().product.output).toContain('lift the ban');
  await world().product.stop();
  await world().product.start();
  await world().login();
  const ban = (await bans()).find((each) => each.username === username);
  expect(ban).toMatchObject({ source, reason: 'wrong-password' });
  await as(source, async (guesser) => {
    expect(await guesser.ask({ method: 'REGISTER', user: username }, silenceMs)).toBeUndefined();
    await world().api.send('DELETE', `/security/bans/${ban?.id}`);
    expect(await guesser.register(username, sipPassword)).toBe(200);
  });
});

test('[CAR-01] [RFC8760] telephones prove their password by MD5, or by SHA-256 where that is set', async () => {
  const { username, sipPassword } = (await world().scene({ staffed: false })).agent(1);
  const { api } = world();
  const settings = await api.get<SecuritySettings>('/security/settings');
  const offered: Record<string, string[]> = {};
  try {
    for (const digest of ['md5', 'sha-256-or-md5', 'sha-256'] as const) {
      await api.request('PUT', '/security/settings', { ...settings, digest });
      await as(freshAddress(), async (phone) => {
        const challenge = (await phone.ask({ method: 'REGISTER', user: username })) ?? '';
        offered[digest] = [...challenge.matchAll(/WWW-Authenticate: .*algorithm=([^,]+)/g)].map(
          ([, algorithm]) => algorithm ?? '',
        );
        expect(await phone.register(username, 'wrong')).toBe(401);
        expect(await phone.register(username, sipPassword)).toBe(200);
      });
    }
  } finally {
    await api.request('PUT', '/security/settings', settings);
  }
  expect(offered).toEqual({
    md5: ['MD5'],
    'sha-256-or-md5': ['SHA-256', 'MD5'],
    'sha-256': ['SHA-256'],
  });
});

test('[OPS-05] a known and an unknown user are answered alike, and as fast', async () => {
  const scene = await world().scene({ staffed: false });
  const { username } = scene.agent(1);
  const times: Record<string, number[]> = { known: [], unknown: [] };
  const shapes = new Set<string>();
  // From an own address, which is neither banned nor limited.
  await as('127.0.0.1', async (asker) => {
    for (let n = 0; n < 300; n++) {
      for (const [kind, user] of [
        ['known', username],
        ['unknown', username.replace('agent', 'nobod')],
      ] as const) {
        const begin = performance.now();
        const status = await asker.register(user, 'wrong');
        times[kind]?.push(performance.now() - begin);
        shapes.add(String(status));
      }
    }
  });
  expect([...shapes]).toEqual(['401']);
  // What else the machine does only adds to a time: the quicker ones are those of the product alone.
  const quick = (kind: string) => times[kind]?.toSorted((a, b) => a - b)[60] ?? 0;
  const [known, unknown] = [quick('known'), quick('unknown')];
  expect(Math.abs(known - unknown)).toBeLessThan(0.15 * Math.max(known, unknown) + 0.05);
});

test('[OPS-05] rules of access hold from one message to the next', async () => {
  const { api } = world();
  await as(freshAddress(), async (stranger) => {
    const isHeard = async (timeoutMs?: number) =>
      (await stranger.ask({ method: 'OPTIONS' }, timeoutMs)) !== undefined;
    expect(await isHeard()).toBe(true);
    const rule = { action: 'deny', network: `${stranger.address}/32`, note: '' };
    const { id } = await api.request<AccessRule>('POST', '/security/rules', rule);
    expect(await isHeard(silenceMs)).toBe(false);
    await api.send('DELETE', `/security/rules/${id}`);
    expect(await isHeard()).toBe(true);
  });
});

test('[OPS-05] calls above the rate of a source are refused with the time to try again', async () => {
  const scene = await world().scene({ staffed: false });
  const answers = await as(freshAddress(), (caller) =>
    Promise.all(
      Array.from({ length: 300 }, () => caller.ask({ method: 'INVITE', number: `${scene.number}9` })),
    ),
  );
  const refused = answers.filter((answer) => answer?.startsWith('SIP/2.0 503') === true);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused[0]).toMatch(/\r\nRetry-After: \d+\r\n/);
});

test('[OPS-05] who tries one number after the other is not answered any more', async () => {
  const source = freshAddress();
  await as(source, async (scanner) => {
    const call = (n: number, timeoutMs?: number) =>
      scanner.ask({ method: 'INVITE', number: `900442012345${n}` }, timeoutMs);
    for (let n = 0; n < 19; n++) expect(statusOf((await call(n)) ?? '')).toBe(404);
    let last: string | undefined;
    for (let n = 19; n < 24; n++) last = await call(n, silenceMs);
    expect(last).toBeUndefined();
  });
  expect(await bans()).toContainEqual(expect.objectContaining({ source, reason: 'number-scan' }));
});

test('[OPS-05] an address that has proven nothing gets at most three times what came from it', async () => {
  await as(freshAddress(), async (victim) => {
    const withheld = async () => {
      const { items } = await world().api.get<Page<Refusal>>('/security/refusals?reason=amplification');
      return items.find(({ source }) => source === victim.address)?.count ?? 0;
    };
    // A challenge that nobody acknowledges is repeated for 32 s: what a forged INVITE would send to its victim.
    victim.send(victim.request({ method: 'INVITE', number: '*1' }));
    await until('three repetitions to be withheld', async () => (await withheld()) >= 3);
    expect(victim.bytesReceived).toBeGreaterThan(0);
    expect(victim.bytesReceived).toBeLessThanOrEqual(3 * victim.bytesSent);
  });
});
