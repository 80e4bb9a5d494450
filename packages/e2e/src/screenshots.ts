/**
 * `npm run screenshots -w @crosspoint/e2e`: a picture of every screen in both themes, 1280 and 1920 pixels wide, into
 * the folder `screenshots/` (which git ignores). Calls are going on, so that the screens have something to show.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ConsoleWindow, launchChromium } from './browser/index.ts';
import { checkoutDir } from './product/index.ts';
import { until } from './wait.ts';
import { type Scene, World } from './world.ts';

const folder = join(checkoutDir, 'screenshots');
const sizes = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
];
const themes = ['light', 'dark'] as const;

const places = [
  '/supervisor/dashboard',
  '/supervisor/queues',
  '/supervisor/active-calls',
  '/supervisor/agents',
  '/wallboard',
  '/operations/queues',
  '/operations/queues/new',
  '/operations/callbacks',
  '/operations/recordings',
  '/contacts',
  '/admin/users',
  '/admin/numbers',
  '/admin/trunks',
  '/admin/trunks/new',
  '/admin/security',
  '/admin/keys',
  '/admin/audit',
  '/admin/system',
  '/profile',
  '/desk',
];

/** A finished and recorded call, one going on, one on hold and three that wait. */
async function setTheScene(world: World): Promise<string> {
  const busy = await world.scene({ agents: 4, queue: { name: 'Support' } });
  const first = await busy.connect({ agent: 1 });
  await first.customer.sound.ear.hears('sound', { forMs: 4_000, timeoutMs: 10_000 });
  first.customer.hangUp();
  await first.agent.ended();
  const contact = await busy.lastContact();
  for (const agent of busy.agents) agent.phone.onCall = (call) => call.answer();
  const calls = [await call(busy), await call(busy)];
  await calls[0]?.sound.ear.hears('sound');
  const waiting = await world.scene({ staffed: false, queue: { name: 'Sales' } });
  for (let index = 0; index < 3; index += 1) await call(waiting);
  await until('three waiting callers', async () => (await waiting.stats()).waiting === 3);
  return contact.id;
}

async function call(scene: Scene) {
  const made = await (await scene.caller()).call(scene.number);
  await made.answered();
  return made;
}

const world = await World.start();
const browser = await launchChromium();
try {
  mkdirSync(folder, { recursive: true });
  const contactId = await setTheScene(world);
  const queueId = (await world.api.queues())[0]?.id;
  const userId = (await world.api.liveAgents())[0]?.id;
  const details = [`/contacts/${contactId}`, `/operations/queues/${queueId}`, `/admin/users/${userId}`];
  for (const theme of themes) {
    for (const size of sizes) {
      const opened = await ConsoleWindow.open(browser, world.product, { ...size, theme });
      const shoot = async (path: string): Promise<void> => {
        await opened.page.waitForLoadState('networkidle');
        const name = path
          .replace(/[0-9a-f-]{36}/, 'detail')
          .slice(1)
          .replaceAll('/', '-');
        await opened.page.screenshot({ path: join(folder, `${name}-${theme}-${size.width}.png`) });
      };
      await opened.goTo('/login');
      await shoot('/login');
      await opened.login();
      for (const path of [...places, ...details]) {
        await opened.goTo(path);
        await shoot(path);
      }
      if (opened.errors.length > 0) console.log(`${theme} ${size.width}:`, opened.errors);
      await opened.close();
    }
  }
  console.log(`The pictures are in ${folder}.`);
} finally {
  await browser.close();
  await world.stop();
}
