import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import {
  AgentDesk,
  callerToneHz,
  CuttableLine,
  deskToneHz,
  launchPhoneChromium,
  type Scene,
  secondsOf,
  until,
  useWorld,
} from '../src/index.ts';

const world = useWorld();
let browser: Browser;

beforeAll(async () => {
  browser = await launchPhoneChromium('whole');
});
afterAll(() => browser?.close());

type DeskOptions = { microphoneFault?: string; line?: CuttableLine };

async function openDesk(scene: Scene, { line, ...options }: DeskOptions = {}): Promise<AgentDesk> {
  const desk = await AgentDesk.open(browser, line ?? world().product, scene.agent(1), options);
  onTestFinished(async () => {
    await desk.window.close();
    // The browser itself writes refused requests and lost connections to its console. An offer that is declined while the page
    // asks for its contact is nobody's to read any more: 404. Whose session is over is told so: 401.
    const own = desk.window.errors.filter((text) => !/status of 40[149]|WebSocket connection/.test(text));
    expect(own).toEqual([]);
  });
  return desk;
}

/** A desk whose window is the telephone, and whose agent is available. */
async function staffedDesk(scene: Scene, options?: DeskOptions): Promise<AgentDesk> {
  const desk = await openDesk(scene, options);
  await desk.switchOn();
  await desk.page.getByRole('radio', { name: 'Available' }).click();
  await scene.agentIs(scene.agent(1), 'ready in the browser', ({ readiness, devices }) => {
    return readiness.ready && devices.some(({ kind, reachable }) => kind === 'browser' && reachable);
  });
  return desk;
}

test('[CAR-03] [CTL-01] a call is taken by key, muted, held, resumed and recorded, with sound both ways', async () => {
  const scene = await world().scene({ staffed: false });
  const desk = await staffedDesk(scene);
  const customer = await (await scene.caller()).call(scene.number);
  await desk.button('Answer').waitFor();
  await desk.page.getByText('waiting', { exact: false }).first().waitFor();
  await desk.page.keyboard.press('a');
  await customer.answered();
  await Promise.all([desk.hears(callerToneHz), customer.sound.ear.hears(deskToneHz, { forMs: 1_500 })]);

  await desk.page.keyboard.press('m');
  await desk.button('Unmute').waitFor();
  await customer.sound.ear.hears('silence', { forMs: 500 });
  await desk.page.keyboard.press('m');
  await customer.sound.ear.hears(deskToneHz, { forMs: 500 });

  await desk.page.keyboard.press('h');
  await scene.agentIs(scene.agent(1), 'holding', ({ activity }) => activity === 'hold');
  await desk.button('Resume').waitFor();
  await desk.page.keyboard.press('h');
  await scene.agentIs(scene.agent(1), 'back', ({ activity }) => activity === 'on-contact');
  await Promise.all([desk.hears(callerToneHz), customer.sound.ear.hears(deskToneHz, { forMs: 500 })]);

  await desk.pullOutMicrophone(1_200);
  await customer.sound.ear.hears(1_200, { forMs: 500 });

  await desk.page.keyboard.press('k');
  await desk.button('5').click();
  await customer.sound.digit((digits) => digits.includes('5'));

  await desk.page.keyboard.press('e');
  await customer.ended();
  const {
    heard: [left, right],
  } = await scene.lastRecording([callerToneHz, deskToneHz]);
  expect(secondsOf(callerToneHz, left)).toBeGreaterThan(3);
  expect(secondsOf(deskToneHz, right)).toBeGreaterThan(2);
  expect(secondsOf(deskToneHz, left)).toBe(0);
});

test('[CAR-03] a page that is reloaded in mid-call has its sound again, in the same segment and recording', async () => {
  const scene = await world().scene({ staffed: false });
  const desk = await staffedDesk(scene);
  const customer = await (await scene.caller()).call(scene.number);
  await desk.button('Answer').click();
  await customer.answered();
  await customer.sound.ear.hears(deskToneHz, { forMs: 500 });
  await desk.page.reload();
  await desk.ready();
  await Promise.all([desk.hears(callerToneHz), customer.sound.ear.hears(deskToneHz, { forMs: 1_500 })]);
  await scene.agentIs(scene.agent(1), 'talking', ({ activity }) => activity === 'on-contact');
  customer.hangUp();
  const contact = await scene.lastContact();
  expect(contact.outcome).toBe('answered');
  expect(contact.timeline.filter(({ type }) => type === 'segment.started')).toHaveLength(1);
  const {
    heard: [left, right],
  } = await scene.lastRecording([callerToneHz, deskToneHz]);
  expect(secondsOf(callerToneHz, left)).toBeGreaterThan(1.5);
  expect(secondsOf(deskToneHz, right)).toBeGreaterThan(1.5);
});

test('[CAR-03] [API-04] a session that ends in mid-call keeps the customer, and who signs in again has the sound again', async () => {
  const scene = await world().scene({ staffed: false });
  const desk = await staffedDesk(scene);
  const customer = await (await scene.caller()).call(scene.number);
  await desk.button('Answer').dblclick();
  await customer.answered();
  await customer.sound.ear.hears(deskToneHz, { forMs: 500 });
  // As when the session has run out: the server knows it no longer, and the page finds that out.
  await desk.page.evaluate(() => fetch('/api/v1/auth/logout', { method: 'POST' }));
  await desk.page.waitForURL((url) => url.pathname === '/login');
  await desk.page.getByText('Your session has ended').waitFor();
  await scene.agentIs(scene.agent(1), 'away from the customer', ({ activity }) => activity === 'hold');
  await desk.window.login(scene.agent(1).username, scene.agent(1).password);
  await desk.ready();
  await Promise.all([desk.hears(callerToneHz), customer.sound.ear.hears(deskToneHz, { forMs: 1_500 })]);
  await desk.page.keyboard.press('e');
  await customer.ended();
  const contact = await scene.lastContact();
  expect(contact.timeline.filter(({ type }) => type === 'segment.started')).toHaveLength(1);
});

test('[CAR-03] a customer whose agent does not come back waits first in the queue, with the age of the contact', async () => {
  const scene = await world().scene({ staffed: false, agents: 2 });
  const desk = await staffedDesk(scene);
  const customer = await (await scene.caller()).call(scene.number);
  await desk.button('Answer').click();
  await customer.answered();
  await customer.sound.ear.hears(deskToneHz, { forMs: 500 });
  await desk.page.close();
  // Somebody else comes later, and must not overtake.
  await scene.agentIs(scene.agent(1), 'away from the customer', ({ activity }) => activity === 'hold');
  const later = await (await scene.caller()).call(scene.number);
  await until('both customers to wait', async () => (await scene.stats()).waiting === 2);
  const other = scene.agent(2);
  await scene.staff(other);
  const call = await other.phone.nextCall();
  call.answer();
  await customer.sound.ear.hears(850, { forMs: 500 });
  customer.hangUp();
  later.hangUp();
  await call.ended();
});

/** A desk whose line can be cut, in a call with a customer; both hear each other. */
async function talkOverLine(scene: Scene) {
  const line = await CuttableLine.open(world().product.httpUrl);
  onTestFinished(() => line.close());
  const desk = await staffedDesk(scene, { line });
  const customer = await (await scene.caller()).call(scene.number);
  await desk.button('Answer').click();
  await customer.answered();
  await Promise.all([desk.hears(callerToneHz), customer.sound.ear.hears(deskToneHz, { forMs: 500 })]);
  return { line, desk, customer };
}

test('[CAR-03] after ten seconds without network the sound is back by itself, and the desk says what is the matter', async () => {
  const scene = await world().scene({ staffed: false });
  const { line, desk, customer } = await talkOverLine(scene);
  const phone = desk.page.getByRole('region', { name: 'Your phone' });
  const cutAtMs = performance.now();
  line.cut();
  await phone.getByText('Connection lost', { exact: true }).waitFor();
  await until('ten seconds to have passed', () => performance.now() - cutAtMs >= 10_000);
  line.mend();
  await Promise.all([desk.hears(callerToneHz), customer.sound.ear.hears(deskToneHz, { forMs: 1_500 })]);
  await desk.ready();
  await desk.page.keyboard.press('e');
  await customer.ended();
  const contact = await scene.lastContact();
  expect(contact.timeline.filter(({ type }) => type === 'segment.started')).toHaveLength(1);
});

test('[CAR-03] [RFC8839 §4.4.1.1.1] when the way of the sound is cut and there is another one, the desk takes it within the same call', async () => {
  const scene = await world().scene({ staffed: false });
  const { line, desk, customer } = await talkOverLine(scene);
  const hear = () =>
    Promise.all([desk.hears(callerToneHz), customer.sound.ear.hears(deskToneHz, { forMs: 1_500 })]);
  line.cutWaysOfSound();
  await until('another way to be looked for', async () => (await desk.waysLookedFor()) > 0);
  await hear();
  await desk.ready();
  // A computer that has a network again looks for another way before the former one is known to be dead.
  const before = await desk.waysLookedFor();
  await desk.page.evaluate(() => globalThis.dispatchEvent(new Event('online')));
  await until('yet another way to be looked for', async () => (await desk.waysLookedFor()) > before);
  await hear();
  await desk.page.keyboard.press('e');
  await customer.ended();
  const { timeline } = await scene.lastContact();
  expect(timeline.filter(({ type }) => type === 'segment.started')).toHaveLength(1);
  expect(timeline.filter(({ type }) => type === 'hold.started')).toHaveLength(0);
});

test('[CAR-03] a customer whose agent is cut off for long goes back to the queue with the age of the contact, and the agent can take the next offer', async () => {
  const scene = await world().scene({ staffed: false });
  const { line, desk, customer } = await talkOverLine(scene);
  line.cut();
  await scene.agentIs(scene.agent(1), 'away from the customer', ({ activity }) => activity === 'hold');
  await until('the customer to wait', async () => (await scene.stats()).waiting === 1);
  line.mend();
  await desk.button('Answer').click({ timeout: 60_000 });
  await Promise.all([desk.hears(callerToneHz), customer.sound.ear.hears(deskToneHz, { forMs: 1_500 })]);
  await desk.page.keyboard.press('e');
  await customer.ended();
  const contact = await scene.lastContact();
  const back = contact.timeline.filter((fact) => fact.type === 'queue.entered').at(1);
  expect(back?.data.agedMs).toBeGreaterThan(30_000);
  // Nothing of what piled up in the line meanwhile was taken for an answer to a new offer.
  const results = contact.timeline.flatMap((fact) => (fact.type === 'offer.ended' ? [fact.data.result] : []));
  expect(results).toEqual(['accepted', 'accepted']);
});

test('[CAR-03] a call whose sound comes through no more is connected anew, once; then its customer goes back to the queue', async () => {
  const scene = await world().scene({ staffed: false });
  const desk = await staffedDesk(scene);
  const customer = await (await scene.caller()).call(scene.number);
  await desk.button('Answer').click();
  await customer.answered();
  const hear = () =>
    Promise.all([desk.hears(callerToneHz), customer.sound.ear.hears(deskToneHz, { forMs: 1_500 })]);
  await hear();
  await desk.failConnection();
  await until('the customer to have been on hold', async () => {
    const contact = await world().api.newestContact(scene.number);
    return contact?.timeline.some(({ type }) => type === 'hold.ended');
  });
  await hear();
  await desk.failConnection();
  await desk.button('Answer').click();
  await hear();
  await desk.page.keyboard.press('e');
  await customer.ended();
  const { timeline } = await scene.lastContact();
  expect(timeline.filter(({ type }) => type === 'queue.entered')).toHaveLength(2);
  expect(timeline.filter(({ type }) => type === 'segment.started')).toHaveLength(2);
});

test('[CAR-03] of two windows one is the telephone; the other takes it over in mid-call', async () => {
  const scene = await world().scene({ staffed: false });
  const first = await staffedDesk(scene);
  const customer = await (await scene.caller()).call(scene.number);
  await first.button('Answer').click();
  await customer.answered();
  const second = await openDesk(scene);
  await second.page.getByRole('button', { name: 'Use this window as phone' }).click();
  await second.button('Take over here').waitFor();
  await second.button('Take over here').click();
  await second.ready();
  await first.page.getByText('In another window', { exact: true }).waitFor();
  await Promise.all([second.hears(callerToneHz), customer.sound.ear.hears(deskToneHz, { forMs: 500 })]);
  await second.page.keyboard.press('e');
  await customer.ended();
});

test('[CAR-03] a microphone that is refused is told with a way on, and so is an offer that is declined', async () => {
  const scene = await world().scene({ staffed: false, queue: { wrapUp: { mode: 'none' } } });
  const desk = await openDesk(scene, { microphoneFault: 'NotAllowedError' });
  await desk.page.getByRole('button', { name: 'Use this window as phone' }).click();
  await desk.page.getByText('Allow it beside the address').waitFor();
  await desk.allowMicrophone();
  await desk.button('Try again').click();
  await desk.ready();
  // The button that was pressed is gone; who works by keyboard goes on beside it.
  await desk.button('Sound devices').and(desk.page.locator(':focus')).waitFor();
  await desk.page.getByRole('radio', { name: 'Available' }).click();
  const customer = await (await scene.caller()).call(scene.number);
  await desk.button('Decline').waitFor();
  await desk.page.keyboard.press('d');
  await scene.agentIs(scene.agent(1), 'free of the offer', ({ contacts }) => contacts.length === 0);
  customer.hangUp();
  const contact = await scene.lastContact();
  expect(
    contact.timeline.some(({ type, data }) => type === 'offer.ended' && data.result === 'rejected'),
  ).toBe(true);
});

test('[CAR-03] an offer is answered, or declined, as soon as the desk tells of it, though its call is not there yet', async () => {
  const scene = await world().scene({ staffed: false, queue: { wrapUp: { mode: 'none' } } });
  const desk = await staffedDesk(scene);
  const held: (() => void)[] = [];
  await desk.page.routeWebSocket(/\/sip$/, (line) => {
    const server = line.connectToServer();
    server.onMessage((message) => {
      if (message.toString().startsWith('INVITE ')) held.push(() => line.send(message));
      else line.send(message);
    });
  });
  await desk.page.reload();
  await desk.ready();
  const declined = await (await scene.caller()).call(scene.number);
  await desk.button('Decline').click();
  await desk.page.locator('button[aria-busy=true]', { hasText: 'Answer' }).waitFor();
  await until('the call is held on its way', () => held.length > 0);
  held.shift()?.();
  await scene.agentIs(scene.agent(1), 'free of the offer', ({ contacts }) => contacts.length === 0);
  declined.hangUp();
  await desk.page.getByRole('radio', { name: 'Available' }).click();
  await scene.agentIs(scene.agent(1), 'ready again', ({ readiness }) => readiness.ready);
  const customer = await (await scene.caller()).call(scene.number);
  await desk.button('Answer').click();
  await until('the call is held on its way', () => held.length > 0);
  held.shift()?.();
  await customer.answered();
  await Promise.all([desk.hears(callerToneHz), customer.sound.ear.hears(deskToneHz, { forMs: 500 })]);
});

test('[CAR-03] a page that closes is no device any more', async () => {
  const scene = await world().scene({ staffed: false });
  const desk = await staffedDesk(scene);
  await desk.page.close();
  await scene.agentIs(scene.agent(1), 'without a phone', ({ readiness }) => !readiness.ready);
});

test('[CTL-04] what came of a contact and a note are written by key, and a note that was not saved is kept at the end', async () => {
  const dispositions = [
    { code: 'sold', label: 'Sold' },
    { code: 'info', label: 'Gave information' },
  ];
  const scene = await world().scene({
    staffed: false,
    queue: {
      wrapUp: { mode: 'timed', seconds: 600 },
      dispositions,
      screenPopUrl: 'https://crm.example/find?p={callerPhone}',
    },
  });
  const desk = await staffedDesk(scene);
  const caller = await scene.caller();
  const customer = await caller.call(scene.number);
  await desk.button('Answer').waitFor();
  const page = await desk.page.getByRole('link', { name: "Open the customer's page" }).getAttribute('href');
  expect(page).toMatch(/^https:\/\/crm\.example\/find\?p=%2B420777\d{6}$/);
  await desk.page.keyboard.press('a');
  await customer.answered();
  const field = desk.page.getByRole('textbox', { name: 'Note' });
  await field.waitFor();
  await desk.page.keyboard.press('n');
  await desk.page.keyboard.type('Asked about the invoice');
  await desk.page.keyboard.press('Control+Enter');
  await desk.page.getByText('Asked about the invoice').waitFor();
  await desk.page.keyboard.type('Pays on Friday');
  await desk.page.keyboard.press('Escape');
  await desk.page.keyboard.press('e');
  await customer.ended();
  // Wrap-up asks once for a disposition that is missing.
  await desk.page.getByRole('timer').waitFor();
  await desk.page.keyboard.press('w');
  await desk.page.getByText('Choose a disposition').waitFor();
  await desk.page.keyboard.press('r');
  await desk.page.keyboard.press('ArrowDown');
  await desk.page.getByText('Choose a disposition').waitFor({ state: 'detached' });
  await desk.button('Finish wrap-up').click();
  const contact = await scene.lastContact();
  expect(contact.disposition).toEqual(dispositions[1]);
  const notes = contact.timeline.flatMap((fact) => (fact.type === 'note.added' ? [fact.data.text] : []));
  expect(notes).toEqual(['Asked about the invoice', 'Pays on Friday']);
});

test('[CTL-02] a customer is sent to a colleague who is found by name, by keyboard alone', async () => {
  const scene = await world().scene({ staffed: false, agents: 2 });
  const desk = await staffedDesk(scene);
  const customer = await (await scene.caller()).call(scene.number);
  await desk.button('Answer').waitFor();
  await desk.page.keyboard.press('a');
  await customer.answered();
  const colleague = scene.agent(2);
  await scene.staff(colleague);
  await desk.button('Transfer').waitFor();
  await desk.page.keyboard.press('t');
  await desk.page.getByRole('combobox').and(desk.page.locator(':focus')).waitFor();
  await desk.page.keyboard.type(colleague.username);
  await desk.page.getByRole('option', { name: colleague.username }).getByText('Free').waitFor();
  await desk.page.keyboard.press('Enter');
  const call = await colleague.phone.nextCall();
  call.answer();
  await customer.sound.ear.hears(850, { forMs: 500 });
  customer.hangUp();
  await call.ended();
});

test('[CTL-02] Enter sends a customer to nobody while the list is that of other words, and says first that a colleague is absent', async () => {
  const scene = await world().scene({ staffed: false, agents: 3 });
  const desk = await staffedDesk(scene);
  const customer = await (await scene.caller()).call(scene.number);
  await desk.button('Answer').click();
  await customer.answered();
  const [there, absent] = [scene.agent(2), scene.agent(3)];
  await scene.staff(there);
  await scene.staff(absent);
  await world().api.setStatus(absent.username, 'offline');
  const answers = Promise.withResolvers<void>();
  await desk.page.route(
    (url) => url.pathname.endsWith('/directory') && Boolean(url.searchParams.get('search')),
    async (route) => {
      await answers.promise;
      await route.continue();
    },
  );
  await desk.button('Transfer').click();
  await desk.page.getByRole('combobox').and(desk.page.locator(':focus')).waitFor();
  await desk.page.getByRole('option', { name: there.username }).waitFor();
  await desk.page.keyboard.type('Somebody else');
  await desk.page.keyboard.press('Enter');
  expect(await desk.button('Send at once').isDisabled()).toBe(true);
  answers.resolve();
  await desk.page.getByRole('combobox').fill(absent.username);
  const dialog = desk.page.getByRole('dialog');
  await dialog.getByRole('status').getByText('Offline: ').waitFor();
  await desk.page.keyboard.press('Enter');
  (await absent.phone.nextCall()).reject(603);
  const call = await there.phone.nextCall();
  call.answer();
  await customer.sound.ear.hears(850, { forMs: 500 });
  customer.hangUp();
  await call.ended();
});

test('[CTL-01] the desk calls an extension, and its own telephone takes the call by itself', async () => {
  const scene = await world().scene({ staffed: false, agents: 2 });
  const colleague = scene.agent(2);
  const extension = world().freshExtension();
  await world().api.apply({
    agents: [
      {
        username: colleague.username,
        name: colleague.username,
        extension,
        sip: { password: colleague.sipPassword },
      },
    ],
  });
  const desk = await staffedDesk(scene);
  await scene.staff(colleague);
  await desk.page.keyboard.press('c');
  await desk.page.keyboard.type(`${extension.slice(0, 2)} ${extension.slice(2)}`);
  await desk.page.keyboard.press('Enter');
  const call = await colleague.phone.nextCall();
  call.answer();
  await call.sound.ear.hears(deskToneHz, { forMs: 500 });
  await desk.page.keyboard.press('e');
  await call.ended();
});
