/**
 * `npm run screenshots -w @crosspoint/e2e`: a picture of every screen in both themes, 1280 and 1920 pixels wide, into
 * the folder `screenshots/` (which git ignores). Calls are going on, so that the screens have something to show.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ConsoleWindow, launchChromium } from './browser/index.ts';
import { busyCentre } from './busy-centre.ts';
import { checkoutDir } from './product/index.ts';
import { places } from './places.ts';
import { World } from './world.ts';

const folder = join(checkoutDir, 'screenshots');
const sizes = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
];
const themes = ['light', 'dark'] as const;

const world = await World.start();
const browser = await launchChromium();
try {
  mkdirSync(folder, { recursive: true });
  const contactId = await busyCentre(world);
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
