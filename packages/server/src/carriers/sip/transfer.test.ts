import type { LegId } from '@crosspoint/contracts';
import { afterEach, describe, expect, test } from 'vitest';
import { callFrom, openTestCarrier } from './carrier-testing.ts';
import type { SipShell } from './shell.ts';
import { openProvider, type TestProvider } from './trunk-testing.ts';

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

/** A carrier that answers every call, and what it reports of transfers. */
async function carrierThatAnswers(onTransfer?: (transferId: string, legId: LegId) => void) {
  const { shell, carrier, reports } = await openTestCarrier({
    onReport: (legId, report, itself) => {
      if (report.type !== 'transfer-requested') return;
      if (onTransfer === undefined) itself.refuseTransfer(report.transferId, 603, 'Decline');
      else onTransfer(report.transferId, legId);
    },
  });
  opened.push(() => shell.close());
  const requested = () => reports.filter(({ report }) => report.type === 'transfer-requested');
  return { shell, carrier, requested };
}

async function talk(phone: TestProvider, to: SipShell, number: string): Promise<void> {
  callFrom(phone, to, number);
  await phone.next('accepted');
}

describe('a device that wants to transfer its call', () => {
  test('[CAR-02] is reported with the number, and with the other leg when it has one; a refusal reaches it', async () => {
    const { shell, requested } = await carrierThatAnswers();
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
    expect(requested().map(({ legId, report }) => [legId, report])).toMatchObject([
      ['leg-100', { target: '555', replaces: undefined }],
      ['leg-100', { target: '555', replaces: 'leg-200' }],
    ]);
  });

  test('[CAR-02] is refused at once when the call to be replaced is not here', async () => {
    const { shell, requested } = await carrierThatAnswers();
    const phone = await openProvider();
    opened.push(() => phone.close());
    await talk(phone, shell, '100');
    const replaces = { callId: 'foreign', toTag: 'a', fromTag: 'b', earlyOnly: false };
    phone.shell.run((stack, now) =>
      stack.transfers.refer({ referId: 'r', sessionId: '100', target: 'sip:555@h', replaces }, now),
    );
    expect(await phone.next('refer-result')).toMatchObject({ outcome: 'refused', status: 404 });
    expect(requested()).toEqual([]);
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

  test('[RFC5589 §6.1] hears how it went before its call is hung up, though the first report is not answered yet', async () => {
    const { shell, carrier } = await carrierThatAnswers((transferId, legId) => {
      carrier.takeTransfer(transferId, legId);
      carrier.endTransfer(transferId, 200);
      carrier.hangup(legId, 200, 'transferred');
    });
    const phone = await openProvider();
    opened.push(() => phone.close());
    await talk(phone, shell, '100');
    phone.shell.run((stack, now) =>
      stack.transfers.refer({ referId: 'r', sessionId: '100', target: 'sip:555@h' }, now),
    );
    expect(await phone.next('ended')).toMatchObject({ sessionId: '100', by: 'remote' });
    // Many telephones forget the subscription with the call: what comes after its BYE they answer with 481.
    expect(phone.events).toContainEqual(expect.objectContaining({ type: 'refer-result', status: 200 }));
  });
});
