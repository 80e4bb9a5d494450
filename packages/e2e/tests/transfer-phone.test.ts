import { expect, test } from 'vitest';
import { BaresipPhone, callerToneHz, type Scene, useWorld } from '../src/index.ts';

const world = useWorld();
const colleagueToneHz = 850;

/** The first agent has a telephone that was not written here, and talks with a caller on it. */
async function talking(): Promise<{ scene: Scene; telephone: BaresipPhone; extension: string }> {
  const scene = await world().scene({ agents: 2, staffed: false });
  const [first, second] = [scene.agent(1), scene.agent(2)];
  const extension = String(7_000 + Math.floor(Math.random() * 2_000));
  await world().api.apply({ agents: [{ username: second.username, extension }] });
  await world().api.setStatus(second.username, 'offline');
  await second.phone.register();
  const telephone = await BaresipPhone.start({
    username: first.username,
    password: first.sipPassword,
    server: world().product.sip,
    toneHz: 700,
  });
  await world().api.setStatus(first.username, 'available');
  await scene.agentIs(first, 'ready', ({ readiness }) => readiness.ready);
  return { scene, telephone, extension };
}

test('[CTL-02] a telephone sends its caller on by REFER, and is told that it went well', async () => {
  const { scene, telephone, extension } = await talking();
  try {
    const customer = await (await scene.caller()).call(scene.number);
    await customer.answered();
    await telephone.event('CALL_INCOMING');
    await telephone.accept();
    await customer.sound.ear.hears(700);
    const { address, port } = world().product.sip;
    await telephone.control.command('transfer', `sip:${extension}@${address}:${port}`);
    const second = await scene.agent(2).phone.nextCall();
    second.answer();
    await customer.sound.ear.hears(colleagueToneHz);
    await second.sound.ear.hears(callerToneHz);
    await telephone.event('CALL_CLOSED');
    customer.hangUp();
    await second.ended();
    const contact = await scene.lastContact();
    expect(contact.timeline.filter(({ type }) => type === 'transfer.started')).toMatchObject([
      { data: { kind: 'blind' } },
    ]);
  } finally {
    await telephone.stop();
  }
});
