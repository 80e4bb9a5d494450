import type { AgentId, ContactId, LegId } from '@crosspoint/contracts';
import type { InviteEvent, Replaces } from '@crosspoint/sip';
import { afterEach, describe, expect, test } from 'vitest';
import type { DialCommand } from '../door.ts';
import { callFrom, openTestCarrier, type TestCarrier, type TestCarrierOptions } from './carrier-testing.ts';
import { openProvider, type TestProvider } from './trunk-testing.ts';

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

const leg = 'leg-100' as LegId;
const agentNamed = (event: InviteEvent) => event.from.uri?.user as AgentId;
const fromAnn = { from: 'sip:ann@127.0.0.1' };
const fromBob = { from: 'sip:bob@127.0.0.1' };

const reportsOf = ({ reports }: TestCarrier, legId: LegId) =>
  reports.filter((each) => each.legId === legId).map(({ report }) => report.type);

/** A call of the first phone that is up, a second phone, and the Replaces that names the call. */
async function twoPhones(options: TestCarrierOptions, more: object = {}) {
  const house = await openTestCarrier(options);
  opened.push(() => house.shell.close());
  const [first, second] = [await openProvider(), await openProvider()];
  opened.push(
    () => first.close(),
    () => second.close(),
  );
  callFrom(first, house.shell, '100', more);
  await first.next('accepted');
  const dialog = first.shell.stack.dialogOf('100');
  if (dialog === undefined) throw new Error('the call is not up');
  const { callId, localTag: fromTag, remoteTag: toTag } = dialog;
  const replaces: Replaces = { callId, toTag, fromTag, earlyOnly: false };
  return { house, first, second, replaces };
}

async function refused(phone: TestProvider): Promise<number> {
  return (await phone.next('rejected')).status;
}

describe('a call with Replaces', () => {
  test('[CAR-01] [RFC3891 §3] of the same caller goes on as the same leg, with a socket of its own', async () => {
    const { house, first, second, replaces } = await twoPhones({});
    callFrom(second, house.shell, '999', { replaces });
    await second.next('accepted');
    expect(await first.next('ended')).toMatchObject({ by: 'remote' });
    expect(house.sockets.slice(1)).toEqual([`open ${leg}.r1`, `rename ${leg}.r1 ${leg}`]);
    expect(reportsOf(house, leg)).not.toContain('ended');
    expect(house.carrier.legs.size).toBe(1);
    second.shell.run((stack, now) => stack.bye({ sessionId: '999' }, now));
    await second.next('ended');
    await expect.poll(() => reportsOf(house, leg).at(-1)).toBe('ended');
  });

  test('[CAR-01] of an agent goes on with another telephone of the same agent', async () => {
    const { house, first, second, replaces } = await twoPhones({ agentOf: agentNamed }, fromAnn);
    callFrom(second, house.shell, '999', { replaces, ...fromAnn });
    await second.next('accepted');
    await first.next('ended');
    expect(house.carrier.legs.byLeg(leg)?.agentId).toBe('ann');
  });

  test('[CAR-01] [RFC3891 §3] finds no other place: unknown dialog 481, answered but early-only 486', async () => {
    const { house, first, second, replaces } = await twoPhones({});
    callFrom(second, house.shell, '1', { replaces: { ...replaces, fromTag: 'wrong' } });
    expect(await refused(second)).toBe(481);
    callFrom(second, house.shell, '2', { replaces: { ...replaces, earlyOnly: true } });
    expect(await refused(second)).toBe(486);
    expect(first.events.some(({ type }) => type === 'ended')).toBe(false);
  });

  test('[OPS-05] of nobody in the house cannot take the call of an agent, nor an agent that of a caller', async () => {
    const agentOf = (event: InviteEvent) => (agentNamed(event) === 'ann' ? agentNamed(event) : undefined);
    const agents = await twoPhones({ agentOf }, fromAnn);
    callFrom(agents.second, agents.house.shell, '9', { replaces: agents.replaces });
    expect(await refused(agents.second)).toBe(403);
    const callers = await twoPhones({ agentOf });
    callFrom(callers.second, callers.house.shell, '9', { replaces: callers.replaces, ...fromAnn });
    expect(await refused(callers.second)).toBe(403);
    expect(agents.house.carrier.legs.size + callers.house.carrier.legs.size).toBe(2);
  });
});

describe('an agent who takes the call of a colleague', () => {
  const command = { legId: 'bobs' as LegId, contactId: 'contact' as ContactId, agentId: 'bob' as AgentId };

  test('[CAR-05] is on the line when the centre dials, and the former leg is the centre’s to hang up', async () => {
    const asked: unknown[] = [];
    const { house, first, second, replaces } = await twoPhones(
      {
        agentOf: agentNamed,
        pickUp: async (legId, agentId, carrier) => {
          asked.push([legId, agentId]);
          carrier.dial(command as DialCommand);
          return undefined;
        },
      },
      fromAnn,
    );
    callFrom(second, house.shell, '999', { replaces, ...fromBob });
    await second.next('accepted');
    expect(asked).toEqual([[leg, 'bob']]);
    await expect.poll(() => reportsOf(house, command.legId)).toEqual(['answered']);
    expect(first.events.some(({ type }) => type === 'ended')).toBe(false);
    house.carrier.hangup(leg, 200, 'taken-over');
    await first.next('ended');
    expect(house.carrier.legs.byLeg(command.legId)?.state).toBe('up');
  });

  test('[OPS-05] is refused with the reason of the centre, and when the centre does not dial', async () => {
    const denied = await twoPhones(
      { agentOf: agentNamed, pickUp: async () => ({ code: 403, reason: 'not-permitted' }) },
      fromAnn,
    );
    callFrom(denied.second, denied.house.shell, '9', { replaces: denied.replaces, ...fromBob });
    expect(await refused(denied.second)).toBe(403);
    const ignored = await twoPhones({ agentOf: agentNamed }, fromAnn);
    callFrom(ignored.second, ignored.house.shell, '9', { replaces: ignored.replaces, ...fromBob });
    expect(await refused(ignored.second)).toBe(480);
    // What is dialled later rings as usual: nobody waits on the line.
    expect(ignored.house.carrier.legs.size).toBe(1);
  });
});
