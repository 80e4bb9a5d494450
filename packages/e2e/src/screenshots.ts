/**
 * `npm run screenshots -w @crosspoint/e2e`: a picture of every screen in both themes, 1280 and 1920 pixels wide, into
 * the folder `screenshots/` (which git ignores). Calls are going on, so that the screens have something to show. Words after
 * `--` choose the pictures whose names contain one of them, such as `alerts`, `dark` or `1280`. `es` or `cs` as the first
 * word makes them in Spanish or Czech.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { ConsoleWindow, launchChromium } from './browser/index.ts';
import { busyCentre } from './busy-centre.ts';
import { type Furnished, furnish } from './furnished.ts';
import { places } from './places.ts';
import { checkoutDir } from './product/index.ts';
import { World } from './world.ts';

const folder = join(checkoutDir, 'screenshots');
const sizes = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
];
const themes = ['light', 'dark'] as const;
/** A machine that does many other things takes this long to be done with a page. */
const quietWithinMs = 60_000;
const [first = '', ...others] = process.argv.slice(2);
const language = ['es', 'cs'].includes(first) ? first : 'en';
const words = language === 'en' && first !== '' ? [first, ...others] : others;
const isWanted = (picture: string): boolean =>
  words.length === 0 || words.some((word) => picture.includes(word));

/** A picture: its page, and what is done on it before. */
interface View {
  name: string;
  path: string;
  before?: (page: Page) => Promise<void>;
}

const nameOf = (path: string): string =>
  path
    .replace(/[0-9a-f-]{36}/, 'detail')
    .slice(1)
    .replaceAll(/[/?&=]+/g, '-');
const press = (name: string) => (page: Page) => page.getByRole('button', { name }).first().click();
const choose = (name: string) => (page: Page) =>
  page.locator('label', { has: page.getByRole('radio', { name }) }).click();

async function viewsOf(world: World, contactId: string, { pages }: Furnished): Promise<View[]> {
  const queueId = (await world.api.queues())[0]?.id;
  const userId = (await world.api.liveAgents())[0]?.id;
  const details = [
    `/contacts/${contactId}`,
    `/operations/queues/${queueId}`,
    `/supervisor/queues/${queueId}`,
    `/admin/users/${userId}`,
  ];
  const builder = pages['flow-builder'] ?? '';
  return [
    ...[...places, ...details].map((path) => ({ name: nameOf(path), path })),
    ...Object.entries(pages).map(([name, path]) => ({ name, path })),
    { name: 'flow-versions', path: builder, before: choose('Versions') },
    { name: 'flow-figures', path: builder, before: choose('Figures') },
    { name: 'alert-rule', path: '/supervisor/alerts/rules', before: press('New rule') },
    { name: 'alert-target', path: '/admin/notifications', before: press('New target') },
  ];
}

const world = await World.start();
const browser = await launchChromium();
try {
  mkdirSync(folder, { recursive: true });
  const contactId = await busyCentre(world);
  const furnished = await furnish(world);
  await world.api.request('PATCH', '/auth/me', { language });
  // What is pressed before a picture is found by its English name.
  const views = (await viewsOf(world, contactId, furnished)).filter(
    ({ before }) => language === 'en' || before === undefined,
  );
  for (const theme of themes) {
    for (const size of sizes) {
      const suffix = `${theme}-${size.width}${language === 'en' ? '' : `-${language}`}`;
      const opened = await ConsoleWindow.open(browser, world.product, { ...size, theme, language });
      const shoot = async ({ name, path, before }: View): Promise<void> => {
        if (!isWanted(`${name}-${suffix}`)) return;
        await opened.goTo(path);
        await opened.page.waitForLoadState('networkidle', { timeout: quietWithinMs });
        await before?.(opened.page);
        await opened.page.waitForFunction(() => document.querySelector('.skeleton') === null);
        await opened.page.screenshot({ path: join(folder, `${name}-${suffix}.png`) });
      };
      await shoot({ name: 'login', path: '/login' });
      await shoot({
        ...{ name: 'login-second-factor', path: '/login' },
        before: async (page) => {
          await page.locator('input[name=username]').fill(furnished.guarded.username);
          await page.locator('input[name=password]').fill(furnished.guarded.password);
          await page.locator('button[type=submit]').click();
          await page.locator('input[autocomplete=one-time-code]').waitFor();
        },
      });
      await opened.login();
      for (const view of views) await shoot(view);
      if (opened.errors.length > 0) console.log(`${suffix}:`, opened.errors);
      await opened.close();
    }
  }
  console.log(`The pictures are in ${folder}.`);
} finally {
  await browser.close();
  await world.stop();
}
