import { randomBytes } from 'node:crypto';
import type { ContactId, LegId } from '@crosspoint/contracts';
import { decodeUtf8, encodeUtf8, type Flow, SipStack } from '@crosspoint/sip';
import { expect, test, vi } from 'vitest';
import { codecOf, keptCodec } from './audio.ts';
import { callFrom, openTestCarrier, testSdp } from './carrier-testing.ts';
import { SipLegs } from './leg.ts';
import { leftBehind, type SipLegSnapshot } from './leg-snapshot.ts';
import { LegTakeover } from './leg-takeover.ts';
import { openProvider } from './trunk-testing.ts';

const flow: Flow = {
  protocol: 'udp',
  localAddress: '127.0.0.1',
  localPort: 5060,
  remoteAddress: '127.0.0.1',
  remotePort: 40_000,
};

function newStack(): SipStack {
  return new SipStack({
    random32: () => randomBytes(4).readUInt32LE(),
    secret: randomBytes(32),
    userAgent: 'Test',
    realm: 'example.test',
    sentBy: () => ({ host: '127.0.0.1', port: 5060 }),
    credentials: () => undefined,
    requireAuthentication: () => false,
  });
}

const sentBy = (stack: SipStack): string[] =>
  stack.drain().flatMap((output) => (output.type === 'send' ? [decodeUtf8(output.bytes)] : []));

/** A telephone that has answered a call of ours. */
function answeredCall(): SipLegSnapshot {
  const stack = newStack();
  const call = { sessionId: 'out', uri: 'sip:ann@127.0.0.1:40000', flow, body: 'v=0\r\n' };
  stack.invite({ ...call, from: '<sip:us@127.0.0.1>', to: '<sip:ann@example.test>' }, 0);
  const [invite = ''] = sentBy(stack);
  const kept = invite.split('\r\n').filter((line) => /^(Via|From|Call-ID|CSeq):/.test(line));
  const more = ['To: <sip:ann@example.test>;tag=far', 'Contact: <sip:ann@127.0.0.1:40000>'];
  stack.receive(encodeUtf8(['SIP/2.0 200 OK', ...kept, ...more, '', ''].join('\r\n')), flow, 0);
  const session = stack.exportSession('out');
  if (session === undefined) throw new Error('The call is not up.');
  const of = {
    legId: 'leg' as LegId,
    contactId: 'contact' as ContactId,
    role: 'callee',
    callId: 'out',
  } as const;
  return { ...of, held: false, session };
}

/** A process that takes over; what it sends. */
function nextProcess() {
  const stack = newStack();
  const takeover = new LegTakeover({
    shell: { run: (action: (each: SipStack, now: number) => unknown) => action(stack, 0) } as never,
    media: undefined as never,
    legs: new SipLegs(),
    countAgain: () => () => undefined,
    changed: () => undefined,
  });
  return { takeover, sent: () => sentBy(stack) };
}

const byeSequence = (bye = ''): number => Number(/^CSeq: (\d+) BYE/m.exec(bye)?.[1]);

test('[OPS-03] an answered leg that nobody goes on with is hung up, behind whatever the former process has sent', () => {
  const snapshot = leftBehind(answeredCall());
  const { takeover, sent } = nextProcess();
  takeover.giveUp(snapshot);
  const [bye = '', ...others] = sent();
  expect(others).toEqual([]);
  expect(bye).toMatch(/^BYE sip:ann@127\.0\.0\.1:40000 SIP\/2\.0\r\n/);
  expect(byeSequence(bye)).toBeGreaterThan(1_000);
  // It was told before, or the same leg is named twice.
  takeover.giveUp(snapshot);
  expect(sent().every((text) => text.startsWith('BYE '))).toBe(true);
});

test('[OPS-03] of a leg that moves it is kept where it is, before and after the far end has heard', async () => {
  const { shell, carrier, snapshots } = await openTestCarrier();
  const phone = await openProvider();
  callFrom(phone, shell, '100');
  await phone.next('accepted');
  await vi.waitFor(() => expect(carrier.legs.byLeg('leg-100' as LegId)?.state).toBe('up'), 90_000);
  carrier.soundMoved('leg-100' as LegId, { port: 20_010 });
  expect(snapshots.at(-1)?.sound).toMatchObject({ local: { port: 20_010 }, isOutdated: true });
  await phone.next('reinvite');
  phone.shell.run((stack, now) =>
    stack.answerReinvite({ sessionId: '100', status: 200, body: testSdp }, now),
  );
  await vi.waitFor(() => {
    expect(snapshots.at(-1)?.sound?.local.port).toBe(20_010);
    expect(snapshots.at(-1)?.sound?.isOutdated).toBeUndefined();
  }, 90_000);
  await phone.close();
  await shell.close();
});

test('[OPS-03] what is kept of a leg is small, and all that the next process needs to keep the same of it', async () => {
  const { shell, carrier, snapshots } = await openTestCarrier();
  const phone = await openProvider();
  callFrom(phone, shell, '100');
  await phone.next('accepted');
  await vi.waitFor(() => expect(carrier.legs.byLeg('leg-100' as LegId)?.state).toBe('up'), 90_000);
  const kept = JSON.stringify(snapshots.at(-1));
  const snapshot: SipLegSnapshot = JSON.parse(kept);
  expect(snapshot.session).toMatchObject({ sessionTimer: { seconds: 1_800, isOurs: true } });
  expect(snapshot.session?.description).toBeUndefined();
  expect(snapshot.sound).toMatchObject({ local: { codecs: ['PCMA', 'PCMU', 'G722', 'opus'] } });
  expect(snapshot.sound?.audio).toMatchObject({ codec: 'PCMA' });
  const next = await openTestCarrier();
  expect(next.carrier.takeover.restore(snapshot)).toBe(true);
  const leg = next.carrier.legs.byLeg('leg-100' as LegId);
  if (leg === undefined) throw new Error('The leg was not taken up.');
  expect(JSON.parse(JSON.stringify(next.carrier.takeover.snapshotOf(leg)))).toEqual(snapshot);
  const former = carrier.legs.byLeg('leg-100' as LegId)?.sound?.audio;
  expect(leg.sound?.audio).toEqual(former);
  // What it says again to keep the session alive is what the former process said.
  const whole = next.shell.run((stack) => stack.exportSession(leg.sessionId));
  expect(whole?.description).toBe(leg.sound?.described);
  expect(whole?.description).toMatch(/^v=0\r\no=- \d+ 1 IN IP4 127\.0\.0\.1\r\ns=Crosspoint\r\n/);
  await next.shell.close();
  await phone.close();
  await shell.close();
});

test('[OPS-03] a codec that is not ours, or was kept whole by a former release, is kept whole', () => {
  const foreign = { name: 'PCMA', payloadType: 98, clockRateHz: 16_000 };
  expect(keptCodec(foreign)).toBe(foreign);
  expect(codecOf(keptCodec(foreign))).toBe(foreign);
  expect(() => codecOf('speex' as never)).toThrow('speex');
});

test('[OPS-03] [RFC3261 §12.2.1.1] each process after a further kill begins behind the one before it', () => {
  let snapshot = answeredCall();
  const sequences = [1, 2, 3].map(() => {
    snapshot = leftBehind(snapshot);
    const { takeover, sent } = nextProcess();
    takeover.giveUp(snapshot);
    return byeSequence(sent()[0]);
  });
  const [first = 0, second = 0, third = 0] = sequences;
  expect(second - first).toBeGreaterThanOrEqual(1_000);
  expect(third - second).toBeGreaterThanOrEqual(1_000);
});
