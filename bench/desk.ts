/**
 * The desk in Chromium: how long its first load takes and how much script it is, how long the board takes, and how soon
 * a change of status and an offer are on the screen. `npm run bench -- desk [--samples 30]`
 */
import { parseArgs } from 'node:util';
import { AgentDesk, ConsoleWindow, launchPhoneChromium, World } from '@crosspoint/e2e';
import { percentile, printFigure } from './figures.ts';

const { values } = parseArgs({ options: { samples: { type: 'string', default: '30' } } });
const samples = Number(values.samples);
const loads = 5;

/** In the page: when an element whose text matches came, by the clock of this machine. */
declare const appeared: { watch(selector: string, text: string): Promise<number> };
/** In a page that loads: when the desk was there, watched from the beginning. */
declare const deskAppeared: Promise<number>;
const watcher = `globalThis.appeared = {
  watch: (selector, text) => new Promise((resolve) => {
    const isThere = () => [...document.querySelectorAll(selector)].some((found) => found.textContent.includes(text));
    const look = () => { if (!isThere()) return; observer.disconnect(); resolve(Date.now()); };
    const observer = new MutationObserver(look);
    observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
    look();
  }),
};`;

const world = await World.start();
const browser = await launchPhoneChromium();
try {
  const { product, api } = world;
  const scene = await world.scene({ staffed: false });
  const agent = scene.agent(1);

  const loadMs: number[] = [];
  let scriptBytes = 0;
  const window = await ConsoleWindow.open(browser, product);
  await window.login(agent.username, agent.password);
  await window.page.addInitScript({
    content: `${watcher} globalThis.deskAppeared = appeared.watch('[role=radio]', 'Available');`,
  });
  const browserItself = await window.page.context().newCDPSession(window.page);
  for (let index = 0; index < loads; index++) {
    await browserItself.send('Network.clearBrowserCache');
    await window.goTo('/desk');
    const load = await window.page.evaluate(async () => {
      const at = await deskAppeared;
      const scripts = performance
        .getEntriesByType('resource')
        .filter((entry): entry is PerformanceResourceTiming => 'initiatorType' in entry)
        .filter(({ name, initiatorType }) => /\.js(\?|$)/.test(name) || initiatorType === 'script');
      const bytes = scripts.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);
      return { at, bytes, began: performance.timeOrigin };
    });
    scriptBytes = load.bytes;
    loadMs.push(load.at - load.began);
  }
  await window.close();
  console.log(`${loads} first loads of the desk, then ${samples} changes and offers`);
  printFigure('first load of the desk, median', percentile(loadMs, 0.5), 'ms', 'wanted: under 1000');
  printFigure('script of the desk, compressed', scriptBytes / 1000, 'kB', 'wanted: under 180');

  const supervisor = await ConsoleWindow.open(browser, product);
  await supervisor.login();
  const boardMs: number[] = [];
  for (let index = 0; index < loads; index++) {
    const begunAtMs = performance.now();
    await supervisor.goTo('/supervisor/dashboard');
    await supervisor.page.getByRole('heading', { name: 'Board' }).waitFor();
    boardMs.push(performance.now() - begunAtMs);
  }
  await supervisor.close();
  printFigure('board after opening the address, worst', Math.max(...boardMs), 'ms', 'wanted: under 2000');

  const desk = await AgentDesk.open(browser, product, agent);
  await desk.page.evaluate(watcher);
  await desk.switchOn();
  const { id: agentId } = await api.liveAgent(agent.username);
  const changesMs: number[] = [];
  for (let index = 0; index < samples; index++) {
    const status = index % 2 === 0 ? 'break' : 'available';
    const seen = desk.page.evaluate(
      (name) => appeared.watch('[role=radio][aria-checked=true]', name),
      status === 'break' ? 'Break' : 'Available',
    );
    const asked = Date.now();
    await api.request('PUT', `/agents/${agentId}/status`, { status });
    changesMs.push((await seen) - asked);
  }
  const offersMs: number[] = [];
  const caller = await scene.caller();
  for (let index = 0; index < samples; index++) {
    const seen = desk.page.evaluate(() => appeared.watch('button', 'Answer'));
    const call = await caller.call(scene.number);
    const at = await seen;
    const contact = await api.newestContact(scene.number);
    const made = contact?.timeline.find(({ type }) => type === 'offer.made');
    offersMs.push(at - Date.parse(made?.at ?? ''));
    call.hangUp();
    await scene.agentIs(agent, 'free again', ({ readiness }) => readiness.ready);
    // The button of this offer is not to be taken for that of the next one.
    await desk.page.getByRole('button', { name: 'Answer' }).waitFor({ state: 'detached' });
  }
  for (const [what, delays] of [
    ['change of status', changesMs],
    ['offer', offersMs],
  ] as const) {
    printFigure(`${what} on the screen, p50`, percentile(delays, 0.5), 'ms');
    printFigure(`${what} on the screen, worst`, Math.max(...delays), 'ms', 'wanted: under 100');
  }
} finally {
  await browser.close();
  await world.stop();
}
