import type { ContactId, LegId } from '@crosspoint/contracts';
import type { LegEnd } from '@crosspoint/core';
import { encodeUtf8, type SipEvent } from '@crosspoint/sip';
import { afterEach, describe, expect, test } from 'vitest';
import type { LegMedia } from '../door.ts';
import { LegSound } from './leg-sound.ts';
import type { CallBranch, CallStage } from './call-stages.ts';
import { OutgoingLeg } from './outgoing-leg.ts';
import type { SipShell } from './shell.ts';
import { openTestShell } from './shell-testing.ts';
import { openProvider, type TestProvider } from './trunk-testing.ts';

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

const legId = 'leg' as LegId;
const answer =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n';

/** A phone or server that does what the test says. */
async function peer(): Promise<TestProvider> {
  const made = await openProvider();
  opened.push(() => made.close());
  return made;
}

/** Calls over a real stack; media is only written down. */
async function calling(stages: (flowTo: (to: TestProvider) => CallBranch) => CallStage[]) {
  const media: string[] = [];
  const outcome = Promise.withResolvers<{ answered: string } | { failed: LegEnd }>();
  const rang = Promise.withResolvers<void>();
  const early = Promise.withResolvers<void>();
  const sessions = new Set<string>();
  const shell = await openTestShell({
    onEvent: (event: SipEvent) => {
      if ('sessionId' in event && sessions.has(event.sessionId)) leg.handle(event);
    },
  });
  opened.push(() => shell.close());
  const plane: LegMedia = {
    allocate: async (_contactId, id, { transport }) => {
      media.push(`open ${id}`);
      if (transport === 'rtp') return { port: 20_000 };
      const fingerprint = { algorithm: 'sha-256', value: 'AA' };
      return { port: 20_000, dtls: { fingerprint, iceUfrag: 'u', icePwd: 'p', candidates: [] } };
    },
    restartIce: () => Promise.reject(new Error('no ICE')),
    setRemote: (id) => void media.push(`remote ${id}`),
    sendDigit: () => undefined,
    play: (id) => void media.push(`play ${id}`),
    stopPlaying: (id) => void media.push(`stop ${id}`),
    rename: (from, to) => void media.push(`rename ${from} ${to}`),
    codecOf: () => undefined,
    release: (id) => void media.push(`release ${id}`),
  };
  const branchTo = (to: TestProvider, more: Partial<CallBranch> = {}): CallBranch => ({
    ways: [wayTo(shell, to)],
    ...more,
  });
  const leg: OutgoingLeg = new OutgoingLeg(
    legId,
    stages(branchTo),
    {
      shell,
      media: plane,
      openSound: (mediaLegId, flow, profile) =>
        LegSound.open({
          media: plane,
          contactId: 'contact' as ContactId,
          legId: mediaLegId,
          remoteAddress: flow.remoteAddress,
          bindAddress: '127.0.0.1',
          publicAddress: undefined,
          offer: undefined,
          ...profile,
        }),
      nameSession: (id) => void sessions.add(id),
      forgetSession: (id) => void sessions.delete(id),
      invited: () => undefined,
      log: () => undefined,
    },
    {
      ringing: () => rang.resolve(),
      earlyMedia: () => early.resolve(),
      answered: ({ sessionId }) => outcome.resolve({ answered: sessionId }),
      failed: (failed) => outcome.resolve({ failed }),
    },
  );
  leg.start();
  return { leg, media, outcome: outcome.promise, rang: rang.promise, early: early.promise, sessions, shell };
}

function wayTo(shell: SipShell, to: TestProvider): CallBranch['ways'][number] {
  const { transport } = shell;
  return {
    uri: `sip:x@127.0.0.1:${to.port}`,
    flow: {
      protocol: 'udp',
      localAddress: transport.address,
      localPort: transport.port,
      remoteAddress: '127.0.0.1',
      remotePort: to.port,
    },
    from: 'sip:a@test',
    to: 'sip:x@test',
    route: [],
    headers: [],
    sound: { transport: 'rtp', srtp: 'off' },
    silenceMaxMs: 300,
  };
}

const say = (phone: TestProvider, sessionId: string, status: number) =>
  phone.shell.run((stack, now) =>
    status === 200
      ? stack.accept({ sessionId, body: answer }, now)
      : status < 200
        ? stack.progress({ sessionId, status, body: status === 183 ? answer : undefined }, now)
        : stack.reject({ sessionId, status }, now),
  );
const rings = async (phone: TestProvider) => (await phone.next('invite')).sessionId;
const together = (...branches: CallBranch[]): CallStage[] => [{ branches, ringTimeoutMs: 0 }];

describe('several endpoints that ring together', () => {
  test('[CAR-05] the first answer wins, and the others are cancelled as completed elsewhere', async () => {
    const [desk, soft] = [await peer(), await peer()];
    const call = await calling((to) => together(to(desk), to(soft)));
    const [a, b] = [await rings(desk), await rings(soft)];
    say(desk, a, 180);
    say(soft, b, 180);
    await call.rang;
    say(soft, b, 200);
    expect(await call.outcome).toEqual({ answered: 'out:leg:1' });
    expect(await desk.next('cancelled')).toMatchObject({
      reasonHeader: expect.stringContaining('elsewhere'),
    });
    // The winner's socket takes the name of the leg; the one that was opened under it is gone.
    expect(call.media.slice(-2)).toEqual(['release leg', 'rename leg.1 leg']);
  });

  test('[CAR-05] a refusal by the person ends it everywhere; busy on one device does not', async () => {
    const [desk, soft] = [await peer(), await peer()];
    const call = await calling((to) => together(to(desk), to(soft)));
    const [a, b] = [await rings(desk), await rings(soft)];
    say(desk, a, 180);
    say(soft, b, 486);
    say(desk, a, 603);
    expect(await call.outcome).toMatchObject({ failed: { code: 603, by: 'remote' } });
    const declined = await calling((to) => together(to(desk), to(soft)));
    const [c, d] = [await rings(desk), await rings(soft)];
    say(soft, d, 180);
    say(desk, c, 603);
    expect(await soft.next('cancelled')).toMatchObject({ by: 'remote' });
    expect(await declined.outcome).toMatchObject({ failed: { code: 603 } });
  });

  test('[CAR-05] what says most about the person is the reason: busy before a device that is not there', async () => {
    const [desk, dead] = [await peer(), await peer()];
    await dead.close();
    const call = await calling((to) => together(to(dead), to(desk)));
    say(desk, await rings(desk), 486);
    expect(await call.outcome).toMatchObject({ failed: { code: 486, by: 'remote' } });
    expect(call.sessions.size).toBe(0);
  });

  test('[CAR-05] a hang-up cancels all of them, and is confirmed once', async () => {
    const [desk, soft] = [await peer(), await peer()];
    const call = await calling((to) => together(to(desk), to(soft)));
    say(desk, await rings(desk), 180);
    say(soft, await rings(soft), 180);
    await call.rang;
    const end = { code: 487, reason: 'cancelled', by: 'local' } as const;
    call.leg.hangup(end, undefined);
    await Promise.all([desk.next('cancelled'), soft.next('cancelled')]);
    expect(await call.outcome).toEqual({ failed: end });
    expect(call.media.filter((line) => line.startsWith('release'))).toHaveLength(2);
  });
});

describe('endpoints that ring in order', () => {
  test('[CAR-05] the next one rings when the one before did not answer in time, or said no', async () => {
    const [first, second, third] = [await peer(), await peer(), await peer()];
    const call = await calling((to) => [
      { branches: [to(first)], ringTimeoutMs: 200 },
      { branches: [to(second)], ringTimeoutMs: 5_000 },
      { branches: [to(third)], ringTimeoutMs: 5_000 },
    ]);
    say(first, await rings(first), 180);
    const b = await rings(second);
    await first.next('cancelled');
    say(second, b, 486);
    say(third, await rings(third), 200);
    expect(await call.outcome).toMatchObject({ answered: 'out:leg:2' });
  });
});

describe('a number outside', () => {
  test('[CAR-05] is the agent’s only after the key: a mailbox answers in vain', async () => {
    const [mobile, desk] = [await peer(), await peer()];
    const call = await calling((to) => together({ ...to(mobile), confirmKey: '5' }, to(desk)));
    const a = await rings(mobile);
    const b = await rings(desk);
    say(desk, b, 180);
    say(mobile, a, 200);
    await mobile.next('confirmed');
    expect(call.media.at(-1)).toBe('play leg');
    expect(call.leg.digit(legId, '1')).toBe(true);
    // Meanwhile the desk phone rings on, and may still win.
    say(desk, b, 200);
    expect(await call.outcome).toEqual({ answered: 'out:leg:1' });
    expect(await mobile.next('ended')).toMatchObject({ by: 'remote' });
  });

  test('[CAR-05] is connected by the key', async () => {
    const mobile = await peer();
    const call = await calling((to) => together({ ...to(mobile), confirmKey: '5' }));
    say(mobile, await rings(mobile), 200);
    await mobile.next('confirmed');
    expect(call.leg.digit(legId, '5')).toBe(true);
    expect(await call.outcome).toEqual({ answered: 'out:leg' });
    expect(call.media.at(-1)).toBe('stop leg');
  });

  test('[CAR-01] [RFC3263 §4.3] goes the next way when a server is silent or out of order, but not when it says no', async () => {
    const [silent, broken, well, never] = [await peer(), await peer(), await peer(), await peer()];
    await silent.close();
    const call = await calling((to) =>
      together({ ways: [silent, broken, well, never].flatMap((each) => to(each).ways) }),
    );
    say(broken, await rings(broken), 503);
    say(well, await rings(well), 404);
    expect(await call.outcome).toMatchObject({ failed: { code: 404, by: 'remote' } });
    expect(never.requests).toEqual([]);
  });

  test('[AVL-04] a device that says nothing is passed over soon, though it is the only one', async () => {
    const silent = await peer();
    await silent.close();
    const call = await calling((to) =>
      together({ ways: to(silent).ways.map((way) => ({ ...way, isPassedOver: true })) }),
    );
    expect(await call.outcome).toMatchObject({ failed: { code: 408, by: 'timeout' } });
  });

  test('[CAR-01] is heard before it answers', async () => {
    const server = await peer();
    const call = await calling((to) => together(to(server)));
    const session = await rings(server);
    say(server, session, 183);
    await call.early;
    expect(call.media.at(-1)).toBe('remote leg');
    say(server, session, 200);
    expect(await call.outcome).toEqual({ answered: 'out:leg' });
  });
});

test('[CAR-01] [RFC3261 §13.2.2.4] of several that a proxy tries the last one is heard before the answer, once for each description', async () => {
  const proxy = await peer();
  const call = await calling((to) => together(to(proxy)));
  await rings(proxy);
  const [sessionId = ''] = call.sessions;
  const progress = (status: number, remoteTag: string, body: string) => {
    const event = { type: 'progress', sessionId, status, remoteTag, body: encodeUtf8(body) };
    call.leg.handle(event as Parameters<typeof call.leg.handle>[0]);
    return call.media.filter((step) => step === 'remote leg').length;
  };
  const second = answer.replace('o=- 1 1', 'o=- 2 1');
  expect(progress(183, 'first', answer)).toBe(1);
  expect(progress(180, 'first', answer)).toBe(1);
  expect(progress(183, 'second', second)).toBe(2);
  await call.early;
  expect(progress(183, 'second', second)).toBe(2);
  const accepted = { type: 'accepted', sessionId, status: 200, body: encodeUtf8(answer) };
  call.leg.handle(accepted as Parameters<typeof call.leg.handle>[0]);
  expect(await call.outcome).toEqual({ answered: 'out:leg' });
});

test.each([answer, undefined])(
  '[CAR-01] [RFC3311 §5.1] what an UPDATE has changed before the answer stays, also when the 200 repeats the first answer',
  async (repeated) => {
    const phone = await peer();
    const call = await calling((to) => together(to(phone)));
    await rings(phone);
    const [sessionId = ''] = call.sessions;
    const hear = (event: object) =>
      call.leg.handle({ sessionId, ...event } as Parameters<typeof call.leg.handle>[0]);
    const held = `${answer}a=sendonly\r\n`.replace('o=- 1 1', 'o=- 1 2');
    hear({ type: 'progress', status: 183, body: encodeUtf8(answer) });
    hear({ type: 'reinvite', method: 'UPDATE', body: encodeUtf8(held) });
    hear({ type: 'accepted', status: 200, body: repeated && encodeUtf8(repeated) });
    expect(await call.outcome).toEqual({ answered: 'out:leg' });
  },
);

describe('a device that refuses our description', () => {
  const webRtc = { transport: 'webrtc', srtp: 'off' } as const;
  const plain = { transport: 'rtp', srtp: 'off' } as const;
  const offerOf = (event: SipEvent): string =>
    'body' in event && event.body !== undefined ? new TextDecoder().decode(event.body) : '';

  test('[CAR-01] is offered the other kind over a socket of its own, once, and is known by it from then on', async () => {
    const phone = await peer();
    const taken: string[] = [];
    const { media, outcome } = await calling((branchTo) => {
      const [way] = branchTo(phone).ways;
      const learns = { soundTaken: ({ transport }: { transport: string }) => void taken.push(transport) };
      const ways = way === undefined ? [] : [{ ...way, sound: webRtc, otherSounds: [plain], ...learns }];
      return [{ branches: [{ ways }], ringTimeoutMs: 0 }];
    });
    const first = await phone.next('invite');
    expect(offerOf(first)).toContain('UDP/TLS/RTP/SAVPF');
    say(phone, first.sessionId, 488);
    const second = await phone.next('invite');
    expect(offerOf(second)).toContain('RTP/AVP');
    say(phone, second.sessionId, 200);
    expect(await outcome).toEqual({ answered: 'out:leg:1' });
    expect(media).toEqual(
      expect.arrayContaining(['open leg', 'release leg', 'open leg.1', 'rename leg.1 leg']),
    );
    expect(taken).toEqual(['rtp']);
  });

  test('[CAR-01] that refuses both ends the leg by its code', async () => {
    const phone = await peer();
    const { outcome } = await calling((branchTo) => {
      const [way] = branchTo(phone).ways;
      const otherSounds = [{ transport: 'rtp', srtp: 'required' }] as const;
      return [{ branches: [{ ways: way === undefined ? [] : [{ ...way, otherSounds }] }], ringTimeoutMs: 0 }];
    });
    say(phone, (await phone.next('invite')).sessionId, 488);
    const second = await phone.next('invite');
    expect(offerOf(second)).toContain('RTP/SAVP');
    say(phone, second.sessionId, 488);
    expect(await outcome).toMatchObject({ failed: { code: 488, by: 'remote' } });
  });
});
