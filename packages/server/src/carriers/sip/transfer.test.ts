import { randomBytes } from 'node:crypto';
import type { ContactId, LegId } from '@crosspoint/contracts';
import { afterEach, describe, expect, test } from 'vitest';
import type { CarrierEvents, LegMedia, LegReport } from '../door.ts';
import { SipCarrier } from './carrier.ts';
import { SipShell } from './shell.ts';
import { openProvider, type TestProvider } from './trunk-testing.ts';

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

const sdp =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 0\r\n';

/** A carrier that answers every call, and what it reports of transfers. */
async function carrierThatAnswers(onTransfer?: (transferId: string, legId: LegId) => void) {
  const reports: { legId: LegId; report: LegReport }[] = [];
  const media = {
    allocate: async () => ({ port: 20_000 }),
    setRemote: () => undefined,
    sendDigit: () => undefined,
    play: () => undefined,
    stopPlaying: () => undefined,
    rename: () => undefined,
    codecOf: () => undefined,
    release: () => undefined,
  } satisfies LegMedia;
  const events: CarrierEvents = {
    refusal: () => undefined,
    asksWhoCalls: () => false,
    incoming: () => undefined,
    deviceRefusal: () => undefined,
    customerCalling: () => undefined,
    deviceCalling: () => undefined,
    deviceCall: () => undefined,
    report: (legId, report) => {
      if (report.type !== 'transfer-requested') return;
      reports.push({ legId, report });
      if (onTransfer === undefined) carrier.refuseTransfer(report.transferId, 603, 'Decline');
      else onTransfer(report.transferId, legId);
    },
  };
  const shell: SipShell = new SipShell({
    transport: { host: '127.0.0.1', port: 0, connectionsMax: 10, connectionsPerAddressMax: 10 },
    now: () => performance.now(),
    stack: {
      random32: () => randomBytes(4).readUInt32LE(),
      secret: randomBytes(32),
      userAgent: 'test',
      realm: 'test',
      refer: 'calls',
      sentBy: () => ({ host: '127.0.0.1', port: shell.transport.port }),
      credentials: () => undefined,
      requireAuthentication: () => false,
    },
    onEvent: (event) => {
      if (event.type !== 'invite') return carrier.handle(event);
      const legId = `leg-${event.uri.user}` as LegId;
      const take = () => carrier.answer(legId);
      void carrier.present(event, { legId, contactId: 'contact' as ContactId }, { take, srtp: 'off' });
    },
    onFault: () => undefined,
  });
  const carrier: SipCarrier = new SipCarrier({
    shell,
    media,
    events,
    toAgent: () => Promise.reject(new Error('no agent')),
    toBrowser: () => ({ stages: [] }),
    toNumber: () => Promise.reject(new Error('no number')),
    devicesSilent: () => undefined,
    bindAddress: '127.0.0.1',
    publicAddress: undefined,
    changed: () => undefined,
    countAgain: () => () => () => undefined,
    log: () => undefined,
  });
  await shell.open();
  opened.push(() => shell.close());
  return { shell, carrier, reports };
}

async function talk(phone: TestProvider, to: SipShell, number: string): Promise<void> {
  const flow = {
    protocol: 'udp',
    localAddress: '127.0.0.1',
    localPort: phone.port,
    remoteAddress: '127.0.0.1',
    remotePort: to.transport.port,
  } as const;
  const uri = `sip:${number}@127.0.0.1`;
  phone.shell.run((stack, now) =>
    stack.invite({ sessionId: number, uri, flow, from: 'sip:phone@127.0.0.1', to: uri, body: sdp }, now),
  );
  await phone.next('accepted');
}

describe('a device that wants to transfer its call', () => {
  test('[CAR-02] is reported with the number, and with the other leg when it has one; a refusal reaches it', async () => {
    const { shell, reports } = await carrierThatAnswers();
    const phone = await openProvider();
    opened.push(() => phone.close());
    await talk(phone, shell, '100');
    await talk(phone, shell, '200');
    const transfer = (referId: string, replaces?: { sessionId: string }) =>
      phone.shell.run((stack, now) =>
        stack.transfers.refer({ referId, sessionId: '100', target: 'sip:555@elsewhere', replaces }, now),
      );
    transfer('blind');
    expect(await phone.next('refer-result')).toMatchObject({
      referId: 'blind',
      outcome: 'refused',
      status: 603,
    });
    transfer('attended', { sessionId: '200' });
    expect(await phone.next('refer-result')).toMatchObject({ referId: 'attended', status: 603 });
    expect(reports.map(({ legId, report }) => [legId, report])).toMatchObject([
      ['leg-100', { target: '555', replaces: undefined }],
      ['leg-100', { target: '555', replaces: 'leg-200' }],
    ]);
  });

  test('[CAR-02] is refused at once when the call to be replaced is not here', async () => {
    const { shell, reports } = await carrierThatAnswers();
    const phone = await openProvider();
    opened.push(() => phone.close());
    await talk(phone, shell, '100');
    const replaces = { callId: 'foreign', toTag: 'a', fromTag: 'b', earlyOnly: false };
    phone.shell.run((stack, now) =>
      stack.transfers.refer({ referId: 'r', sessionId: '100', target: 'sip:555@h', replaces }, now),
    );
    expect(await phone.next('refer-result')).toMatchObject({ outcome: 'refused', status: 404 });
    expect(reports).toEqual([]);
  });

  test('[RFC5589 §6.1] hears how it went before its call is hung up, though the house is done with it long before', async () => {
    const taken = Promise.withResolvers<string>();
    const { shell, carrier } = await carrierThatAnswers((transferId, legId) => {
      carrier.takeTransfer(transferId, legId);
      carrier.hangup(legId, 200, 'transferred');
      taken.resolve(transferId);
    });
    const phone = await openProvider();
    opened.push(() => phone.close());
    await talk(phone, shell, '100');
    phone.shell.run((stack, now) =>
      stack.transfers.refer({ referId: 'r', sessionId: '100', target: 'sip:555@h' }, now),
    );
    expect(await phone.next('refer-progress')).toMatchObject({ status: 100 });
    expect(carrier.legs.size).toBe(0);
    expect(phone.events.some(({ type }) => type === 'ended')).toBe(false);
    carrier.endTransfer(await taken.promise, 486);
    expect(await phone.next('refer-result')).toMatchObject({ status: 486 });
    expect(await phone.next('ended')).toMatchObject({ sessionId: '100', by: 'remote' });
  });
});
