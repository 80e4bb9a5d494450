import { type DialogInfo, parseDialogInfo, type Replaces } from '@crosspoint/sip';
import type { Phone, PhoneCall } from '@crosspoint/sim/phones';
import { expect, test } from 'vitest';
import { callerToneHz, type Scene, type SceneAgent, until, useWorld } from '../src/index.ts';

const world = useWorld();
const secondToneHz = 850;

/** What Replaces names of a call that this phone has (RFC 3891 §4), as somebody else is to say it to the house. */
function dialogOf(phone: Phone, { sessionId }: PhoneCall): Replaces {
  const dialog = phone.options.host.run((stack) => stack.dialogOf(sessionId));
  if (dialog === undefined) throw new Error('the call is not up');
  return { callId: dialog.callId, toTag: dialog.remoteTag, fromTag: dialog.localTag, earlyOnly: false };
}

/** Gives the agent a role that may take over calls besides what agents may. */
async function mayTakeOver({ username }: SceneAgent): Promise<void> {
  const name = world().freshName('picker');
  const permissions = { 'calls.take-over': 'all' };
  const user = { username, name: username, role: 'custom', customRole: name };
  await world().api.apply({ roles: [{ name, permissions }], users: [user] });
}

/** The calls of a colleague that a lamp of this phone shows, the last time that it was told. */
function watch({ phone, sipPassword: password }: SceneAgent, watched: string): () => readonly DialogInfo[] {
  const { host, server, username } = phone.options;
  let dialogs: readonly DialogInfo[] = [];
  host.onEvent = (told) => {
    if (told.type === 'notification' && told.body !== undefined) {
      dialogs = parseDialogInfo(told.body)?.dialogs ?? [];
    }
  };
  const authority = `${server.address}:${server.port}`;
  host.run((stack, now) =>
    stack.subscriptions.subscribe(
      {
        ...{ subscriptionId: 'lamp', package: 'dialog', flow: host.flowTo(server), expiresSeconds: 600 },
        uri: `sip:${watched}@${authority}`,
        from: `<sip:${username}@${authority}>`,
        to: `<sip:${watched}@${authority}>`,
        credentials: { username, password },
      },
      now,
    ),
  );
  return () => dialogs;
}

/** By what the call that the lamp shows ringing can be picked up. */
async function ringing(lamp: () => readonly DialogInfo[]): Promise<Replaces> {
  const call = await until('the lamp to tell by what the call can be picked up', () =>
    lamp().find(({ state, callId }) => state === 'early' && callId !== undefined),
  );
  const { callId = '', remoteTag: toTag = '', localTag: fromTag = '' } = call;
  return { callId, toTag, fromTag, earlyOnly: true };
}

async function twoAgents(): Promise<{ scene: Scene; first: SceneAgent; second: SceneAgent }> {
  const scene = await world().scene({ agents: 2, staffed: false });
  const [first, second] = [scene.agent(1), scene.agent(2)];
  await scene.staff(first);
  return { scene, first, second };
}

test('[CAR-05] [RFC3891 §3] an agent goes on with another telephone of the same account: one segment, nobody is lost', async () => {
  const { scene, first } = await twoAgents();
  const { customer, agent } = await scene.connect();
  const { username, sipPassword: password } = first;
  const other = await world().phone({ username, password, says: secondToneHz });
  await other.register();
  const moved = await other.call(username, dialogOf(first.phone, agent));
  await moved.answered();
  await agent.ended();
  await customer.sound.ear.hears(secondToneHz);
  await moved.sound.ear.hears(callerToneHz);
  customer.hangUp();
  await moved.ended();
  const { timeline } = await scene.lastContact();
  expect(timeline.filter(({ type }) => type === 'segment.started')).toHaveLength(1);
});

test('[CTL-02] [RFC5589 §7] a caller’s telephone system brings somebody else in place of the caller', async () => {
  const { scene } = await twoAgents();
  const { caller, customer, agent } = await scene.connect();
  const other = await scene.caller({ says: secondToneHz });
  const brought = await other.call(scene.number, dialogOf(caller, customer));
  await brought.answered();
  await customer.ended();
  await agent.sound.ear.hears(secondToneHz);
  await brought.sound.ear.hears(700);
  brought.hangUp();
  await agent.ended();
  const { timeline } = await scene.lastContact();
  expect(timeline.filter(({ type }) => type === 'segment.started')).toHaveLength(1);
});

test('[OPS-05] [RFC3891 §3] a colleague without the permission is refused, and so is a call that is not there', async () => {
  const { scene, first, second } = await twoAgents();
  await world().api.setStatus(second.username, 'offline');
  await second.phone.register();
  const { customer, agent } = await scene.connect();
  const replaces = dialogOf(first.phone, agent);
  const refused = await second.phone.call(first.username, replaces);
  expect((await refused.ended()).status).toBe(403);
  const unknown = await second.phone.call(first.username, { ...replaces, fromTag: 'wrong' });
  expect((await unknown.ended()).status).toBe(481);
  expect(agent.isUp).toBe(true);
  customer.hangUp();
  await agent.ended();
});

test('[SUP-02] [RFC3891 §3] whoever may take over takes a conversation from the telephone; it is audited', async () => {
  const { scene, first, second } = await twoAgents();
  await mayTakeOver(second);
  await world().api.setStatus(second.username, 'offline');
  await second.phone.register();
  const { customer, agent } = await scene.connect();
  const taken = await second.phone.call(first.username, dialogOf(first.phone, agent));
  await taken.answered();
  await agent.ended();
  await customer.sound.ear.hears(secondToneHz);
  await taken.sound.ear.hears(callerToneHz);
  customer.hangUp();
  await taken.ended();
  const { timeline } = await scene.lastContact();
  expect(timeline.filter(({ type }) => type === 'segment.started')).toMatchObject([
    {},
    { data: { via: 'take-over' } },
  ]);
  const audit = await world().api.get<{ items: { action: string }[] }>('/audit?action=call.take-over');
  expect(audit.items.length).toBeGreaterThan(0);
});

test('[CAR-05] [RFC5359 §2.14] whoever may take over picks up what a queue offers to a colleague, by what the lamp tells', async () => {
  const { scene, first, second } = await twoAgents();
  await mayTakeOver(second);
  const lamp = watch(second, first.username);
  const customer = await (await scene.caller()).call(scene.number);
  const call = await first.phone.nextCall();
  await scene.staff(second);
  const picked = await second.phone.call(first.username, await ringing(lamp));
  await picked.answered();
  await call.ended();
  await customer.sound.ear.hears(secondToneHz);
  customer.hangUp();
  await picked.ended();
  const { timeline, segments } = await scene.lastContact();
  const { id: agentId } = await world().api.liveAgent(second.username);
  expect(segments.filter(({ kind }) => kind === 'conversation')).toMatchObject([{ agentId }]);
  expect(timeline.filter(({ type }) => type === 'offer.ended')).toMatchObject([
    { data: { result: 'cancelled' } },
    { data: { result: 'accepted' } },
  ]);
});

test('[CAR-05] [RFC5359 §2.14] and a call that rings a colleague by extension', async () => {
  const scene = await world().scene({ agents: 3, staffed: false });
  const [first, second, calling] = [scene.agent(1), scene.agent(2), scene.agent(3)];
  const extension = world().freshExtension();
  await world().api.apply({ agents: [{ username: first.username, extension }] });
  await mayTakeOver(second);
  for (const { phone } of [first, second, calling]) await phone.register();
  const lamp = watch(second, first.username);
  const dialling = await calling.phone.call(extension);
  const call = await first.phone.nextCall();
  const picked = await second.phone.call(first.username, await ringing(lamp));
  await picked.answered();
  await dialling.answered();
  await call.ended();
  await dialling.sound.ear.hears(secondToneHz);
  dialling.hangUp();
  await picked.ended();
});
