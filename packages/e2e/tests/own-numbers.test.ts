import type { MadeCall } from '@crosspoint/contracts';
import { expect, onTestFinished, test } from 'vitest';
import { AgentDesk, flowPath, launchPhoneChromium, type Scene, useWorld } from '../src/index.ts';

const world = useWorld();

/** A number of the house that leads to a flow, which leads to the queue by the key 4. */
async function numberOfFlow(queue: string): Promise<string> {
  const number = world().freshNumber();
  const name = world().freshName('inside');
  const menu = {
    ...{ kind: 'menu', prompt: [{ text: { en: 'For help press 4.' } }], timeoutSeconds: 60, retries: 0 },
    ...{ keys: { 4: 'help' }, otherwise: 'bye' },
  };
  const flow = {
    ...{ name, start: 'menu' },
    nodes: { menu, help: { kind: 'queue', queue, refused: 'bye' }, bye: { kind: 'end', prompt: [] } },
  };
  await world().api.apply({ flows: [flow], numbers: [{ number, target: { flow: name } }] });
  return number;
}

/** A number of the house about which rules decide: they send to the queue. */
async function numberOfRules(queue: string): Promise<string> {
  const number = world().freshNumber();
  await world().api.apply({ numbers: [{ number, target: { rules: true } }] });
  const when = { field: 'dialled', is: 'one-of', values: [number] };
  await world().api.request('POST', '/routing/rules', {
    ...{ name: world().freshName('inside'), when, targets: [{ to: { queue } }] },
  });
  await world().api.request('POST', '/routing/rules/publish', {});
  return number;
}

const places = [
  ['a queue', (scene: Scene) => scene.number],
  ['a flow', (scene: Scene) => numberOfFlow(scene.queueName)],
  ['rules', (scene: Scene) => numberOfRules(scene.queueName)],
] as const;

test.each(places)(
  '[CTL-05] click-to-dial to an own number that leads to %s is a call inside, and no offer to its maker',
  async (kind, numberOf) => {
    const scene = await world().scene({ agents: 2 });
    const [maker, colleague] = [scene.agent(1), scene.agent(2)];
    const number = await numberOf(scene);
    const agentId = (await world().api.liveAgent(maker.username)).id;
    const made = await world().api.request<MadeCall>('POST', '/calls', { agentId, to: number });
    const desk = await maker.phone.nextCall();
    await scene.statsAre({ offered: 0 });
    desk.answer();
    await desk.answered();
    if (kind === 'a flow') {
      await desk.sound.ear.hears('sound', { forMs: 300 });
      desk.sound.sendDigits('4');
    }
    // The maker has been idle longest, and would be asked first.
    const call = await colleague.phone.nextCall();
    call.answer();
    await desk.sound.ear.hears(850, { forMs: 500 });
    await call.sound.ear.hears(700, { forMs: 500 });
    await scene.statsAre({ offered: 1, answered: 1, waiting: 0 });
    expect(maker.phone.callsWaiting).toBe(0);
    desk.hangUp();
    const contact = await world().api.closedContact(number);
    expect(contact).toMatchObject({ id: made.contactId, direction: 'inbound', outcome: 'answered' });
    expect(contact.timeline.some(({ type }) => type === 'routing.decided')).toBe(kind === 'rules');
    if (kind === 'a flow') expect(flowPath(contact)).toEqual(['menu:key-4', 'help:queued']);
    await scene.agentIs(maker, 'ready again', ({ readiness }) => readiness.ready);
  },
);

test('[AVL-02] an agent who calls the own queue from the telephone is not offered the own call', async () => {
  const scene = await world().scene({ agents: 2 });
  const [maker, colleague] = [scene.agent(1), scene.agent(2)];
  const own = await maker.phone.call(scene.number);
  await own.answered();
  const { readiness } = await scene.agentIs(maker, 'busy', ({ readiness: { ready } }) => !ready);
  expect(readiness.reason).toBe('at-capacity');
  const call = await colleague.phone.nextCall();
  call.answer();
  await own.sound.ear.hears(850, { forMs: 500 });
  expect(maker.phone.callsWaiting).toBe(0);
  own.hangUp();
  await scene.agentIs(maker, 'ready again', ({ readiness: { ready } }) => ready);
});

test('[CTL-05] at the desk an own number is called by keys, is what the desk shows, and is left by keys', async () => {
  const scene = await world().scene({ agents: 2, staffed: false });
  const [maker, colleague] = [scene.agent(1), scene.agent(2)];
  const browser = await launchPhoneChromium();
  onTestFinished(() => browser.close());
  const desk = await AgentDesk.open(browser, world().product, maker);
  await desk.switchOn();
  await desk.page.getByRole('radio', { name: 'Available' }).click();
  await scene.agentIs(maker, 'ready', ({ readiness: { ready } }) => ready);
  await scene.staff(colleague);
  await desk.page.keyboard.press('c');
  await desk.page.keyboard.type(scene.number);
  await desk.page.keyboard.press('Enter');
  const call = await colleague.phone.nextCall();
  call.answer();
  await desk.hears(850);
  const now = desk.page.getByRole('group', { name: 'Now' });
  await now.getByText(scene.number).waitFor();
  await now.getByText(colleague.username).waitFor();
  // Others lead this call: to hold or to transfer it would be refused.
  await desk.button('Mute').waitFor();
  expect([await desk.button('Hold').count(), await desk.button('Transfer').count()]).toEqual([0, 0]);
  await desk.page.keyboard.press('e');
  await call.ended();
  await scene.agentIs(maker, 'ready again', ({ readiness: { ready } }) => ready);
  // The contact of a call that has just begun may not be stored when the page asks for it: 404.
  expect(desk.window.errors.filter((text) => !text.includes('status of 404'))).toEqual([]);
});
